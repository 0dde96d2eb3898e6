"""The cines and clips among DICOM files, each with its files, for a database that offers them to be loaded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from medvos.cine.dicom_choice import Choice
from medvos.cine.dicom_contents import contents_of
from medvos.cine.dicom_files import Header, images_among
from medvos.cine.dicom_frames import frame_count
from medvos.cine.dicom_groups import Group
from medvos.cine.dicom_slices import Slice
from medvos.cine.dicom_stills import loop_of
from medvos.cine.dicom_views import SHORT_AXIS_COSINE, choose_stack, long_axis_cosine
from medvos.cine.privacy import identifiers_in, without
from medvos.errors import InputError

# Fewer images of one place are no film of a beat.
FEWEST_PHASES = 8


class View(StrEnum):
    """What a cine shows of the heart."""

    SHORT_AXIS = "short axis"
    LONG_AXIS = "long axis"
    CLIP = "ultrasound clip"


@dataclass(frozen=True)
class Offer:
    """One cine or clip that can be read.

    Attributes
    ----------
    view: what it shows.
    files: its DICOM files, to be given to `medvos.cine.read.read_files`.
    series: the numbers of its series, the lowest first. description: that of its first series, without names.
    slices, phases: how many; a clip has one slice and frames.
    is_heart: geometry and timing, or a heart rate of a clip, say that it is a heart.
    is_other: another stack of the same view is preferred.
    """

    view: View
    files: tuple[Path, ...]
    series: tuple[int, ...]
    description: str
    slices: int
    phases: int
    is_heart: bool
    is_other: bool = False


def offers_in(files: Iterable[Path]) -> list[Offer]:
    """Return the cines and clips among DICOM files of any number of examinations, short-axis stacks first.

    What shows no beating heart, or cannot be read, is passed over. A cine of MRI must state the time within the beat,
    so that films of joints and vessels are no cines; of an ultrasound clip nothing more is asked.

    >>> [offer.view for offer in offers_in(Path("patient1").rglob("*.dcm"))]  # doctest: +SKIP
    [<View.SHORT_AXIS: 'short axis'>, <View.LONG_AXIS: 'long axis'>, <View.LONG_AXIS: 'long axis'>]
    """
    try:
        headers = images_among(sorted(files)).headers
    except InputError:
        return []
    examinations: dict[str, list[Header]] = defaultdict(list)
    for header in headers:
        examinations[str(header.data.get("StudyInstanceUID") or "")].append(header)
    offers = [offer for found in examinations.values() for offer in _of_examination(found)]
    return sorted(offers, key=lambda offer: list(View).index(offer.view))


def _of_examination(headers: Sequence[Header]) -> list[Offer]:
    names = identifiers_in(header.data for header in headers)
    resonance = [header for header in headers if str(header.data.get("Modality") or "") == "MR"]
    ultrasound = [header for header in headers if str(header.data.get("Modality") or "") == "US"]
    return [*_cines(resonance, names), *_clips(ultrasound, names)]


def _cines(headers: Sequence[Header], names: frozenset[str]) -> list[Offer]:
    """Return the short-axis stacks, the preferred first, and the long-axis cines."""
    if not headers:
        return []
    try:
        groups = contents_of(headers).groups
        # Only what is filmed within the beat, so that no other film is preferred.
        groups = tuple(group for group in groups if not group.why_not and _is_film_of_a_beat(group.slices))
        choice = choose_stack(groups)
    except InputError:
        return []
    offers = _short_axes(choice, names)
    taken = {file for offer in offers for file in offer.files}
    for group in groups:
        # Views in one file with the stack cannot be given apart from it.
        if not any(frame.path in taken for slice_ in group.slices for frame in slice_.frames) and not _is_short_axis(
            group.slices
        ):
            offers.append(_offer(View.LONG_AXIS, group.slices, names))
    return offers


def _short_axes(choice: Choice, names: frozenset[str]) -> list[Offer]:
    stacks = [choice.stack, *(stack.slices for stack in choice.others)]
    found = [slices for slices in stacks if _is_short_axis(slices)]
    return [_offer(View.SHORT_AXIS, slices, names, is_other=slices is not found[0]) for slices in found]


def _is_short_axis(slices: Sequence[Slice]) -> bool:
    return long_axis_cosine(slices[0]) >= SHORT_AXIS_COSINE


def _is_film_of_a_beat(slices: Sequence[Slice]) -> bool:
    """Whether a slice has the phases of a beat, and its images state their time in it."""
    return any(
        len(slice_.frames) >= FEWEST_PHASES and any(frame.trigger or frame.interval for frame in slice_.frames)
        for slice_ in slices
    )


def _offer(view: View, slices: Sequence[Slice], names: frozenset[str], *, is_other: bool = False) -> Offer:
    group = Group(tuple(slices))
    return Offer(
        view,
        tuple(sorted({frame.path for slice_ in slices for frame in slice_.frames})),
        tuple(sorted({slice_.first.series_number for slice_ in slices})),
        without(names, group.first.first.description),
        len(slices),
        group.phases,
        is_heart=True,
        is_other=is_other,
    )


def _clips(headers: Sequence[Header], names: frozenset[str]) -> list[Offer]:
    """Return each multi-frame file, and each series whose files are the frames of one loop."""
    offers = []
    stills: dict[str, list[Header]] = defaultdict(list)
    for header in headers:
        count = frame_count(header)
        if count >= FEWEST_PHASES:
            offers.append(_clip_of([header], count, names))
        elif count == 1:
            stills[str(header.data.get("SeriesInstanceUID") or "")].append(header)
    for series in stills.values():
        if len(series) >= FEWEST_PHASES and _is_loop(series):
            offers.append(_clip_of(series, len(series), names))
    return offers


def _is_loop(stills: Sequence[Header]) -> bool:
    try:
        return loop_of(stills, "") is not None
    except InputError:
        return False


def _clip_of(headers: Sequence[Header], frames: int, names: frozenset[str]) -> Offer:
    data = headers[0].data
    return Offer(
        View.CLIP,
        tuple(header.path for header in headers),
        (int(data.get("SeriesNumber") or 0),),
        without(names, str(data.get("SeriesDescription") or "")),
        1,
        frames,
        is_heart=float(data.get("HeartRate") or 0) > 0,
    )
