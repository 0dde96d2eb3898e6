"""Read the images of each slice of a stack, and let them tell what headers do not: order, polarity, one beat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from medvos.cine.common_phases import SlicePhases
from medvos.cine.dicom_frames import Frame
from medvos.cine.dicom_order import other_orders
from medvos.cine.dicom_pixels import PixelReader
from medvos.cine.dicom_repeats import when
from medvos.cine.dicom_slices import Slice
from medvos.cine.dicom_twice import last_passes
from medvos.cine.image_evidence import beat_length, distances, likeness, roughness, sudden_steps
from medvos.cine.phase_order import ROUGH, SMOOTH, right_order
from medvos.cine.several_beats import one_beat
from medvos.errors import InputError

RANDOM = 0.8  # `roughness` of images in no order
# Images of one place and moment are repeats where they are alike, else of another kind.
_ALIKE = 0.85
# So many sudden steps are more than a beat has.
_JUMPS = 2


@dataclass(frozen=True, eq=False)
class Film:
    """One slice: its `frames` in the order of time, their `phases`, and their `images` (T, Y, X)."""

    frames: tuple[Frame, ...]
    phases: SlicePhases
    images: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Films:
    """The films of a stack, notes on what was not taken as it is, and whether the heart rate is beyond doubt."""

    films: tuple[Film, ...]
    notes: tuple[str, ...]
    rate_known: bool


def read_films(slices: Sequence[Slice]) -> Films:
    """Read the images of `slices`: one beat of each, with blood bright.

    Raises InputError where the images are in no order of a beating heart, or of several kinds.
    """
    reader = PixelReader()
    images = [reader.read(slice_.frames) for slice_ in slices]
    inverted = _blood_bright(slices, images)
    for slice_, read in zip(slices, images, strict=True):
        _check_one_kind(slice_, read, reader)
    films = [Film(slice_.frames, _phases(slice_), read) for slice_, read in zip(slices, images, strict=True)]
    notes = [note for slice_ in slices for note in slice_.found.notes]
    films, running = _from_own_start(slices, films)
    notes += running
    films, twice = _last_passes(slices, films)
    notes += twice
    _check_one_place(films)
    films, more = _in_order_of_a_beat(films)
    beat = one_beat([film.phases for film in films], [film.images for film in films])
    films = [_kept(*one) for one in zip(films, beat.phases, beat.kept, strict=True)]
    notes = list(dict.fromkeys([*notes, *more, *beat.notes, *inverted]))
    return Films(tuple(films), tuple(notes), beat.rate_known)


def _last_passes(slices: Sequence[Slice], films: list[Film]) -> tuple[list[Film], list[str]]:
    kept, note = last_passes(slices, [film.images for film in films])
    cut = [_kept(film, _some(film.phases, indices), indices) for film, indices in zip(films, kept, strict=True)]
    return cut, [note] if note else []


def _some(phases: SlicePhases, kept: NDArray[np.int_]) -> SlicePhases:
    """Phases of which some are kept, counted from the first of these."""
    if len(kept) == len(phases):
        return phases
    triggers = None if phases.triggers is None else phases.triggers[kept] - phases.triggers[kept[0]]
    return SlicePhases(triggers, phases.instances[kept], phases.interval)


def _kept(film: Film, phases: SlicePhases, kept: NDArray[np.int_]) -> Film:
    if len(kept) == len(film.frames):
        return replace(film, phases=phases)
    return Film(tuple(film.frames[t] for t in kept), phases, film.images[kept])


def _phases(slice_: Slice) -> SlicePhases:
    intervals = [frame.interval for frame in slice_.frames if frame.interval is not None]
    instances = np.array([frame.order[2] or frame.order[3] + 1 for frame in slice_.frames])
    return SlicePhases(slice_.triggers, instances, float(np.median(intervals)) if intervals else None)


def _check_one_kind(slice_: Slice, images: NDArray[np.float32], reader: PixelReader) -> None:
    """Refuse images at one place and time that are not alike: nothing tells which of them is the magnitude."""
    pairs = [
        (images[t], images[t + 1])
        for t, (one, other) in enumerate(pairwise(slice_.frames))
        if one.trigger is not None and one.trigger == other.trigger
    ]
    for frame in slice_.found.doubled[:1]:
        nearest = int(np.argmin([abs((other.trigger or 0) - (frame.trigger or 0)) for other in slice_.frames]))
        pairs.append((reader.read([frame])[0], images[nearest]))
    if pairs and min(likeness(*pair) for pair in pairs) < _ALIKE:
        frame = slice_.first
        raise InputError(
            f"Images of {frame.series_name} at one place and time differ: they are of several kinds (such as magnitude "
            "and phase), or a breath-hold that failed was acquired more than once, and nothing tells which to take; "
            "give the magnitude images of one acquisition."
        )


def _from_own_start(slices: Sequence[Slice], films: list[Film]) -> tuple[list[Film], list[str]]:
    """Count times from each slice's own start where they run on evenly from one acquired slice to the next."""
    order = sorted(range(len(slices)), key=lambda z: when(slices[z]))
    times = [triggers for z in order if (triggers := films[z].phases.triggers) is not None]
    # By the header, since the times of a slice that begins after a whole beat were counted anew already.
    steps = np.diff([slices[z].first.trigger or 0.0 for z in order])
    if len(times) < len(films) or len(steps) < 3 or steps.min() <= 0:
        return films, []
    usual, phase = float(np.median(steps)), float(np.median(np.diff(times[0])))
    if np.abs(steps / usual - 1).max() > 0.1 or usual < 1.5 * phase:
        return films, []
    name = films[0].frames[0].series_name
    note = f"The TriggerTime of {name} runs on from slice to slice: it was counted anew in each."
    begun = [
        film
        if film.phases.triggers is None
        else replace(film, phases=replace(film.phases, triggers=film.phases.triggers - film.phases.triggers[0]))
        for film in films
    ]
    return begun, [note]


def _check_one_place(films: Sequence[Film]) -> None:
    """Refuse several slices at one position: from each to the next the images differ as much as any two of them."""
    if len(films) > 1:
        return
    if sudden_steps(distances(films[0].images)) >= _JUMPS:
        raise InputError(
            f"The {len(films[0].images)} images of {films[0].frames[0].series_name} have one position, and they show "
            "several slices: ImagePositionPatient is the same for all; export them anew with the position of each."
        )


def _in_order_of_a_beat(films: list[Film]) -> tuple[list[Film], list[str]]:
    """Hold the order against the images, and take another one that the headers tell where it fits, or refuse."""
    orders = right_order([film.images for film in films], [film.phases.instances for film in films])
    if orders is not None:
        return _by_number(films, orders)
    rough = [_roughness(film) for film in films]
    known = [value for value in rough if value is not None]
    if not known or max(known) < ROUGH:
        return films, []
    ordered, notes = [], []
    for z, (film, value) in enumerate(zip(films, rough, strict=True)):
        if value is None or value < ROUGH:
            ordered.append(film)
            continue
        better = _smoothest(film)
        inner = 0 < z < len(films) - 1  # the outermost slices may hold no heart
        if better is None and float(np.median(known)) >= ROUGH:
            raise InputError(
                f"The images of {film.frames[0].series_name} are not in the order of a beating heart, or of several "
                "kinds (such as magnitude and phase): export the magnitude images, with TriggerTime or "
                "InstanceNumber in the order of time."
            )
        if better is not None:
            film, name = better
            notes.append(
                f"The order of the phases of {film.frames[0].series_name} was taken from {name}: by the others the "
                "heart would not beat."
            )
        elif inner and value >= RANDOM:
            notes.append(
                f"Slice {z + 1} (counted from 1) changes from phase to phase as if they were in no order: look at it."
            )
        ordered.append(film)
    return ordered, notes


def _by_number(films: list[Film], orders: Sequence[NDArray[np.int_]]) -> tuple[list[Film], list[str]]:
    """Put images in the order of numbers that were sorted as text."""
    ordered = []
    for film, right in zip(films, orders, strict=True):
        phases = replace(film.phases, triggers=None)  # they belong to the other order
        ordered.append(Film(tuple(film.frames[t] for t in right), phases, film.images[right]))
    note = (
        f"The phases of {films[0].frames[0].series_name} were numbered in the order in which text sorts numbers (1, "
        "10, 11, 2): by the images they were put in the order of the numbers."
    )
    return ordered, [note]


def _roughness(film: Film) -> float | None:
    """None also where the images repeat themselves: neighbours differ much with few phases in each of several beats."""
    between = distances(film.images)
    return None if beat_length(between) is not None else roughness(between)


def _smoothest(film: Film) -> tuple[Film, str] | None:
    at = {id(frame): t for t, frame in enumerate(film.frames)}
    for name, frames in other_orders(film.frames):
        order = np.array([at[id(frame)] for frame in frames])
        value = roughness(distances(film.images[order]))
        if value is not None and value < SMOOTH:
            phases = SlicePhases(None, film.phases.instances[order], film.phases.interval)
            return Film(tuple(frames), phases, film.images[order]), name
    return None


def _blood_bright(slices: Sequence[Slice], images: Sequence[NDArray[np.float32]]) -> list[str]:
    """Invert, in place, the images in which the largest value is black."""
    inverted = [(slice_, film) for slice_, film in zip(slices, images, strict=True) if _whites(slice_).any()]
    if not inverted:
        return []
    for slice_, film in inverted:
        turned = _whites(slice_)
        white = np.array([frame.white or 0.0 for frame in slice_.frames], np.float32)[:, None, None]
        film[turned] = (white - film)[turned]
    if len(inverted) == len(images) and all(_whites(slice_).all() for slice_ in slices):
        # Bits that no value needs would lift all images far above 0.
        lowest = min(float(film.min()) for film in images)
        for film in images:
            film -= lowest
    how = "MONOCHROME1 or INVERSE"
    return [f"The images are stored inverted ({how}): they were inverted back, so that blood is bright."]


def _whites(slice_: Slice) -> NDArray[np.bool_]:
    return np.array([frame.white is not None for frame in slice_.frames])
