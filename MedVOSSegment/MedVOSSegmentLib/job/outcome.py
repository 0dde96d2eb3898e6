"""What a propagation in the second process gives back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from MedVOSSegmentLib.job.image_files import read_nifti


@dataclass(frozen=True)
class Outcome:
    """A result in memory, on the grid of the cine that was handed over.

    Attributes
    ----------
    labels: (T, Z, Y, X) uint8.
    uncertainty: (T, Z, Y, X) float32, 0 sure to 1.
    slice_scores: (T, Z) float32, 0 sure to 1: the chance that the mask of this slice and phase is bad.
    measures, curves, phases, provenance: as ``report.json`` has them.
    report_html: the report as a page that needs no other file.
    """

    labels: NDArray[np.uint8]
    uncertainty: NDArray[np.float32]
    slice_scores: NDArray[np.float32]
    measures: dict[str, dict[str, Any]]
    curves: dict[str, list[float | None]]
    phases: dict[str, int | None]
    provenance: dict[str, Any]
    report_html: str


def read_outcome(folder: Path, cine: Cine) -> Outcome:
    """The results that ``medvos propagate`` or ``medvos segment`` left in ``folder`` for ``cine``.

    Raises OSError, ValueError, KeyError or InputError where one is missing, damaged or of another cine.
    """
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return Outcome(
        labels=read_nifti(folder / "segmentation.nii.gz", cine).astype(np.uint8, copy=False),
        uncertainty=read_nifti(folder / "uncertainty.nii.gz", cine).astype(np.float32, copy=False),
        slice_scores=np.array(report["slice_scores"], np.float32),
        measures=report["measures"],
        curves=report["curves"],
        phases=report["phases"],
        provenance=report["provenance"],
        report_html=(folder / "report.html").read_text(encoding="utf-8"),
    )
