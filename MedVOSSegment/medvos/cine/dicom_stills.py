"""Assemble an ultrasound loop that an archive has split into files of one frame each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Source
from medvos.cine.clip import Clip, FrameArray, grey
from medvos.cine.clip_region import affine_of
from medvos.cine.dicom_clip import INVERTED, bits_of
from medvos.cine.dicom_files import Header
from medvos.cine.dicom_kinds import is_inverted
from medvos.cine.dicom_pixels import frames_in_turn
from medvos.cine.dicom_regions import scale_of
from medvos.cine.dicom_rhythm import rhythm_of
from medvos.cine.dicom_values import number
from medvos.cine.guard import reading
from medvos.cine.image_evidence import distances, roughness, sudden_steps
from medvos.cine.seen_beat import thumbnail
from medvos.errors import InputError

ULTRASOUND = "1.2.840.10008.5.1.4.1.1.6.1"
FEWEST = 8  # frames; fewer are stills that were taken one by one
LONGEST_STEP_MS = 250.0  # between the frames of a loop; stills that were taken one by one are seconds apart
PAUSE_MS = 2500.0  # between frames of one loop at most, of which some clocks tell whole seconds alone
# Of the median step: times of whole seconds or milliseconds are too coarse to tell the rhythm of a loop.
UNEVEN = 3.0
# Correlation of neighbouring frames of a loop; it is above 0.95 in the clips of six patients.
ALIKE = 0.8
# `roughness` of frames in no order.
RANDOM = 0.85
# Sudden steps; numbers that were sorted as text make one at each power of ten and its multiples.
JUMPS = 2
CLOCKS = ("AcquisitionDateTime", "ContentTime", "AcquisitionTime")


def loop_of(headers: Sequence[Header], path: str) -> Clip | None:
    """Return the loop whose frames are the files of one series; None where the files are no ultrasound stills.

    The order is that of InstanceNumber. Times are those at which the frames were acquired, if the files tell them.

    Raises
    ------
    InputError: nothing tells the order, the stills differ in size, or they are single images and no loop.
    """
    stills = [header for header in headers if _is_still(header)]
    if not stills or len(stills) < len(headers):
        return None
    series = {str(header.data.get("SeriesInstanceUID") or "") for header in stills}
    named = {(header.data.get("SeriesNumber"), header.data.get("SeriesDescription")) for header in stills}
    # Anonymisers may make up a series for every file.
    if len(series) > 1 and (len(series) < len(stills) or len(named) > 1):
        raise InputError(
            f"The folder holds ultrasound images of one frame each in {len(series)} series: give the folder of one "
            "loop, or the multi-frame file of the clip."
        )
    if len(stills) < FEWEST:
        count = "a single still image" if len(stills) == 1 else f"{len(stills)} single still images"
        raise InputError(f"{_named(stills)} {count} and no clip: give the multi-frame file of the clip.")
    ordered, by = _in_order(stills)
    first = ordered[0]
    shape = _shape(first)
    with reading(first.name, "DICOM"):
        scales = [scale_of(header.data, shape) for header in ordered]
        inverted, bits = is_inverted(first.data), bits_of(first.data)
    if any(_looks(header) != _looks(first) for header in ordered):
        raise InputError("The frames of this loop differ in size or colours: give the images of one loop.")
    if any((one.spacing, one.views.all) != (scales[0].spacing, scales[0].views.all) for one in scales):
        raise InputError("The frames of this loop state different scales: they are single images and no loop.")

    def images() -> Iterator[FrameArray | None]:
        return (image for header in ordered for image in frames_in_turn(header.path, header.name))

    notes = [
        "An ultrasound clip may show several beats: its length stands for the period.",
        f"The loop is in {len(ordered)} files of one frame each: they were put in the order of {by}.",
        *([INVERTED] if inverted else []),
        *scales[0].notes,
    ]
    times = _times(ordered)
    with reading(first.name, "DICOM"):
        _check_alike(list(islice(images(), FEWEST)))
        between = distances(np.stack([thumbnail(grey(image)) for image in images() if image is not None]))
    if (roughness(between) or 0.0) > RANDOM or sudden_steps(between) > JUMPS:
        raise InputError(
            f"In the order of {by} these single ultrasound frames do not show a beating heart: give the multi-frame "
            "file of the clip, or frames that are numbered in the order of time."
        )
    rhythm = rhythm_of(_with_steps(first.data, times), len(ordered), images)
    files = [str(header.path) for header in ordered]
    source = Source(
        path,
        "dicom",
        (*notes, *rhythm.notes),
        heart_rate=rhythm.heart_rate,
        spacing_known=scales[0].spacing is not None,
        views=scales[0].views,
    )
    return Clip(
        first.name,
        shape,
        images,
        lambda count: rhythm.times[:count],
        affine_of(scales[0].spacing),
        source,
        white=2**bits - 1,
        box=scales[0].box,
        claimed=len(ordered),
        files=tuple(files),
    )


def _is_still(header: Header) -> bool:
    data = header.data
    return (
        (data.get("Modality") == "US" or str(data.get("SOPClassUID") or "") == ULTRASOUND)
        and int(data.get("NumberOfFrames") or 1) == 1
        and data.get("ImagePositionPatient") is None
    )


def _named(stills: Sequence[Header]) -> str:
    return f"{stills[0].name} is" if len(stills) == 1 else "The folder holds"


def _in_order(stills: Sequence[Header]) -> tuple[list[Header], str]:
    """The files in the order of InstanceNumber, or else of their times, and which of the two; else InputError."""
    numbers = [number(header.data.get("InstanceNumber")) for header in stills]
    if None not in numbers and len(set(numbers)) == len(numbers):
        ordered = [stills[k] for k in np.argsort(np.array(numbers, float), kind="stable")]
        clocks = _clocks(ordered)
        if clocks and not any(_runs_on(clock) for clock in clocks):
            raise InputError(
                "InstanceNumber and the times of these single ultrasound frames tell different orders: give the "
                "multi-frame file of the clip."
            )
        return ordered, "InstanceNumber"
    for clock in _clocks(stills):
        if len(set(clock.tolist())) == len(clock):
            return [stills[k] for k in np.argsort(clock)], "their times"
    raise InputError(
        "These ultrasound images of one frame each have no InstanceNumber of their own, so nothing tells their order: "
        "give the multi-frame file of the clip."
    )


def _shape(header: Header) -> tuple[int, int]:
    return int(header.data.Rows), int(header.data.Columns)


def _looks(header: Header) -> tuple[Any, ...]:
    data = header.data
    return _shape(header), str(data.get("PhotometricInterpretation")), is_inverted(data), bits_of(data)


def _times(ordered: Sequence[Header]) -> NDArray[np.float64] | None:
    """Times (T,) of the frames in ms from the first; None where the files do not tell them.

    Raises InputError where they lie so far apart that the images are no loop.
    """
    clock = next((clock for clock in _clocks(ordered) if _runs_on(clock)), None)
    if clock is None:
        return None
    steps = np.diff(clock)
    if np.median(steps) > LONGEST_STEP_MS:
        raise InputError(
            f"The folder holds single still images that were taken {np.median(steps) / 1000:.1f} s apart, and no clip: "
            "give the multi-frame file of the clip."
        )
    if steps.max() > PAUSE_MS:
        raise InputError(
            f"The single frames of this loop pause for {steps.max() / 1000:.1f} s after the first "
            f"{int(np.argmax(steps)) + 1}: they are of several loops; give the images of one."
        )
    even = (steps > 0).all() and steps.max() <= UNEVEN * np.median(steps)
    return clock - clock[0] if even else None


def _clocks(ordered: Sequence[Header]) -> list[NDArray[np.float64]]:
    """Times (T,) of the frames in ms by each attribute that all have and that changes."""
    clocks = []
    for keyword in CLOCKS:
        found = [_milliseconds(str(header.data.get(keyword) or "").strip()) for header in ordered]
        known = np.array([one for one in found if one is not None])
        if len(known) == len(found) and np.ptp(known) > 0:
            clocks.append(known)
    return clocks


def _runs_on(clock: NDArray[np.float64]) -> bool:
    return bool((np.diff(clock) >= 0).all())


def _check_alike(frames: Sequence[FrameArray | None]) -> None:
    """Refuse images each of which shows something else than the one before."""
    small = [thumbnail(grey(image)).ravel() for image in frames if image is not None]
    alike = [np.corrcoef(one, other)[0, 1] for one, other in pairwise(small) if one.std() > 0 and other.std() > 0]
    if alike and np.median(alike) < ALIKE:
        raise InputError(
            "The folder holds single still images of different views, and no clip: give the multi-frame file of the "
            "clip."
        )


def _milliseconds(text: str) -> float | None:
    """ms of a DICOM time (hhmmss.ffffff) or date and time."""
    text = text.partition("+")[0].partition("-")[0]
    whole, _, fraction = text.partition(".")
    try:
        moment = datetime.strptime(whole, "%Y%m%d%H%M%S" if len(whole) > 6 else "%H%M%S")
        return (moment - datetime(1900, 1, 1)).total_seconds() * 1000 + (
            float(f"0.{fraction}") * 1000 if fraction else 0
        )
    except ValueError:
        return None


def _with_steps(data: Any, times: NDArray[np.float64] | None) -> Any:
    """The header's statements on time, with the times of the frames as the first."""
    keywords = ("FrameTime", "CineRate", "RecommendedDisplayFrameRate", "HeartRate", "ActualFrameDuration")
    stated = {keyword: data.get(keyword) for keyword in keywords}
    return stated if times is None else {**stated, "FrameTimeVector": np.diff(times, prepend=times[0])}
