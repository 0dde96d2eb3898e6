"""A first drawing of one slice, to be made in the second process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from MedVOSSegmentLib.job.image_files import read_nifti, write_nrrd


@dataclass(frozen=True)
class Proposal:
    """A `Task`: the structures on ``slice`` at ``phase``; its outcome is their labels (Y, X) uint8.

    The array is read from another thread: it must not change until the job has ended.
    """

    cine: Cine
    phase: int
    slice: int
    model: str = "cstm"
    device: str = "auto"

    def hand_over(self, folder: Path) -> list[str]:
        """Write the cine into ``folder``; the arguments for `medvos`. Raises OSError where there is no room."""
        write_nrrd(folder / "cine.nrrd", self.cine.array, self.cine)
        place = ["--phase", str(self.phase), "--slice", str(self.slice)]
        return ["propose", "cine.nrrd", "--out", "seed.nii", *place, "--model", self.model, "--device", self.device]

    def collect(self, folder: Path) -> NDArray[np.uint8]:
        """What the process left in ``folder``; raises like `read_nifti`."""
        labels = read_nifti(folder / "seed.nii", self.cine)[self.phase, self.slice]
        return np.ascontiguousarray(labels, np.uint8)
