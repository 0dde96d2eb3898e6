"""What a propagation in the second process gives back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from MedVOSSegmentLib.job.slice_order import SliceOrder


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


def read_outcome(folder: Path, order: SliceOrder) -> Outcome:
    """The results that ``medvos propagate`` left in ``folder``; raises OSError or InputError where one is missing."""
    from medvos.cine import nifti

    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    labels = nifti.load(folder / "segmentation.nii.gz")[0]
    uncertainty = nifti.load(folder / "uncertainty.nii.gz")[0]
    provenance = dict(report["provenance"])
    provenance["seeds"] = [{**seed, "slice": order.number(seed["slice"])} for seed in provenance["seeds"]]
    return Outcome(
        labels=order.of(labels, axis=1).astype(np.uint8, copy=False),
        uncertainty=order.of(uncertainty, axis=1).astype(np.float32, copy=False),
        slice_scores=order.of(np.array(report["slice_scores"], np.float32), axis=1),
        measures=report["measures"],
        curves=report["curves"],
        phases=report["phases"],
        provenance=provenance,
        report_html=(folder / "report.html").read_text(encoding="utf-8"),
    )
