"""What is there: the images of an examination in groups, each with the reason why it is no cine, or none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from medvos.cine.dicom_kinds import ANATOMICAL
from medvos.cine.dicom_pixels import PixelReader
from medvos.cine.dicom_slices import SAME_PLACE_MM, Slice, group_key
from medvos.cine.image_evidence import STEADY_BRIGHTNESS, brightness_change, distances, roughness, sudden_steps

# `roughness` of images in the order of a beating heart.
BEATING = 0.62
# Of a series measured with several inversion or echo times.
_SEVERAL = 3
_SHORTEST_STEP_MS = 8.0  # between phases of a cine
_SLICES = 2  # sudden steps, of which a beat has fewer


@dataclass(frozen=True, eq=False)
class Group:
    """Images of one series, kind and view.

    `slices` are its places, `why_not` is why they are no cine, or not read; '' where they may be the cine.
    """

    slices: tuple[Slice, ...]
    why_not: str = ""

    @property
    def first(self) -> Slice:
        """The first slice."""
        return self.slices[0]

    @property
    def series(self) -> str:
        """What tells its series from others."""
        return self.first.first.series

    @property
    def kind(self) -> str:
        """What the images show."""
        return self.first.first.kind

    @property
    def shows(self) -> str:
        """What its images show, with the number of a later echo."""
        frame = self.first.first
        return self.kind + (f", echo {frame.echo:g}" if frame.echo > 1 else "")

    @property
    def images(self) -> int:
        """How many images it has, those left out of a slice that was acquired twice not counted."""
        return sum(len(slice_.frames) for slice_ in self.slices)

    @property
    def phases(self) -> int:
        """How many phases most of its slices have."""
        counts = [len(slice_.frames) for slice_ in self.slices]
        return max(set(counts), key=lambda count: (counts.count(count), count))

    @property
    def name(self) -> str:
        """The series in messages, with the kind of image where it is not the magnitude."""
        return self.first.first.series_name


def groups_of(slices: Iterable[Slice]) -> list[Group]:
    """Return the groups of `slices`, in the order of their series' numbers, each judged whether it may be the cine."""
    found: dict[tuple, list[Slice]] = defaultdict(list)
    for slice_ in slices:
        found[(*group_key(slice_.first), *np.round(slice_.first.orientation, 2) + 0.0)].append(slice_)
    groups = [Group(tuple(slices)) for slices in found.values()]
    groups = _judged_beside_each_other([replace(group, why_not=_why_not(group)) for group in groups])
    return sorted(groups, key=lambda group: (group.first.first.series_number, group.name))


def _why_not(group: Group) -> str:
    if group.kind not in ANATOMICAL:
        return f"it shows the {group.kind}, not the magnitude"
    reasons = [slice_.no_cine_because for slice_ in group.slices]
    if all(reasons):
        return max(set(reasons), key=reasons.count)
    return _changes_brightness(group)


def _changes_brightness(group: Group) -> str:
    """Look at the images of the middle slice: whether one kind of tissue comes and goes, or many beats are shown."""
    filmed = [slice_ for slice_ in group.slices if len(slice_.frames) > 1 and not slice_.trouble]
    same_trigger = [
        slice_
        for slice_ in filmed
        if slice_.triggers is None
        and len({frame.trigger for frame in slice_.frames}) == 1
        and (slice_.first.trigger or slice_.taken_once_a_beat)
    ]
    suspect = same_trigger or [slice_ for slice_ in filmed if _may_be_no_beat(slice_)]
    if not suspect:
        return ""
    slice_ = suspect[len(suspect) // 2]
    ordered = bool(same_trigger) and slice_.taken_once_a_beat and bool(slice_.first.trigger)
    images = PixelReader().read(slice_.frames)
    # Several slices at one place differ in brightness too, from each to the next.
    if brightness_change(images) > STEADY_BRIGHTNESS and sudden_steps(distances(images)) < _SLICES:
        protocol = group.first.first.protocol.other_than_cine or "perfusion or a relaxation map"
        return f"its brightness changes from image to image, as that of {protocol} does"
    rough = roughness(distances(images)) if ordered else 0.0
    if rough is None or rough > BEATING:
        return "its images show one moment of many heart beats"
    return ""


def _may_be_no_beat(slice_: Slice) -> bool:
    """Whether times are missing, or are not those of phases of a beat."""
    protocol = slice_.first.protocol
    if slice_.triggers is None or protocol.inversion_time:
        return True
    return float(np.median(np.diff(slice_.triggers))) < _SHORTEST_STEP_MS


def _judged_beside_each_other(groups: Sequence[Group]) -> list[Group]:
    """Of several kinds, echoes or inversion times at the same places of one series, the best may be the cine."""
    families: dict[tuple, list[Group]] = defaultdict(list)
    for group in groups:
        frame = group.first.first
        families[(group.series, frame.shape, *np.round(frame.orientation, 2) + 0.0)].append(group)
    judged: list[Group] = []
    for family in families.values():
        maps = _maps(family)
        best = min(family, key=_preference)
        for group in family:
            if maps and not group.why_not.startswith("it shows"):
                group = replace(group, why_not=maps)
            elif group is not best and not group.why_not and _share_places(group, best):
                used = best.kind if best.kind != group.kind else "earlier echo"
                group = replace(group, why_not=f"its {used} images were used")
            judged.append(group)
    return judged


def _preference(group: Group) -> tuple:
    protocol = group.first.first.protocol
    known = ANATOMICAL.index(group.kind) if group.kind in ANATOMICAL else len(ANATOMICAL)
    return bool(group.why_not), known, group.first.first.echo, protocol.echo_time or 0.0


def _maps(family: Sequence[Group]) -> str:
    """Why a series measured with several inversion or echo times is no cine, '' where it may be one."""
    for what, times in (
        ("inversion times", {group.first.first.protocol.inversion_time for group in family}),
        ("echo times", {group.first.first.protocol.echo_time for group in family}),
    ):
        few_phases = all(group.phases < _SEVERAL for group in family)
        if len(times - {None}) >= _SEVERAL and (few_phases or what == "inversion times"):
            return f"its images have several {what}, as a map of T1 or T2 has"
    return ""


def _share_places(a: Group, b: Group) -> bool:
    """Whether most slices of a group lie among those of another, and do not continue them."""
    places = np.array([slice_.position for slice_ in b.slices])
    gaps = np.diff(np.sort(places @ b.first.normal))
    gaps = gaps[gaps > 2 * SAME_PLACE_MM]
    near = max(2 * SAME_PLACE_MM, float(np.median(gaps)) / 2) if len(gaps) else 2 * SAME_PLACE_MM
    return bool(np.mean([np.linalg.norm(places - slice_.position, axis=1).min() < near for slice_ in a.slices]) > 0.5)
