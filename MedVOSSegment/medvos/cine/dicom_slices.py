"""Gather frames into slices: one place, one kind of image, in one series, its phases in the order of time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.dicom_frames import Frame
from medvos.cine.dicom_order import InTime, in_time
from medvos.cine.geometry import normal_of, sort_along_normal
from medvos.errors import InputError

SAME_PLACE_MM = 0.5
# First-pass perfusion and relaxation maps image one place once in a beat, a cine many times.
LONGEST_BEAT_MS = 4000.0
ONCE_A_BEAT_MS = 350.0
_JITTER = 0.1


@dataclass(frozen=True, eq=False)
class Slice:
    """One place in one series. `found` are its images in the order of time, or `trouble` says why they have none."""

    found: InTime
    trouble: str = ""

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Its images in the order of time."""
        return self.found.frames

    @property
    def first(self) -> Frame:
        """The frame of the first phase; its geometry is the slice's."""
        return self.frames[0]

    @property
    def position(self) -> NDArray[np.float64]:
        """Centre of the first voxel (3,) in LPS, mm."""
        return self.first.position

    @property
    def normal(self) -> NDArray[np.float64]:
        """Unit normal (3,) in LPS."""
        return normal_of(self.first.orientation)

    @property
    def triggers(self) -> NDArray[np.float64] | None:
        """(T,) ms since the R wave or the first image, or None where they are unknown."""
        return self.found.times

    @property
    def no_cine_because(self) -> str:
        """Why this place was not imaged at several phases of a beat, '' where it was or nothing tells."""
        if len(self.frames) < 2:
            return "it has one phase only"
        times = self.triggers
        if times is not None and _once_a_beat(times):
            return "its images span many heart beats, as perfusion does"
        return ""

    @property
    def taken_once_a_beat(self) -> bool:
        """Whether, without trigger times that differ, the clock says that a beat or more lay between its images."""
        for clock in ("content_time", "acquisition_time"):
            seconds = sorted(getattr(frame, clock) for frame in self.frames if getattr(frame, clock) is not None)
            if len(seconds) == len(self.frames) > 2 and 1000 * float(np.median(np.diff(seconds))) > ONCE_A_BEAT_MS:
                return True
        return False


def slices_of(frames: Sequence[Frame]) -> list[Slice]:
    """Return every slice of every series and kind of image.

    A slice whose order nothing tells has its frames as they come and the refusal in `trouble`.
    """
    slices = []
    for group in _groups(frames):
        places = _places(group)
        slices += [_slice(place, usual, len(places) > 1) for usual, place in places]
    return slices


def _slice(frames: list[Frame], usual: int | None, positions_differ: bool) -> Slice:
    locations = {round(frame.location) for frame in frames if frame.location is not None}
    # Where the positions of a series are right, SliceLocation may count its images, or be anything else.
    if not positions_differ and len(locations) > 1 and max(locations) - min(locations) > 2:
        several = (
            f"{len(frames)} images of {frames[0].series_name} have one ImagePositionPatient and several "
            "SliceLocations: export them anew with the position of each."
        )
        return Slice(InTime(tuple(frames), None, ""), several)
    try:
        return Slice(in_time(frames, usual))
    except InputError as error:
        return Slice(InTime(tuple(frames), None, ""), str(error))


def _groups(frames: Sequence[Frame]) -> list[list[Frame]]:
    groups: dict[tuple, list[Frame]] = defaultdict(list)
    for frame in frames:
        groups[(*group_key(frame), *np.round(frame.orientation, 2) + 0.0)].append(frame)
    return list(groups.values())


def group_key(frame: Frame) -> tuple:
    """What images share that can be phases of one slice."""
    protocol = frame.protocol
    times = (protocol.echo_time, protocol.inversion_time)
    return (
        frame.series,
        frame.kind,
        frame.shape,
        frame.echo,
        *(None if ms is None else round(ms, 1) for ms in times),
    )


def _places(group: list[Frame]) -> list[tuple[int | None, list[Frame]]]:
    """The frames at each place, with how many the places usually have."""
    normal = normal_of(group[0].orientation)
    ordered = sort_along_normal(group, normal)
    distances = np.array([frame.position @ normal for frame in ordered])
    # Positions may jitter by a part of the thickness.
    apart = max(SAME_PLACE_MM, _JITTER * (group[0].protocol.thickness or 0.0))
    cuts = np.flatnonzero(np.diff(distances) > apart) + 1
    places = [list(part) for part in np.split(np.array(ordered, object), cuts)]
    counts = Counter(map(len, places))
    # Of equals the smaller: the other was acquired twice.
    usual = max(counts, key=lambda count: (counts[count], -count)) if len(places) > 1 else None
    return [(usual, place) for place in places]


def _once_a_beat(times: NDArray[np.float64]) -> bool:
    step = float(np.median(np.diff(np.sort(times))))
    return step > ONCE_A_BEAT_MS and (len(times) > 3 or float(np.ptp(times)) > LONGEST_BEAT_MS)
