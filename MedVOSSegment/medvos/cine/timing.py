"""Phase times for files that give only a step, or nothing, or the wrong unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

ASSUMED_PERIOD_MS = 1000.0
# Between a mouse heart at 500 frames per second and a human one shown at ED and ES only.
PLAUSIBLE_STEP_MS = (1.5, 700.0)
BEATS_PER_MINUTE = (15.0, 350.0)
MS_PER_UNIT = {"s": 1000.0, "sec": 1000.0, "ms": 1.0, "msec": 1.0, "us": 1e-3, "usec": 1e-3}


@dataclass(frozen=True)
class Timing:
    """`times` (T,) ms from the first phase, `period` ms of one beat, whether the file states it, and notes.

    `stated_rate` is the heart rate in beats per minute where the file states it apart from the period.
    """

    times: NDArray[np.float64]
    period: float
    known: bool
    notes: tuple[str, ...] = ()
    stated_rate: float | None = None

    @property
    def heart_rate(self) -> float | None:
        """Beats per minute, or None where the file does not state the beat's length."""
        if not self.known:
            return None
        return 60_000.0 / self.period if self.stated_rate is None else self.stated_rate


def uniform(phases: int, period: float, known: bool, *notes: str) -> Timing:
    """Return `phases` evenly spaced phases over one beat of `period` ms."""
    return Timing(np.arange(phases, dtype=np.float64) * (period / phases), period, known, notes)


def from_step(phases: int, step: float, unit: str) -> Timing:
    """Return the timing from the step between phases in `unit`; an implausible step is converted or replaced."""
    return of_a_beat(_stepped(phases, step, unit))


def stated_step(step: float, unit: str) -> float | None:
    """Return the step between phases in ms, None where none that is plausible is stated.

    >>> stated_step(0.03, "s")
    30.0
    """
    timing = _stepped(1, step, unit)
    return timing.period if timing.known else None


def _stepped(phases: int, step: float, unit: str) -> Timing:
    low, high = PLAUSIBLE_STEP_MS
    declared = MS_PER_UNIT.get(unit)
    if declared and low <= step * declared <= high:
        return uniform(phases, step * declared * phases, True)
    # A second is never a plausible step, so at most one of the two readings fits.
    for factor, name in ((1.0, "ms"), (1000.0, "s")):
        if low <= step * factor <= high and step > 0:
            note = f"The phase step of {step:g} has no usable unit and was taken as {name}."
            return uniform(phases, step * factor * phases, True, note)
    return unknown(phases)


def from_values(values: Sequence[float], unit: str) -> Timing:
    """Return the timing from one time per phase, such as those of a Slicer sequence."""
    phases = len(values)
    times = np.asarray(values, float)
    steps = np.diff(times)
    ordinal = np.array_equal(steps, np.ones(phases - 1)) and unit not in MS_PER_UNIT
    if phases < 2 or not np.isfinite(times).all() or (steps <= 0).any() or ordinal:
        return unknown(phases)
    guess = _stepped(phases, float(np.median(steps)), unit)
    if not guess.known:
        return guess
    scale = guess.period / phases / float(np.median(steps))
    times = (times - times[0]) * scale
    return of_a_beat(Timing(times, float(times[-1] + np.median(steps) * scale), True, guess.notes))


def of_a_beat(timing: Timing) -> Timing:
    """Return the timing, without a heart rate where the phases last longer or shorter than any beat."""
    low, high = BEATS_PER_MINUTE
    if not timing.known or low <= 60_000.0 / timing.period <= high:
        return timing
    note = (
        f"The phases last {timing.period:.0f} ms in all, which is not one heart beat: the time step is wrong or they "
        "are a part of one, so the heart rate is not known."
    )
    return replace(timing, known=False, notes=(*timing.notes, note))


def unknown(phases: int) -> Timing:
    """Evenly spaced phases over an assumed beat of one second."""
    note = "The file does not say how long the beat is: 1000 ms was assumed, so times and cardiac output are not real."
    return uniform(phases, ASSUMED_PERIOD_MS, False, note)
