"""Obstruction of the wall, to be looked for in the second process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.structures import MVO
from MedVOSSegmentLib.job.image_files import read_nifti, write_nrrd


@dataclass(frozen=True, eq=False)
class Obstruction:
    """What was found.

    Attributes
    ----------
    provenance: how it was made, with the ``notice`` that must stand wherever it is shown.
    mask: (T, Z, Y, X) bool; None where it is in the scene alone.
    probability: (T, Z, Y, X) float32, known at end-diastole; None where it is in the scene alone.
    """

    provenance: dict[str, Any]
    mask: NDArray[np.bool_] | None = None
    probability: NDArray[np.float32] | None = None

    @property
    def notice(self) -> str:
        """What must be said wherever it is shown."""
        return str(self.provenance["notice"])

    @property
    def nbytes(self) -> int:
        """Bytes that it keeps from being freed."""
        return sum(0 if array is None else array.nbytes for array in (self.mask, self.probability))


@dataclass(frozen=True)
class ObstructionRequest:
    """A `Task`: obstruction in the wall of ``heart`` (T, Z, Y, X) uint8; its outcome is an `Obstruction`.

    The arrays are read from another thread: they must not change until the job has ended.
    """

    cine: Cine
    heart: NDArray[np.uint8]
    model: str
    device: str = "auto"

    def hand_over(self, folder: Path) -> list[str]:
        """Write both into ``folder``; the arguments for `medvos`. Raises OSError where there is no room."""
        write_nrrd(folder / "cine.nrrd", self.cine.array, self.cine)
        write_nrrd(folder / "heart.nrrd", self.heart, self.cine)
        how = ["--out", "out", "--model", self.model, "--device", self.device, "--progress", "json"]
        return ["segment", "cine.nrrd", "--myocardium", "heart.nrrd", *how]

    def collect(self, folder: Path) -> Obstruction:
        """What the process left in ``folder``; raises like `read_nifti`, and KeyError where it says no notice."""
        report = json.loads((folder / "out" / "report.json").read_text(encoding="utf-8"))
        labels = read_nifti(folder / "out" / "segmentation.nii.gz", self.cine)
        probability = read_nifti(folder / "out" / "chance.nii.gz", self.cine).astype(np.float32, copy=False)
        names = ("model", "weights_sha256", "terms", "device", "seconds", "notice")
        return Obstruction({name: report["provenance"][name] for name in names}, labels == MVO, probability)
