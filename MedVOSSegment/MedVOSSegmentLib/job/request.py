"""A propagation to be done in the second process: what it is given, and what it gives back."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.errors import InputError
from MedVOSSegmentLib.job.nrrd_file import write_nrrd
from MedVOSSegmentLib.job.outcome import Outcome, read_outcome
from MedVOSSegmentLib.job.slice_order import SliceOrder


@dataclass(frozen=True)
class Previous:
    """The result that a seed corrects.

    Attributes
    ----------
    labels: (T, Z, Y, X) uint8.
    uncertainty: (T, Z, Y, X) float32.
    slice_scores: (T, Z) float32.
    seeds: (T, Z) bool, the slices from which it was made.
    """

    labels: NDArray[np.uint8]
    uncertainty: NDArray[np.float32]
    slice_scores: NDArray[np.float32]
    seeds: NDArray[np.bool_]


@dataclass(frozen=True)
class Request:
    """A `Task`: a cine and its ``seed_labels`` (T, Z, Y, X) uint8; ``model`` and ``device`` as `medvos` names them.

    The arrays are read from another thread: they must not change until the job has ended. Raises InputError where the
    seed is not on the grid of the cine, or the cine's slices do not lie along its third axis.
    """

    cine: Cine
    seed_labels: NDArray[np.uint8]
    model: str = "cstm"
    device: str = "auto"
    previous: Previous | None = None

    def __post_init__(self) -> None:
        if self.seed_labels.shape != self.cine.shape:
            raise InputError("The seed is on another grid than the cine: draw it on the cine itself.")
        _ = self.order

    @cached_property
    def order(self) -> SliceOrder:
        """Between the slices of ``cine`` and those of the engine."""
        return SliceOrder.between(self.cine)

    def hand_over(self, folder: Path) -> list[str]:
        """Write everything into ``folder``; the arguments for `medvos`. Raises OSError or InputError if it is full."""
        cine = replace(self.cine, array=self.order.of(self.cine.array, 1), affine=self.order.affine(self.cine.affine))
        write_nrrd(folder / "cine.nrrd", cine.array, cine)
        write_nrrd(folder / "seed.nrrd", self.order.of(self.seed_labels, 1), cine)
        arguments = ["propagate", "cine.nrrd", "--seed", "seed.nrrd", "--out", "out"]
        arguments += ["--model", self.model, "--device", self.device, "--progress", "json", "--partial", "partial"]
        if self.previous is not None:
            self._write_previous(self.previous, folder / "previous", cine)
            arguments += ["--previous", "previous"]
        return arguments

    def collect(self, folder: Path) -> Outcome:
        """What the process left in ``folder``. Raises OSError, ValueError or InputError where that is not all."""
        outcome = read_outcome(folder / "out", self.order)
        if outcome.labels.shape != self.cine.shape:
            raise ValueError("The results are on another grid than the cine.")
        return outcome

    def _write_previous(self, previous: Previous, folder: Path, cine: Cine) -> None:
        """As `medvos.report.previous.read_result` reads it."""
        from medvos.cine.write import write_nifti

        folder.mkdir()
        write_nifti(folder / "segmentation.nii.gz", self.order.of(previous.labels, 1), cine)
        write_nifti(folder / "uncertainty.nii.gz", self.order.of(previous.uncertainty, 1), cine)
        seeds = [{"phase": int(t), "slice": int(z)} for t, z in np.argwhere(self.order.of(previous.seeds, 1))]
        scores = self.order.of(previous.slice_scores, 1).tolist()
        report = {"slice_scores": scores, "provenance": {"seeds": seeds}}
        (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
