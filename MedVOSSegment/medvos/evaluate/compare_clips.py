"""Clips of the LV beside the truth: EF by the method of disks, and how it agrees over many clips."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.errors import InputError
from medvos.evaluate.echo_scores import agreement
from medvos.measure.echo import lv_volume, measure_echo
from medvos.structures import LV

SUFFIX = ".nii.gz"


def is_clip(expected: NDArray[np.uint8], present: list[int]) -> bool:
    """Whether labels (T, Z, Y, X) in which the numbers ``present`` occur are of one slice and the LV alone."""
    return expected.shape[1] == 1 and present == [LV]


def clip_function(
    found: NDArray[np.uint8],
    expected: NDArray[np.uint8],
    judged: NDArray[np.bool_],
    affine: NDArray[np.float64],
    step_ms: float,
) -> dict[str, Any]:
    """``volumes``, ``ED``, ``ES`` and ``measures`` of `medvos.evaluate.compare.compare_files`, EF alone.

    A label image does not say whether its pixel size is known, so that no volumes are given. Under ``volumes`` EF is at
    the truth's ED and ES; under ``measures`` each side has the beat with its median EF.

    Parameters
    ----------
    found, expected: (T, 1, Y, X) label maps.
    judged: (T, 1), frames of which the truth is known.
    affine: of the grid.
    step_ms: between two frames.
    """
    times = np.arange(len(expected), dtype=np.float64) * step_ms
    source = Source(kind="video", spacing_known=False)
    grid = Cine(np.broadcast_to(np.float32(0), expected.shape), affine, times, len(expected) * step_ms, source)
    known = np.where(judged[..., None, None], expected, 0).astype(np.uint8)
    sides = [np.array([lv_volume(frame[0], grid) for frame in side]) for side in (found, known)]
    empty: dict[str, Any] = {"volumes": {}, "ED": None, "ES": None, "measures": {}}
    if np.isfinite(sides[1]).sum() < 2:
        return empty
    ed, es = int(np.nanargmax(sides[1])), int(np.nanargmin(sides[1]))
    found_ef, true_ef = (100 * (1 - volumes[es] / volumes[ed]) for volumes in sides)
    pair = {"prediction": _plain(found_ef), "truth": _plain(true_ef), "error": _plain(found_ef - true_ef)}
    own = [measure_echo(side, grid)["LVEF"].value for side in (found, known)]
    measures = {"LVEF": {"prediction": own[0], "truth": own[1], "unit": "%"}}
    return {"volumes": {"LV": {"EF": pair}}, "ED": ed, "ES": es, "measures": measures}


def compare_folders(prediction: Path, truth: Path) -> dict[str, Any]:
    """All clips of a folder of truths against predictions of the same names.

    Parameters
    ----------
    prediction: has ``NAME.nii.gz``, or ``NAME/segmentation.nii.gz`` as `medvos segment` writes it.
    truth: has ``NAME.nii.gz`` of every clip.

    Returns
    -------
    ``{"cases": {name: as compare_files}, "mean": {"dice", "j", "f", "hd95_mm"} of the LV, "EF": {"EF error",
    "EF median error", "EF bias", "EF SD", "EF r"}}``, EF being what a reader of each clip's report gets.

    Raises
    ------
    InputError: there are no truths, a prediction is missing, or a pair cannot be compared.
    """
    from medvos.evaluate.compare import compare_files

    names = sorted(path.name.removesuffix(SUFFIX) for path in truth.glob(f"*{SUFFIX}"))
    if not names:
        raise InputError(f"{truth.name} holds no {SUFFIX}: give the folder of the true label images.")
    cases = {name: compare_files(_prediction(prediction, name), truth / f"{name}{SUFFIX}") for name in names}
    lv = [case["structures"]["LV"] for case in cases.values() if "LV" in case["structures"]]
    mean = {key: _mean([one[key] for one in lv]) for key in ("dice", "j", "f", "hd95_mm")}
    pairs = [case["measures"].get("LVEF", {"prediction": None, "truth": None}) for case in cases.values()]
    sides = [[np.nan if pair[side] is None else pair[side] for pair in pairs] for side in ("prediction", "truth")]
    ef = {name: _plain(value) for name, value in agreement(sides[0], sides[1]).items()}
    return {"cases": cases, "mean": mean, "EF": ef}


def _prediction(folder: Path, name: str) -> Path:
    for path in (folder / f"{name}{SUFFIX}", folder / name / "segmentation.nii.gz"):
        if path.is_file():
            return path
    raise InputError(f"{folder.name} has neither {name}{SUFFIX} nor {name}/segmentation.nii.gz: segment this clip too.")


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
