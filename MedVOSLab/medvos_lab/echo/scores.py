"""Metrics of echo segmentation: on pairs of an ED and an ES frame, and on whole clips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.evaluate.metrics import boundary_f, dice, hd95, jaccard
from medvos.measure.echo import measure_echo
from medvos.measure.measures import Beat, Measures
from medvos.measure.simpson import main_part, single_plane
from medvos.structures import LV
from medvos_lab.datasets.echonet import EchoClip

PIXEL = (1.0, 1.0)  # the data set does not say its pixel size; overlap and EF do not need it
SHORTEST_MS, LONGEST_MS = 400.0, 1500.0  # range of the beat's length

Masks = NDArray[np.bool_]


def overlap(found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> dict[str, float]:
    """Return Dice, J, F and HD95 in pixels of one frame (Y, X)."""
    return {
        "Dice": dice(found, truth),
        "J": jaccard(found, truth),
        "F": boundary_f(found, truth),
        "HD95": hd95(found[None], truth[None], (1.0, *PIXEL)),
    }


def ejection_fraction(masks: Masks) -> float:
    """Return EF in % of the masks (2, Y, X) at ED and ES, by the method of disks; nan where one has no long axis."""
    volumes = [single_plane(main_part(mask), PIXEL) for mask in masks]
    if volumes[0] is None or volumes[1] is None:
        return float("nan")
    return 100 * (1 - volumes[1] / volumes[0])


def clip_scores(clip: EchoClip, masks: Masks) -> dict[str, float]:
    """Return metrics of the masks (T, Y, X) of a whole clip.

    The rate of the beats beside that of the images; how many frames the nearest ED and ES lie from the expert's; the
    largest change of the area between neighbouring frames in %; EF beside that of the expert's two masks.
    """
    measures = _measured(clip, masks)
    areas = np.array([main_part(mask).sum() for mask in masks], float)
    before = np.where(areas[:-1] > 0, areas[:-1], np.maximum(areas[1:], 1))
    jumps = np.abs(np.diff(areas)) / before
    rate = measures["HR"].value
    ef = measures["LVEF"].value
    return {
        "rate": float("nan") if rate is None else rate,
        "rate of the images": rate_of_frames(clip.frames, clip.rate),
        "ED frames off": _off(measures.beats, "ed", clip.ed),
        "ES frames off": _off(measures.beats, "es", clip.es),
        "jump": 100 * float(jumps.max()),
        "EF": float("nan") if ef is None else ef,
        "EF of the expert": ejection_fraction(clip.masks),
        "Dice ED": dice(masks[clip.ed], clip.masks[0]),
        "Dice ES": dice(masks[clip.es], clip.masks[1]),
    }


def rate_of_frames(frames: NDArray[np.uint8], rate: float) -> float:
    """Return the beats per minute after which the frames (T, Y, X) are most similar again; ``rate`` frames a second."""
    images = frames[:, ::2, ::2].reshape(len(frames), -1).astype(np.float32)
    lags = range(round(SHORTEST_MS * rate / 1000), min(round(LONGEST_MS * rate / 1000), len(frames) - 1) + 1)
    apart = np.array([np.abs(images[lag:] - images[:-lag]).mean() for lag in lags])
    if not len(apart):
        return float("nan")
    # After two beats they are as alike as after one: the first dip that is about as deep as the deepest counts.
    deep = apart.min() + 0.15 * np.ptp(apart)
    dips = [i for i in range(len(apart)) if apart[i] <= deep and apart[i] == apart[max(i - 3, 0) : i + 4].min()]
    return 60 * rate / lags[dips[0]]


def _measured(clip: EchoClip, masks: Masks) -> Measures:
    times = np.arange(len(masks)) * 1000 / clip.rate
    shape = (len(masks), 1, *masks.shape[1:])
    source = Source(kind="video", spacing_known=False)
    cine = Cine(np.broadcast_to(np.float32(0), shape), np.eye(4), times, len(masks) * 1000 / clip.rate, source)
    return measure_echo((masks[:, None] * LV).astype(np.uint8), cine)


def _off(beats: Sequence[Beat], phase: str, expert: int) -> float:
    """Return the number of frames between the expert's frame and the nearest one that was found."""
    return min((abs(getattr(beat, phase) - expert) for beat in beats), default=float("nan"))
