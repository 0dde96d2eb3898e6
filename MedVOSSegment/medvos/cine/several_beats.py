"""Cut one beat out of a cine that shows several, and tell times that contradict the header.

Propagation goes once around one beat (`medvos.propagation`): several beats taken for one would give a heart rate of a
third and mix systole with diastole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.common_phases import SlicePhases
from medvos.cine.image_evidence import beat_length, distances, middle_of

_SEVERAL = 1.5
_FEW_VALUES = 8
_AGREES = 0.2
# Frames between the length of a beat by the header and by the images.
_SAME_BEAT = 0.8
# The header's beat against the phases' length, above which it leaves a pause that prospective gating would have.
_LONGER = 1.3
# The step from the last image to the first against the largest other step.
_CLOSED = 1.1
# Of a grown person at rest: 35 to 160 beats a minute.
_LIKELY_BEAT_MS = (375.0, 1700.0)


@dataclass(frozen=True)
class Beat:
    """One beat of each slice: its times in `phases`, the indices (T,) of its images in `kept`.

    `notes` are sentences for the user; `rate_known` is False where header and times contradict each other.
    """

    phases: tuple[SlicePhases, ...]
    kept: tuple[NDArray[np.int_], ...]
    notes: tuple[str, ...]
    rate_known: bool


def one_beat(slices: Sequence[SlicePhases], images: Sequence[NDArray[np.float32]]) -> Beat:
    """Return the first whole beat of each slice, or all of its phases where it shows one.

    `images` are the (T, Y, X) images of each slice. The header's length of a beat counts where the images repeat
    themselves after it.

    >>> one_beat([phases], [images]).notes
    ('The cine shows 3.0 beats: the first one of 759 ms was used, with 20 phases.',)
    """
    middle = [k for k in middle_of(len(slices)) if len(slices[k]) > 2]
    frames = _repeats_after([images[k] for k in middle])
    if frames is not None:
        return _first_of_several(slices, images, frames)
    everything = tuple(np.arange(len(slice_)) for slice_ in slices)
    closed = bool(middle) and 2 * sum(_closes(images[k]) for k in middle) > len(middle)
    phases, note = _agreed([slices[k] for k in middle], slices, closed)
    return Beat(phases, everything, (note,) if note else (), not note)


def first_beat_of(cine: Cine) -> Cine:
    """Return a cine whose slices were filmed together, cut to its first beat where it shows several.

    Labels are left whole. So is a cine of one slice, which may be an echo clip or its uncertainty, with a note.
    """
    if np.unique(cine.array[0]).size <= _FEW_VALUES:
        return cine
    phases = [SlicePhases(cine.times, np.arange(1.0, len(cine.times) + 1), None)] * cine.shape[1]
    beat = one_beat(phases, [cine.array[:, z] for z in range(cine.shape[1])])
    count = round(float(np.median([len(kept) for kept in beat.kept])))  # the first slice may hold no heart
    if count == cine.shape[0]:
        return cine
    if cine.shape[1] == 1:
        note = (
            f"The cine shows {cine.shape[0] / count:.1f} beats: all were taken for one, so its heart rate is not known."
        )
        return replace(cine, source=replace(cine.source, notes=(*cine.source.notes, note), heart_rate=None))
    period = float(cine.times[count] - cine.times[0])
    rate = None if cine.source.heart_rate is None else 60_000.0 / period
    source = replace(cine.source, notes=(*cine.source.notes, *beat.notes), heart_rate=rate)
    return replace(cine, array=cine.array[:count], times=cine.times[:count], period=period, source=source)


def _repeats_after(images: Sequence[NDArray[np.float32]]) -> float | None:
    """After how many images the heart looks the same again, None where it does so in few of the slices."""
    lengths = [length for film in images if (length := beat_length(distances(film))) is not None]
    return float(np.median(lengths)) if lengths and 2 * len(lengths) >= len(images) else None


def _first_of_several(slices: Sequence[SlicePhases], images: Sequence[NDArray[np.float32]], frames: float) -> Beat:
    # Each slice by its own beat where that is seen: breath-holds differ in heart rate and in how many beats they hold.
    own = [beat_length(distances(film)) for film in images]
    near = [length if length and abs(length / frames - 1) < _AGREES else frames for length in own]
    phases, kept = zip(*(_cut(slice_, length) for slice_, length in zip(slices, near, strict=True)), strict=True)
    beats = float(np.median([len(slice_) / len(one) for slice_, one in zip(slices, kept, strict=True)]))
    lengths = [slice_.interval for slice_ in phases if slice_.interval is not None]
    ms = f" of {np.median(lengths):.0f} ms" if lengths else ""
    count = float(np.median([len(one) for one in kept]))
    notes = [f"The cine shows {beats:.1f} beats: the first one{ms} was used, with {count:.0f} phases."]
    if len(slices) > 1 and any(slice_.triggers is None for slice_ in phases):
        notes.append("Nothing tells when in the beat each slice begins: all were taken to begin at the same moment.")
    return Beat(phases, kept, tuple(notes), True)


def _cut(slice_: SlicePhases, count: float) -> tuple[SlicePhases, NDArray[np.int_]]:
    """The first beat of a slice whose images repeat themselves after `count` of them."""
    triggers, interval = slice_.triggers, slice_.interval
    kept = np.arange(min(round(count), len(slice_)))
    if triggers is not None:
        step = float(np.median(np.diff(triggers)))
        stated = np.flatnonzero(triggers < triggers[0] + (interval or 0.0) - step / 4)
        if abs(len(stated) - count) < _SAME_BEAT:
            kept = stated
        elif len(kept) < len(triggers):
            interval = float(triggers[len(kept)] - triggers[0])
    return SlicePhases(None if triggers is None else triggers[kept], slice_.instances[kept], interval), kept


def _agreed(
    middle: Sequence[SlicePhases], slices: Sequence[SlicePhases], closed: bool
) -> tuple[tuple[SlicePhases, ...], str]:
    """Phases of one beat whose times and header agree, and what was used where they do not."""
    known = [(length, slice_.interval) for slice_ in middle if slice_.interval and (length := _length(slice_))]
    if not known:
        return tuple(slices), ""
    length, interval = (float(np.median(values)) for values in zip(*known, strict=True))
    if length < _SEVERAL * interval and (not closed or interval < _LONGER * length):
        return tuple(slices), ""
    low, high = _LIKELY_BEAT_MS
    said = (
        f"The times of the phases last {length:.0f} ms, the header's beat {interval:.0f} ms, and the images show one "
        "whole beat"
    )
    if low <= length <= high:
        note = f"{said}: the times were used, and the heart rate is not known."
        return tuple(replace(slice_, interval=None) for slice_ in slices), note
    scaled = tuple(
        slice_ if slice_.triggers is None else replace(slice_, triggers=slice_.triggers * (interval / length))
        for slice_ in slices
    )
    return scaled, f"{said}: the times were scaled to the header's, and the heart rate is not known."


def _closes(images: NDArray[np.float32]) -> bool:
    """Whether the last image is followed by the first, as round a whole beat."""
    between = distances(images)
    return bool(between[0, -1] <= _CLOSED * np.diagonal(between, 1).max())


def _length(slice_: SlicePhases) -> float | None:
    """How long all images last in ms, the step after the last included."""
    if slice_.triggers is None or len(slice_) < 3:
        return None
    return float(np.ptp(slice_.triggers) + np.median(np.diff(slice_.triggers)))
