"""Compare many segmented clips with the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from medvos.cine.seed import Labels
from medvos.errors import InputError
from medvos.evaluate.compare import compare_files
from medvos.evaluate.compare_clips import plain
from medvos.evaluate.metrics import agreement

SUFFIX = ".nii.gz"


def compare_folders(
    prediction: Path,
    truth: Path,
    labels: Labels = None,
    pred_labels: Labels = None,
    structures: str | None = None,
) -> dict[str, Any]:
    """Compare all clips of a folder of truths with predictions of the same names.

    >>> compare_folders(Path("predictions"), Path("truths"))["EF"]["EF error"]  # doctest: +SKIP
    5.2

    Parameters
    ----------
    prediction: has ``NAME.nii.gz``, or ``NAME/segmentation.nii.gz`` as `medvos segment` writes it.
    truth: has ``NAME.nii.gz`` of every clip.
    labels, pred_labels: what the labels of the truths and of the predictions are, as in `compare_files`.
    structures: those to score, as in `compare_files`.

    Returns
    -------
    ``{"cases": {name: as compare_files}, "mean": {"dice", "j", "f", "hd95_mm"} of the LV, "EF": {"EF error",
    "EF median error", "EF bias", "EF SD", "EF r"}}``, EF being that of each clip's report.

    Raises
    ------
    InputError: there are no truths, a prediction is missing or there twice, or a pair cannot be compared.
    """
    names = sorted(path.name.removesuffix(SUFFIX) for path in truth.glob(f"*{SUFFIX}"))
    if not names:
        raise InputError(f"{truth.name} holds no {SUFFIX}: give the folder of the true label images.")
    pairs_of = {name: (_prediction(prediction, name), truth / f"{name}{SUFFIX}") for name in names}
    cases = {name: compare_files(*pair, labels, pred_labels, structures) for name, pair in pairs_of.items()}
    lv = [case["structures"]["LV"] for case in cases.values() if "LV" in case["structures"]]
    mean = {key: _mean([scores[key] for scores in lv]) for key in ("dice", "j", "f", "hd95_mm")}
    pairs = [case["measures"].get("LVEF", {"prediction": None, "truth": None}) for case in cases.values()]
    sides = [[np.nan if pair[side] is None else pair[side] for pair in pairs] for side in ("prediction", "truth")]
    ef = {name: plain(value) for name, value in agreement(sides[0], sides[1]).items()}
    return {"cases": cases, "mean": mean, "EF": ef}


def _prediction(folder: Path, name: str) -> Path:
    found = [p for p in (folder / f"{name}{SUFFIX}", folder / name / "segmentation.nii.gz") if p.is_file()]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            f"{folder.name} has both {name}{SUFFIX} and {name}/segmentation.nii.gz: leave the one to score there."
        )
    raise InputError(f"{folder.name} has neither {name}{SUFFIX} nor {name}/segmentation.nii.gz: segment this clip too.")


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
