"""Find one set of phases for slices that were acquired in different breath-holds.

Breath-holds differ in heart rate, so slices correspond by their place in the heart cycle: by phase number where all
have the same count, else by time over the length of the slice's own beat, resampled by periodic linear interpolation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.timing import Timing, of_a_beat, unknown
from medvos.errors import InputError

# A gap of a quarter beat hides end-systole; interpolating over it would invent the contraction.
LARGEST_GAP = 0.25


@dataclass(frozen=True)
class SlicePhases:
    """Times of one slice: `triggers` (T,) ms or None, `instances` (T,) numbers, `interval` ms of a beat or None."""

    triggers: NDArray[np.float64] | None
    instances: NDArray[np.float64]
    interval: float | None

    def __len__(self) -> int:
        return len(self.instances)


@dataclass(frozen=True)
class PhasePlan:
    """Timing of the cine and, per slice, None where its phases are used as they are, else weights (T, phases)."""

    timing: Timing
    weights: tuple[NDArray[np.float64] | None, ...]
    notes: tuple[str, ...]


def plan_phases(slices: Sequence[SlicePhases]) -> PhasePlan:
    """Return the common phases of all slices; slices and phases are counted from 1 in messages.

    Raises InputError where a slice has so few phases, or so little timing, that resampling would be a guess.
    """
    counts = Counter(len(slice_) for slice_ in slices)
    phases = max(counts, key=lambda count: (counts[count], count))
    complete = [slice_ for slice_ in slices if len(slice_) == phases]
    cycle = _reference_cycle(complete, phases)
    timing = _timing(complete, cycle)
    weights: list[NDArray[np.float64] | None] = []
    notes = list(timing.notes)
    for z, slice_ in enumerate(slices):
        place = _missing_place(slice_, cycle) if len(slice_) == phases else _place_in_cycle(slice_, z, cycle, complete)
        weights.append(None if place is None else periodic_weights(place, cycle))
        if place is not None:
            _check_gap(z, len(slice_), phases, place)
            why = (
                f"has {len(slice_)} phases{_where(place, cycle)} and the stack has {phases}"
                if len(slice_) != phases
                else "has uneven times, or begins elsewhere in the beat than the others"
            )
            notes.append(f"Slice {z + 1} (counted from 1) {why}: it was resampled over the heart cycle.")
    return PhasePlan(timing, tuple(weights), tuple(notes))


def periodic_weights(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights (len(target), len(source)) of linear interpolation over a cycle of length 1; `source` is increasing."""
    weights = np.zeros((len(target), len(source)))
    for row, value in zip(weights, target, strict=True):
        after = int(np.searchsorted(source, source[0] + (value - source[0]) % 1.0, side="right"))
        left, right = after - 1, after % len(source)
        width = (source[right] - source[left]) % 1.0 or 1.0
        fraction = ((value - source[left]) % 1.0) / width
        row[left] += 1 - fraction
        row[right] += fraction
    return weights


def _interval_of(slice_: SlicePhases) -> float | None:
    """Length of the slice's beat in ms: from the header where plausible, else from the steps of its phases."""
    if slice_.triggers is None:
        return None
    span = float(np.ptp(slice_.triggers))
    step = float(np.median(np.diff(slice_.triggers)))
    if slice_.interval is not None and span < slice_.interval:
        return slice_.interval
    return span + step if len(slice_) > 2 else None


def _reference_cycle(complete: Sequence[SlicePhases], phases: int) -> NDArray[np.float64]:
    """Median position (T,) of each phase in the cycle, from 0 to 1; evenly spaced where times are unknown."""
    places = [
        slice_.triggers / interval
        for slice_ in complete
        if slice_.triggers is not None and (interval := _interval_of(slice_)) is not None
    ]
    if not places:
        return np.arange(phases) / phases
    return np.median(places, axis=0)


def _timing(complete: Sequence[SlicePhases], cycle: NDArray[np.float64]) -> Timing:
    intervals = [interval for slice_ in complete if (interval := _interval_of(slice_)) is not None]
    if not intervals:
        known = [slice_.interval for slice_ in complete if slice_.interval is not None]
        if not known:
            return unknown(len(cycle))
        intervals = known
    period = float(np.median(intervals))
    return of_a_beat(Timing((cycle - cycle[0]) * period, period, True))


def _place_in_cycle(
    slice_: SlicePhases, z: int, cycle: NDArray[np.float64], complete: Sequence[SlicePhases]
) -> NDArray[np.float64]:
    """Position (phases,) in the cycle of a slice whose phase count differs from the stack's."""
    interval = _interval_of(slice_)
    if slice_.triggers is not None and interval is not None:
        return slice_.triggers / interval
    numbers = (slice_.instances - 1) % len(cycle)
    if (np.diff(numbers) > 0).all() and all(
        np.array_equal((whole.instances - 1) % len(cycle), np.arange(len(cycle))) for whole in complete
    ):
        return cycle[numbers.astype(int)]
    raise InputError(
        f"Slice {z + 1} (counted from 1) has {len(slice_)} phases, the other slices have {len(cycle)}, and nothing "
        "says which ones: add the missing images or leave out that slice."
    )


def _missing_place(slice_: SlicePhases, cycle: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """None where phases correspond by number; positions in the cycle where the slice is uneven or starts elsewhere."""
    if slice_.triggers is None or len(cycle) < 5:
        return None
    interval = _interval_of(slice_)
    steps, usual = np.diff(slice_.triggers), np.diff(cycle)
    uneven = np.abs(steps / np.median(steps) - usual / np.median(usual)).max() > 0.6
    if interval is None:
        return None
    place = slice_.triggers / interval
    return place if uneven or abs(place[0] - cycle[0]) > 1.5 / len(cycle) else None


def _check_gap(z: int, count: int, phases: int, place: NDArray[np.float64]) -> None:
    gaps = np.diff(place, append=place[0] + 1)
    if count * 2 < phases or (gaps.max() > LARGEST_GAP and phases > 4):
        raise InputError(
            f"Slice {z + 1} (counted from 1) has {count} of {phases} phases, too few to fill the rest in: "
            "add the missing images or leave out that slice."
        )


def _where(place: NDArray[np.float64], cycle: NDArray[np.float64]) -> str:
    """Which phases are missing, in words, or '' where the slice was sampled at another rate altogether."""
    near = np.abs(place[None] - cycle[:, None]) < 0.5 / len(cycle)
    missing = np.flatnonzero(~near.any(axis=1))
    if not 0 < len(missing) <= 3 or len(missing) + len(place) != len(cycle):
        return ""
    return f" (phase {', '.join(str(t + 1) for t in missing)} is missing)"
