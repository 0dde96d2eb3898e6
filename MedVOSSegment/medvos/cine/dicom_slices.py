"""Frames gathered into slices: one position in one series, its phases in the order of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.dicom_frames import Frame
from medvos.cine.geometry import normal_of

SAME_PLACE_MM = 0.5
# First-pass perfusion and relaxation maps also image one place many times, over many beats.
LONGEST_CINE_MS = 4000.0


@dataclass(frozen=True, eq=False)
class Slice:
    """One place of one series. `frames` are in the order of time; `timed` says whether trigger times gave it."""

    frames: tuple[Frame, ...]
    timed: bool

    @property
    def first(self) -> Frame:
        """The frame of the first phase; its geometry is the slice's."""
        return self.frames[0]

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
        """Whether this place was imaged at several phases of one beat."""
        if len(self.frames) < 2:
            return False
        triggers = self.triggers
        return triggers is None or float(np.ptp(triggers)) <= LONGEST_CINE_MS


def slices_of(frames: Sequence[Frame]) -> tuple[list[Slice], list[str]]:
    """Every slice of every series, and notes on frames that were imaged twice."""
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
        group.sort(key=lambda frame: float(frame.position @ normal))
        distances = np.array([frame.position @ normal for frame in group])
        cuts = np.flatnonzero(np.diff(distances) > SAME_PLACE_MM) + 1
        places += [list(part) for part in np.split(np.array(group, object), cuts)]
    return places


def _in_time(frames: list[Frame]) -> tuple[list[Frame], bool, str]:
    """Frames of one place in the order of time: by trigger time where it tells them apart, else as acquired."""
    acquired = sorted(frames, key=lambda frame: frame.order)
    if any(frame.trigger is None for frame in frames):
        return acquired, False, ""
    triggers = {frame.trigger for frame in frames}
    if len(triggers) == 1:
        return acquired, False, ""
    once = _last_pass(acquired)
    # In the order of acquisition the last frame of each trigger time stays.
    latest = {frame.trigger: frame for frame in once}
    note = ""
    if len(latest) < len(frames):
        note = f"In {frames[0].series_name} a slice was acquired more than once: the last one was taken."
    return [latest[trigger] for trigger in sorted(latest, key=lambda value: value or 0.0)], True, note


def _last_pass(acquired: list[Frame]) -> list[Frame]:
    """Of several acquisitions of the same part of the beat the last of the longest: breath-holds must not mix."""
    passes: dict[float, list[Frame]] = defaultdict(list)
    for frame in acquired:
        passes[frame.order[1]].append(frame)
    ranges = [(min(times), max(times)) for one in passes.values() if (times := [f.trigger or 0.0 for f in one])]
    overlap = min(last for _, last in ranges) - max(first for first, _ in ranges)
    if len(passes) < 2 or overlap <= 0.5 * max(last - first for first, last in ranges):
        return acquired
    longest = max(passes, key=lambda number: (len(passes[number]), number))
    return passes[longest]
