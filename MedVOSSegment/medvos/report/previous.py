"""Reading back a folder of results, so that it can be corrected."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine import nifti
from medvos.cine.cine import Cine
from medvos.cine.grid import onto_grid
from medvos.cine.guard import reading
from medvos.cine.labels import label_numbers
from medvos.errors import InputError
from medvos.result import Result


def read_result(folder: str | Path, cine: Cine) -> Result:
    """The result that `medvos.report.folder.write_results` wrote for ``cine``.

    Raises
    ------
    InputError: a file is missing or damaged, or the result is of another cine.
    """
    folder = Path(folder)
    labels = label_numbers(_image(folder / "segmentation.nii.gz", cine), "segmentation.nii.gz")
    uncertainty = _image(folder / "uncertainty.nii.gz", cine).astype(np.float32)
    with reading("report.json", "a report of medvos"):
        report = json.loads(_existing(folder / "report.json").read_text(encoding="utf-8"))
        scores = np.array(report["slice_scores"], np.float32)
        seeds = np.zeros(cine.shape[:2], bool)
        for seed in report["provenance"]["seeds"]:
            if min(seed["phase"], seed["slice"]) < 0:
                raise ValueError("a seed before the first phase or slice")
            seeds[seed["phase"], seed["slice"]] = True
        provenance = dict(report["provenance"])
    if scores.shape != seeds.shape:
        raise InputError("report.json is of another cine; give the folder of this cine's result.")
    return Result(cine, labels, uncertainty, scores, seeds, provenance)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise InputError(f"The previous result has no {path.name}; give a folder that medvos has written.")
    return path


def _image(path: Path, cine: Cine) -> NDArray:
    with reading(path.name, "a NIfTI image"):
        array, affine = nifti.load(_existing(path))[:2]
    placed = onto_grid(array, affine, cine.shape[1:], cine.affine)
    if placed is None or placed.shape != cine.shape:
        raise InputError(f"{path.name} is on another grid than the cine; give the folder of this cine's result.")
    return placed
