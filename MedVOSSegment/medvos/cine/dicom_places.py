"""Images that do not say where in the patient they are: it is told otherwise, or they are not passed over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from medvos.cine.dicom_files import Header
from medvos.cine.dicom_frames import Frame
from medvos.cine.dicom_multiframe import lacking as missing_place
from medvos.cine.dicom_pixels import PixelReader
from medvos.cine.dicom_protocol import same_protocol
from medvos.cine.dicom_slices import SAME_PLACE_MM, Slice
from medvos.cine.image_evidence import distances, sudden_steps
from medvos.errors import InputError

_POSITION = ("ImagePositionPatient",)
_FIT_MM = 0.5
_REPEATS = 2  # of a single slice, from which on they may be other slices


def placed(frames: Sequence[Frame]) -> tuple[list[Frame], list[Frame], list[str]]:
    """Return the frames with a place, those without, and notes on places that SliceLocation told."""
    have = [frame for frame in frames if not frame.lacks]
    lacking = [frame for frame in frames if frame.lacks]
    by_series: dict[str, list[Frame]] = defaultdict(list)
    for frame in lacking:
        by_series[frame.series].append(frame)
    left: list[Frame] = []
    notes = []
    for series, found in by_series.items():
        filled = _by_location(found, [frame for frame in have if frame.series == series])
        have += filled
        left += [] if filled else found
        if filled:
            notes.append(
                f"{len(filled)} images of {filled[0].series_name} have no ImagePositionPatient: their place was "
                "taken from SliceLocation."
            )
    return have, left, notes


def check_none_belongs(lacking: Sequence[Frame], stack: Sequence[Slice]) -> None:
    """Refuse a stack from which images were passed over for want of a place: it would be shorter without a word."""
    belonging = [frame for frame in lacking if any(_belongs(frame, slice_.first) for slice_ in stack)]
    if belonging:
        first = belonging[0]
        raise InputError(
            f"{len(belonging)} images of {first.series_name}, such as {first.name}, have no place in the patient "
            f"({', '.join(first.lacks)} is missing) and may be slices of the stack: export them anew with it, or give "
            "the folder without them."
        )


def left_out(lacking: Sequence[Frame], films: Sequence[Header], used: Sequence[Header]) -> list[str]:
    """Return notes on images, and on multi-frame files, that may be of the heart and have no place in the patient.

    `used` are the files of the stack. Screenshots, results and images of another modality are not mentioned.
    """
    modality = str(used[0].data.get("Modality"))
    counts: dict[tuple[str, tuple[str, ...]], int] = defaultdict(int)
    for frame in lacking:
        counts[frame.series_name, frame.lacks] += not frame.protocol.derived and frame.modality == modality
    notes = [
        f"{count} images of {name} have no place in the patient ({', '.join(lacks)} is missing): they were left out."
        for (name, lacks), count in counts.items()
        if count
    ]
    for film in films:
        data = film.data
        if str(data.get("Modality")) == modality and int(data.get("SamplesPerPixel") or 1) == 1:
            missing = ", ".join(missing_place(data)) or "the order of its frames in time"
            notes.append(f"The multi-frame file {film.name} was left out: {missing} is missing.")
    return notes


def check_not_all_at_one_place(stack: Sequence[Slice], left_out: Sequence[Slice]) -> None:
    """Refuse a single slice that was acquired again twice or more where these are other slices, by header or images.

    Scripts that copy one header over all images give a whole stack the place of one slice.
    """
    again = [slice_ for slice_ in left_out if np.linalg.norm(slice_.position - stack[0].position) < 2 * SAME_PLACE_MM]
    if len(stack) > 1 or len(again) < _REPEATS:
        return
    found = [stack[0], *again]
    locations = {round(slice_.first.location) for slice_ in found if slice_.first.location is not None}
    if len(locations) <= _REPEATS:
        reader = PixelReader()
        alike = [slice_ for slice_ in found if slice_.first.shape == stack[0].first.shape]
        images = np.concatenate([reader.read(slice_.frames) for slice_ in alike])
        if sudden_steps(distances(images)) < len(alike) - 1:
            return
    raise InputError(
        f"{len(found)} series such as {stack[0].first.series_name} have one ImagePositionPatient, and they show "
        "several slices: export them anew with the position of each."
    )


def _belongs(frame: Frame, used: Frame) -> bool:
    if frame.shape != used.shape or frame.kind != used.kind:
        return False
    turned = np.isfinite(frame.orientation).all() and not np.allclose(frame.orientation, used.orientation, atol=0.1)
    return not turned and (frame.series == used.series or same_protocol(frame.protocol, used.protocol))


def _by_location(lacking: list[Frame], beside: list[Frame]) -> list[Frame]:
    """The frames with a position on the line through those of their series, [] where SliceLocation does not tell it."""
    known = [frame for frame in beside if frame.location is not None]
    locations = np.array([frame.location for frame in known], float)
    if (
        any(frame.lacks != _POSITION or frame.location is None for frame in lacking)
        or len(set(np.round(locations, 2))) < 2
        or any(not np.allclose(frame.orientation, known[0].orientation, atol=1e-3) for frame in (*lacking, *known))
    ):
        return []
    positions = np.array([frame.position for frame in known])
    fit = np.polyfit(locations, positions, 1)
    if np.abs(np.outer(locations, fit[0]) + fit[1] - positions).max() > _FIT_MM:
        return []
    return [replace(frame, position=fit[0] * frame.location + fit[1], lacks=()) for frame in lacking]
