"""Group frames into slices: one position in one series, its phases in the order of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.dicom_frames import Frame
from medvos.cine.geometry import normal_of, sort_along_normal

SAME_PLACE_MM = 0.5
# First-pass perfusion and relaxation maps also image one position many times, over many beats.
LONGEST_CINE_MS = 4000.0


@dataclass(frozen=True, eq=False)
class Slice:
    """One position in one series. `frames` are in the order of time; `timed` is True where trigger times gave it."""

    frames: tuple[Frame, ...]
    timed: bool

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
        """(T,) ms since the R wave, or None where they are unknown."""
        return np.array([frame.trigger for frame in self.frames], float) if self.timed else None

    @property
    def is_cine(self) -> bool:
        """Whether this position was imaged at several phases of one beat."""
        if len(self.frames) < 2:
            return False
        triggers = self.triggers
        return triggers is None or float(np.ptp(triggers)) <= LONGEST_CINE_MS


def slices_of(frames: Sequence[Frame]) -> tuple[list[Slice], list[str]]:
    """Return every slice of every series, and notes on slices that were acquired more than once."""
    notes: list[str] = []
    slices = []
    for places in _by_place(frames):
        ordered, timed, note = _in_time(places)
        slices.append(Slice(tuple(ordered), timed))
        if note and note not in notes:
            notes.append(note)
    return slices, notes


def _by_place(frames: Sequence[Frame]) -> list[list[Frame]]:
    groups: dict[tuple, list[Frame]] = defaultdict(list)
    for frame in frames:
        key = (frame.series, frame.shape, *np.round(frame.orientation, 2))
        groups[key].append(frame)
    places = []
    for group in groups.values():
        normal = normal_of(group[0].orientation)
        ordered = sort_along_normal(group, normal)
        distances = np.array([frame.position @ normal for frame in ordered])
        cuts = np.flatnonzero(np.diff(distances) > SAME_PLACE_MM) + 1
        places += [list(part) for part in np.split(np.array(ordered, object), cuts)]
    return places


def _in_time(frames: list[Frame]) -> tuple[list[Frame], bool, str]:
    """Order the frames of one position in time: by trigger time where it differs between them, else as acquired."""
    acquired = sorted(frames, key=lambda frame: frame.order)
    if any(frame.trigger is None for frame in frames):
        return acquired, False, ""
    triggers = {frame.trigger for frame in frames}
    if len(triggers) == 1:
        return acquired, False, ""
    once = _last_pass(acquired)
    # In the order of acquisition, the last frame of each trigger time is kept.
    latest = {frame.trigger: frame for frame in once}
    note = ""
    if len(latest) < len(frames):
        note = f"In {frames[0].series_name} a slice was acquired more than once: the last one was taken."
    return [latest[trigger] for trigger in sorted(latest, key=lambda value: value or 0.0)], True, note


def _last_pass(acquired: list[Frame]) -> list[Frame]:
    """Of a slice acquired in several breath-holds keep the longest one (the last of equals); never mix them."""
    passes: dict[float, list[Frame]] = defaultdict(list)
    for frame in acquired:
        passes[frame.order[1]].append(frame)
    ranges = [(min(times), max(times)) for frames in passes.values() if (times := [f.trigger or 0.0 for f in frames])]
    overlap = min(last for _, last in ranges) - max(first for first, _ in ranges)
    if len(passes) < 2 or overlap <= 0.5 * max(last - first for first, last in ranges):
        return acquired
    longest = max(passes, key=lambda number: (len(passes[number]), number))
    return passes[longest]
