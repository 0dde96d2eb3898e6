"""What the mutations of echo clips share: the clip's frames, regions and times."""

from __future__ import annotations

import numpy as np

from medvos_lab.mutations.mutation import NotHere
from medvos_lab.mutations.study import Study, put

UNTIMED = dict.fromkeys(
    (
        "FrameTime",
        "FrameTimeVector",
        "CineRate",
        "RecommendedDisplayFrameRate",
        "ActualFrameDuration",
        "EffectiveDuration",
    )
)


def grey_frames(study: Study) -> np.ndarray:
    """Return the frames (T, Y, X), decoded; raises NotHere where they are in colour."""
    data = study.cine[0].data
    array = data.pixel_array
    if array.ndim == 4:
        raise NotHere
    return array


def regions(study: Study) -> list:
    """Return the ultrasound regions of the clip."""
    return list(study.cine[0].data.get("SequenceOfUltrasoundRegions") or [])


def say(study: Study, **values: object) -> None:
    """Set elements of the clip; None takes one away."""
    put(study.cine[0].data, **values)


def retime(study: Study, **values: object) -> None:
    """Take away what tells the times of the frames, then set these elements."""
    say(study, **{**UNTIMED, **values})


def step_of(study: Study) -> float:
    """Return the time between frames in ms; raises NotHere where the clip does not state it."""
    data = study.cine[0].data
    if data.get("FrameTime"):
        return float(data.FrameTime)
    if data.get("FrameTimeVector"):
        return float(np.median(np.array(data.FrameTimeVector, float)[1:]))
    raise NotHere
