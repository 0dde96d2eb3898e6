"""Cut one beat out of a slice that was filmed over several, and tell times that contradict the header.

Propagation goes once around one beat (`medvos.propagation`): several beats taken for one would give a heart rate of a
third and mix systole with diastole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medvos.cine.common_phases import SlicePhases
from medvos.cine.picture_evidence import beat_length, distances

_SEVERAL = 1.5
_AGREES = 0.2
# The header's beat against the phases' length, above which it leaves a pause that prospective gating would have.
_LONGER = 1.3
# The step from the last picture to the first against the largest other step.
_CLOSED = 1.1
# Of a grown person at rest: 35 to 160 beats a minute.
LIKELY_BEAT_MS = (375.0, 1700.0)


@dataclass(frozen=True)
class Cut:
    """`phases` are the times of one beat, `kept` (T,) the indices of its pictures.

    `beats` is how many the slice showed, None where it was left whole; `note` is a sentence or ''.
    """

    phases: SlicePhases
    kept: NDArray[np.int_]
    note: str = ""
    beats: float | None = None


def one_beat(slices: Sequence[SlicePhases], images: Sequence[NDArray[np.float32]]) -> list[Cut]:
    """Return for each slice its first whole beat, or all of its phases where it shows one.

    `images` are the (T, Y, X) pictures of each slice. The header's length of the beat counts where the pictures
    repeat themselves after it; where they do not, times that go on for several beats are not ms.
    """
    middle = range(len(slices) // 4, max(len(slices) - len(slices) // 4, len(slices) // 4 + 1))
    seen = [beat_length(distances(images[k])) for k in middle if len(slices[k]) > 2]
    found = [length for length in seen if length is not None]
    repeats = bool(found) and len(found) * 2 >= len(seen)
    parts = [
        frames / len(slices[k]) for k, frames in zip((k for k in middle if len(slices[k]) > 2), seen, strict=True) if frames
    ]
    usual = float(np.median(parts)) if repeats else None
    closed = [_closes(images[k]) for k in middle if len(slices[k]) > 2]
    closes = bool(closed) and sum(closed) * 2 > len(closed)
    return [_agreed(_cut(slice_, usual), closes) for slice_ in slices]


def notes_of(cuts: Sequence[Cut]) -> list[str]:
    """Return what was done, of all slices together."""
    several = [cut for cut in cuts if cut.beats is not None]
    notes = list(dict.fromkeys(cut.note for cut in cuts if cut.note))
    if not several:
        return notes
    beats = float(np.median([cut.beats for cut in several if cut.beats is not None]))
    phases = float(np.median([len(cut.kept) for cut in several]))
    lengths = [cut.phases.interval for cut in several if cut.phases.interval is not None]
    ms = f" of {np.median(lengths):.0f} ms" if lengths else ""
    slices = "" if len(several) == len(cuts) else f" in {len(several)} of {len(cuts)} slices"
    return [f"The cine shows {beats:.1f} beats{slices}: the first one{ms} was used, with {phases:.0f} phases.", *notes]


def _cut(slice_: SlicePhases, part: float | None) -> Cut:
    """One beat of a slice in which the pictures repeat themselves after `part` of its frames, None where they do not."""
    everything = np.arange(len(slice_))
    if len(slice_) < 3:
        return Cut(slice_, everything)
    length = _length(slice_)
    beats = length / slice_.interval if length and slice_.interval else None
    if part is None:
        return Cut(slice_, everything) if beats is None or beats < _SEVERAL else _other_times(slice_, everything)
    count = part * len(slice_)
    stated = len(slice_) / beats if beats and beats >= _SEVERAL else None
    if stated is not None and abs(stated / count - 1) < _AGREES:
        count = stated
    if slice_.triggers is not None and length:
        end = slice_.triggers[0] + (slice_.interval if stated == count and slice_.interval else part * length)
        kept = np.flatnonzero(slice_.triggers < end - 1e-3)
        interval = float(end - slice_.triggers[0])
        triggers: NDArray[np.float64] | None = slice_.triggers[kept]
    else:
        kept, triggers, interval = everything[: round(count)], None, slice_.interval
    return Cut(SlicePhases(triggers, slice_.instances[kept], interval), kept, beats=len(slice_) / count)


def _other_times(slice_: SlicePhases, everything: NDArray[np.int_]) -> Cut:
    """One beat in the pictures, several by the header: the times, or the header's beat where the times are no beat's."""
    assert slice_.triggers is not None and slice_.interval is not None
    length = _length(slice_) or 1.0
    low, high = LIKELY_BEAT_MS
    said = (
        f"The times of the phases last {length:.0f} ms and the header's beat {slice_.interval:.0f} ms, and the "
        "pictures show one beat"
    )
    if low <= length <= high:
        note = f"{said}: the times were used, and the heart rate is in doubt."
        return Cut(replace(slice_, interval=None), everything, note)
    note = f"{said}: the header's length was used, and the times were scaled to it."
    return Cut(replace(slice_, triggers=slice_.triggers * (slice_.interval / length)), everything, note)


def _agreed(cut: Cut, closes: bool) -> Cut:
    """Hold the header's beat against phases that go round a whole one: a longer beat has no pause to be in."""
    length, interval = _length(cut.phases), cut.phases.interval
    if not closes or not length or not interval or interval < _LONGER * length:
        return cut
    note = (
        f"The header's beat lasts {interval:.0f} ms and the phases, which go round a whole beat, {length:.0f} ms: the "
        "times were used, and the heart rate is in doubt."
    )
    return replace(cut, phases=replace(cut.phases, interval=None), note=cut.note or note)


def _closes(images: NDArray[np.float32]) -> bool:
    """Whether the last picture is followed by the first, as round a whole beat."""
    between = distances(images)
    return bool(between[0, -1] <= _CLOSED * np.diagonal(between, 1).max())


def _length(slice_: SlicePhases) -> float | None:
    """How long all pictures last in ms, the step after the last included."""
    if slice_.triggers is None or len(slice_) < 3:
        return None
    return float(np.ptp(slice_.triggers) + np.median(np.diff(slice_.triggers)))
