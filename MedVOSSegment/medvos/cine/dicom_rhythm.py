"""The frame times of an ultrasound file, held against its heart rate and the beats that the images show."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.clip import FrameArray
from medvos.cine.dicom_values import number
from medvos.cine.seen_beat import beat_in_frames
from medvos.cine.timing import BEATS_PER_MINUTE, PLAUSIBLE_STEP_MS
from medvos.errors import InputError

ASSUMED_STEP_MS = 33.0
# A heart rate is a mean over some beats before the clip: more than this factor apart, one of the two is wrong.
AGREE = 1.3
# Times are wrong by whole factors: fields for frames, a clip played at another rate than it was filmed, s for ms.
FACTORS = (2.0, 0.5, 3.0, 1 / 3, 4.0, 0.25)
NEAR = 1.2
RESTING = (35.0, 200.0)  # beats a minute that need no other evidence
DISPLAY_RATE = "RecommendedDisplayFrameRate"
DIFFERENT = 1.5  # factor between two stated steps from which the images decide
BEATS = 2.5  # that are looked at
MOST = 400  # frames

Images = Callable[[], Iterator[FrameArray | None]]


@dataclass(frozen=True)
class Rhythm:
    """`times` (T,) of the frames in ms from the first, `heart_rate` that the file states, and notes."""

    times: NDArray[np.float64]
    heart_rate: float | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Stated:
    """Times (T,) in ms by one attribute, and its name."""

    name: str
    times: NDArray[np.float64]

    @property
    def step(self) -> float:
        return float(self.times[-1]) / max(len(self.times) - 1, 1)

    def rate(self, beat: int) -> float:
        """Beats a minute if one lasts so many frames."""
        return 60_000 / (beat * self.step)


def rhythm_of(data: Any, frames: int, images: Images) -> Rhythm:
    """Return the times of the frames of an ultrasound file, or evenly spaced assumed ones.

    Of several statements the one counts by which the beats in the images agree with the stated heart rate; where none
    agrees but all are wrong by a whole factor, the times are corrected by it.

    Parameters
    ----------
    data: the header. frames: their number. images: reads them, which is done where statements are to be compared.
    """
    rate = number(data.get("HeartRate"))
    rate = rate if rate is not None and BEATS_PER_MINUTE[0] <= rate <= BEATS_PER_MINUTE[1] else None
    stated, notes = _stated(data, frames)
    if not stated:
        note = (
            f"The clip does not say its frame rate: {ASSUMED_STEP_MS:g} ms between frames were assumed, so rates, ED, "
            "ES and EF may be wrong."
        )
        return Rhythm(np.arange(frames, dtype=np.float64) * ASSUMED_STEP_MS, rate, (*notes, note))
    first = stated[0]
    beat = _beat(images, stated, rate)
    if beat is None:
        return Rhythm(first.times, rate, notes)
    if rate is None:
        return _without_rate(first, stated, beat, notes)
    if _near(first.rate(beat), rate, AGREE):
        return Rhythm(first.times, rate, (*notes, *_hardly_possible(first, beat, rate)))
    said = (
        f"By {first.name} the beats in the images follow each other {first.rate(beat):.0f} times a minute, and the "
        f"file states a heart rate of {rate:.0f}"
    )
    agreeing = [one for one in stated if _near(one.rate(beat), rate, AGREE)]
    if agreeing:
        note = f"{said}, which agrees with {agreeing[0].name}: the frame times are those of {agreeing[0].name}."
        return Rhythm(agreeing[0].times, rate, (*notes, note))
    factor = min(FACTORS, key=lambda one: abs(math.log(first.rate(beat) / one / rate)))
    if _near(first.rate(beat) / factor, rate, NEAR):
        how = f"{1 / factor:g} times too long" if factor < 1 else f"{factor:g} times too short"
        note = f"{said}: the frame times are {how} and were corrected, so that times and rates are approximate."
        return Rhythm(first.times * factor, rate, (*notes, note))
    return Rhythm(first.times, rate, (*notes, f"{said}: it is not known which of the two is right."))


def at_usual_rate(clip: Cine) -> Cine:
    """Return a clip of a file without times, which was taken for one beat, with those of a usual frame rate.

    >>> at_usual_rate(clip).times[1]
    33.0
    """
    times = np.arange(clip.shape[0], dtype=np.float64) * ASSUMED_STEP_MS
    notes = (f"The file does not say its frame rate: {ASSUMED_STEP_MS:g} ms between frames were assumed.",)
    source = replace(clip.source, notes=notes, heart_rate=None)
    return replace(clip, times=times, period=len(times) * ASSUMED_STEP_MS, source=source)


def _without_rate(first: _Stated, stated: list[_Stated], beat: int, notes: tuple[str, ...]) -> Rhythm:
    """Of statements that differ, the first by which the heart beats at a plausible rate."""
    plausible = [one for one in stated if RESTING[0] <= one.rate(beat) <= RESTING[1]]
    if not plausible:
        note = (
            f"By {first.name} the heart beats {first.rate(beat):.0f} times a minute, and the file states no heart "
            "rate: the frame times may be wrong, and with them rates, ED, ES and EF."
        )
        return Rhythm(first.times, None, (*notes, note))
    if plausible[0] is first:
        return Rhythm(first.times, None, (*notes, *_contradicted(first, plausible, beat)))
    note = (
        f"By {first.name} the heart would beat {first.rate(beat):.0f} times a minute, by {plausible[0].name} "
        f"{plausible[0].rate(beat):.0f} times: the frame times are those of {plausible[0].name}."
    )
    return Rhythm(plausible[0].times, None, (*notes, note))


def _hardly_possible(first: _Stated, beat: int, rate: float) -> list[str]:
    """Say where times and heart rate agree on what few hearts do: both may come from one wrong clock."""
    if RESTING[0] <= first.rate(beat) <= RESTING[1]:
        return []
    return [
        f"By {first.name} the heart beats {first.rate(beat):.0f} times a minute, and the file states a heart rate of "
        f"{rate:.0f}, which few hearts have: the frame times may be wrong, and with them rates, ED, ES "
        "and EF."
    ]


def _contradicted(first: _Stated, plausible: list[_Stated], beat: int) -> list[str]:
    """Name a statement by which the heart beats plausibly too, but at another rate.

    The rate of display is none: a clip is often played slower than it was filmed.
    """
    for other in plausible:
        if other.name != DISPLAY_RATE and not _near(first.step, other.step, DIFFERENT):
            return [
                f"By {first.name} the heart beats {first.rate(beat):.0f} times a minute, by {other.name} "
                f"{other.rate(beat):.0f} times, and the file states no heart rate: the frame times are those of "
                f"{first.name} and may be wrong, and with them rates, ED, ES and EF."
            ]
    return []


def _beat(images: Images, stated: list[_Stated], rate: float | None) -> int | None:
    """Frames of one beat in the images; None where it cannot be seen, or the images cannot be read."""
    shortest = min(one.step for one in stated) / 2
    enough = math.ceil(BEATS * 60_000 / (rate or RESTING[0]) / shortest)
    try:
        return beat_in_frames(islice(images(), min(enough, MOST)))
    except InputError:  # is raised again when the frames are read
        return None


def _stated(data: Any, frames: int) -> tuple[list[_Stated], tuple[str, ...]]:
    """All statements of the file about its frame times, the first preferred, and notes on their unit."""
    found = []
    vector = data.get("FrameTimeVector")
    if vector is not None and np.size(vector) in (frames, frames - 1) and np.size(vector) > 1:
        # The first element is the time before the first frame, 0 by the standard; some programs leave it out.
        steps = np.asarray(vector, float)[np.size(vector) - frames + 1 :]
        if len(steps) > 2 and (np.diff(steps) > 0).all() and steps[-1] > 3 * steps[1]:
            steps = np.diff(steps, prepend=0.0)  # times from the first frame, in place of steps
        if len(steps) and (steps > 0).all():
            found.append(_Stated("FrameTimeVector", np.concatenate([[0.0], np.cumsum(steps)])))
    rates = {name: number(data.get(name)) for name in ("CineRate", DISPLAY_RATE)}
    seconds = number(data.get("EffectiveDuration"))
    steps_by_name = {
        "FrameTime": number(data.get("FrameTime")),
        **{name: 1000 / rate if rate else None for name, rate in rates.items()},
        "ActualFrameDuration": number(data.get("ActualFrameDuration")),
        "EffectiveDuration": 1000 * seconds / frames if seconds else None,
    }
    even = np.arange(frames, dtype=np.float64)
    found += [_Stated(name, even * step) for name, step in steps_by_name.items() if step is not None and step > 0]
    low, high = PLAUSIBLE_STEP_MS
    plausible = [one for one in found if low <= one.step <= high]
    if found and not plausible and low <= 1000 * found[0].step <= high:
        note = f"{found[0].name} is {found[0].step:g} ms a frame, which no scanner reaches: it was taken as seconds."
        return [_Stated(found[0].name, 1000 * found[0].times)], (note,)
    return plausible, ()


def _near(one: float, other: float, factor: float) -> bool:
    return 1 / factor <= one / other <= factor
