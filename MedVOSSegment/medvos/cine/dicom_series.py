"""Put series together that a program took apart: one for each image, or one for each phase."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from medvos.cine.dicom_frames import Frame
from medvos.cine.dicom_protocol import letters
from medvos.cine.geometry import normal_of

# Fewer series of one image, or of one phase each, may be views of a localiser, or repeated volumes.
_FEWEST_PHASES = 5
_FEWEST_PICTURES = 8


def whole_series(frames: Sequence[Frame]) -> tuple[list[Frame], list[str]]:
    """Return the frames, those of series that belong together under one name, and notes that say so."""
    frames, notes = _of_single_images(list(frames))
    frames, more = _of_single_phases(frames)
    return frames, [*notes, *more]


def _of_single_images(frames: list[Frame]) -> tuple[list[Frame], list[str]]:
    """Anonymisers may make up a SeriesInstanceUID for every file."""
    by_series = _by(frames, lambda frame: frame.series)
    single = {id(found[0]) for found in by_series.values() if len(found) == 1}
    notes: list[str] = []
    alike = _by([frame for frame in frames if id(frame) in single], lambda frame: (frame.series_number, _look(frame)))
    renamed: dict[int, Frame] = {}
    for (number, _), found in alike.items():
        if len(found) >= _FEWEST_PICTURES and _several_at_one_place(found):
            renamed |= {id(frame): replace(frame, series=f"{number}/{found[0].description}") for frame in found}
            notes.append(
                f"The {len(found)} images of {found[0].series_name} have a SeriesInstanceUID each: they were taken "
                "as one series for their number, description and geometry."
            )
    return [renamed.get(id(frame), frame) for frame in frames], notes


def _of_single_phases(frames: list[Frame]) -> tuple[list[Frame], list[str]]:
    """Exports of sequences and some archives make every phase a series of its own."""
    by_series = _by(frames, lambda frame: frame.series)
    alike: dict[tuple, list[list[Frame]]] = defaultdict(list)
    for found in by_series.values():
        if len({_look(frame) for frame in found}) == 1 and not _several_at_one_place(found):
            alike[_look(found[0]), _places(found)].append(found)
    renamed: dict[int, Frame] = {}
    merged: list[int] = []
    timed = True
    notes = []
    for family in alike.values():
        if len(family) < _FEWEST_PHASES:
            continue
        numbers = [found[0].series_number for found in family]
        numbered = len(set(numbers)) == len(numbers)
        first = min((found[0] for found in family), key=lambda frame: frame.series_number)
        for found in family:
            for frame in found:
                # The series' number stands for the phase where the images tell none.
                own = frame.order[0] or (frame.series_number if numbered else 0)
                renamed[id(frame)] = replace(
                    frame, series=f"phases/{first.series}", order=(float(own), *frame.order[1:])
                )
        merged += numbers
        triggers = {found[0].trigger for found in family}
        timed = timed and len(triggers) == len(family) and None not in triggers
    if merged:
        order = "TriggerTime" if timed else "SeriesNumber, where the images tell none"
        notes.append(
            f"{len(merged)} series ({min(merged)} to {max(merged)}) have one phase each: they were put together, in "
            f"the order of {order}."
        )
    return [renamed.get(id(frame), frame) for frame in frames], notes


def _by(frames: Sequence[Frame], key: Callable[[Frame], object]) -> dict:
    groups: dict = defaultdict(list)
    for frame in frames:
        groups[key(frame)].append(frame)
    return groups


def _look(frame: Frame) -> tuple:
    """What all phases of one cine share; descriptions may count the phases."""
    protocol = frame.protocol
    return (
        letters(frame.description),
        frame.kind,
        frame.shape,
        frame.echo,
        *(None if ms is None else round(ms, 1) for ms in (protocol.echo_time, protocol.inversion_time)),
        *np.round(frame.orientation, 2) + 0.0,
        *np.round(frame.pixel_spacing, 3),
    )


def _places(frames: Sequence[Frame]) -> tuple[float, ...]:
    normal = normal_of(frames[0].orientation)
    return tuple(sorted({round(float(frame.position @ normal) * 2) / 2 for frame in frames}))


def _several_at_one_place(frames: Sequence[Frame]) -> bool:
    return len(_places(frames)) < len(frames)
