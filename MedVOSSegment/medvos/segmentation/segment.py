"""Segment a whole cine or clip in memory without a drawing, by the model that suits it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.clip import clip_of
from medvos.cine.labels import label_numbers
from medvos.errors import InputError
from medvos.models.store import ModelInfo, resolve
from medvos.progress import Progress, Report
from medvos.result import Result

NETWORKS: tuple[str, ...] = ("echo", "mvo", "vivim")


def suited_model(is_clip: bool, has_heart: bool, name: str) -> str:
    """Return the default model: echo-lv for a clip, mvo in a segmented heart, else vivim.

    Raises
    ------
    InputError: a clip with a segmented heart; ``name`` is what the message calls it.
    """
    if has_heart and is_clip:
        raise InputError(
            f"{name} is a clip, and obstruction is predicted in short-axis cine MRI: leave out the myocardium "
            "(--myocardium)."
        )
    return "mvo" if has_heart else "echo-lv" if is_clip else "vivim"


def check_heart(info: ModelInfo, has_heart: bool) -> None:
    """Raise InputError where a model that needs a segmented heart has none, or one that takes none has one."""
    if has_heart == (info.network == "mvo"):
        return
    raise InputError(
        f"{info.name} takes no myocardium (--myocardium); leave it out, or choose the model mvo."
        if has_heart
        else f"{info.name} needs the segmented heart as myocardium (--myocardium): give what a propagation or vivim "
        "has written."
    )


def segment_cine(
    cine: Cine,
    model: str | None = None,
    heart: NDArray[np.integer] | None = None,
    device: str = "auto",
    progress: Report | None = None,
) -> Result:
    """Segment every image of a cine or clip; parameters and errors are those of `medvos.segment`.

    >>> segment_cine(cine, "vivim", device="cpu").labels.shape == cine.shape  # doctest: +SKIP
    True
    """
    info = resolve(model or suited_model(cine.is_echo, heart is not None, "This"), *NETWORKS)
    check_heart(info, heart is not None)
    if heart is not None:
        from medvos.segmentation.mvo import segment_obstruction

        return segment_obstruction(cine, label_numbers(np.asarray(heart), "The heart"), info, device, progress)
    if info.network == "echo":
        return _clip(cine, info, device, progress)
    from medvos.segmentation.short_axis import segment_heart

    return segment_heart(cine, info, device, progress)


def _clip(cine: Cine, info: ModelInfo, device: str, progress: Report | None) -> Result:
    """Segment the LV in every frame of a clip."""
    from medvos.models.device import choose_device
    from medvos.segmentation.clip_scan import scan_clip
    from medvos.segmentation.view_choice import inference_of

    if not cine.is_echo or cine.shape[1] != 1:
        raise InputError(f"{info.name} segments echo clips, and this is a stack of slices: choose the model vivim.")
    clip = clip_of(cine, "The clip")
    scan = None if clip.source.views.several else scan_clip(clip)
    inference = inference_of(clip, scan, info, choose_device(device))
    labels, uncertainty = np.zeros(cine.shape, np.uint8), np.zeros(cine.shape, np.float32)
    scores = np.zeros((cine.shape[0], 1), np.float32)
    for t, frame in enumerate(inference.frames()):
        labels[t, 0], uncertainty[t, 0], scores[t] = frame.labels, frame.uncertainty, frame.score
        if progress is not None:
            progress(Progress(t + 1, cine.shape[0], "segmenting"))
    shown = replace(inference.cine, array=cine.array)
    return Result(shown, labels, uncertainty, scores, np.zeros(scores.shape, bool), inference.provenance)
