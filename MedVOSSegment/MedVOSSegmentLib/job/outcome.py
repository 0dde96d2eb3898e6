"""Results of the second process, read from the folder into which it wrote them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.measure.correction import FORMER_BANDS
from medvos.structures import MVO
from MedVOSSegmentLib.job.image_files import read_nifti

OBSTRUCTION_PROVENANCE = ("model", "weights_sha256", "terms", "device", "seconds", "notice")


@dataclass(frozen=True)
class PropagationOutcome:
    """A segmentation in memory, on the grid of the cine that was handed over.

    Attributes
    ----------
    labels: (T, Z, Y, X) uint8.
    uncertainty: (T, Z, Y, X) float32, 0 certain to 1.
    slice_scores: (T, Z) float32, probability that the mask of this slice and phase is bad.
    measures, phases, provenance: as in ``report.json``; the provenance with the bands of the curves (`FORMER_BANDS`).
    """

    labels: NDArray[np.uint8]
    uncertainty: NDArray[np.float32]
    slice_scores: NDArray[np.float32]
    measures: dict[str, dict[str, Any]]
    phases: dict[str, int | None]
    provenance: dict[str, Any]


@dataclass(frozen=True, eq=False)
class PredictedObstruction:
    """Microvascular obstruction in the wall of a segmented heart.

    Attributes
    ----------
    provenance: how it was predicted, with the ``notice`` that must be shown beside it.
    mask: (T, Z, Y, X) bool.
    probability: (T, Z, Y, X) float32, predicted at end-diastole and 0 at other phases.
    """

    provenance: dict[str, Any]
    mask: NDArray[np.bool_]
    probability: NDArray[np.float32]

    @property
    def notice(self) -> str:
        """The research-only notice that must be shown beside it."""
        return str(self.provenance["notice"])

    @property
    def nbytes(self) -> int:
        """Bytes of both arrays."""
        return self.mask.nbytes + self.probability.nbytes


def read_outcome(folder: Path, cine: Cine) -> PropagationOutcome:
    """Read the results of ``medvos propagate`` or ``medvos segment`` for ``cine`` from ``folder``.

    Raises OSError, ValueError, KeyError or InputError where one is missing, damaged or of another cine.
    """
    report = _read_report(folder)
    return PropagationOutcome(
        labels=read_nifti(folder / "segmentation.nii.gz", cine).astype(np.uint8, copy=False),
        uncertainty=read_nifti(folder / "uncertainty.nii.gz", cine).astype(np.float32, copy=False),
        slice_scores=np.array(report["slice_scores"], np.float32),
        measures=report["measures"],
        phases=report["phases"],
        provenance={**report["provenance"], FORMER_BANDS: _bands(report)},
    )


def read_obstruction_outcome(folder: Path, cine: Cine) -> PredictedObstruction:
    """Read the results of ``medvos segment --model mvo`` for ``cine`` from ``folder``.

    Raises like `read_outcome`, and KeyError where the provenance lacks the notice.
    """
    provenance = _read_report(folder)["provenance"]
    labels = read_nifti(folder / "segmentation.nii.gz", cine)
    probability = read_nifti(folder / "chance.nii.gz", cine).astype(np.float32, copy=False)
    return PredictedObstruction({name: provenance[name] for name in OBSTRUCTION_PROVENANCE}, labels == MVO, probability)


def _bands(report: dict[str, Any]) -> dict[str, list[list[float]]]:
    """Return structure name to the ends (2, T) of its band, which limit those after a correction."""
    return {name.removesuffix("_mL"): ends for name, ends in report.get("bands", {}).items()}


def _read_report(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return report
