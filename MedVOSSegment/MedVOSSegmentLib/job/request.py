"""A propagation to be done in the second process: what it is given, and what it gives back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.errors import InputError
from MedVOSSegmentLib.job.image_files import write_nrrd
from MedVOSSegmentLib.job.outcome import Outcome, read_outcome


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

    A model that needs no drawing is given no seed. The arrays are read from another thread: they must not change until
    the job has ended. Raises InputError where the seed is not on the grid of the cine.
    """

    cine: Cine
    seed_labels: NDArray[np.uint8] | None
    model: str = "cstm"
    device: str = "auto"
    previous: Previous | None = None

    def __post_init__(self) -> None:
        if self.seed_labels is not None and self.seed_labels.shape != self.cine.shape:
            raise InputError("The seed is on another grid than the cine: draw it on the cine itself.")

    def hand_over(self, folder: Path) -> list[str]:
        """Write everything into ``folder``; the arguments for `medvos`. Raises OSError where there is no room."""
        write_nrrd(folder / "cine.nrrd", self.cine.array, self.cine)
        how = ["--out", "out", "--model", self.model, "--device", self.device, "--progress", "json"]
        if self.seed_labels is None:
            return ["segment", "cine.nrrd", *how]
        write_nrrd(folder / "seed.nrrd", self.seed_labels, self.cine)
        arguments = ["propagate", "cine.nrrd", "--seed", "seed.nrrd", *how, "--partial", "partial"]
        if self.previous is not None:
            _write_previous(self.previous, folder / "previous", self.cine)
            arguments += ["--previous", "previous"]
        return arguments

    def collect(self, folder: Path) -> Outcome:
        """What the process left in ``folder``; raises like `read_outcome`."""
        return read_outcome(folder / "out", self.cine)


def _write_previous(previous: Previous, folder: Path, cine: Cine) -> None:
    """As `medvos.report.read_results.read_result` reads it."""
    from medvos.cine.write import write_nifti

    folder.mkdir()
    try:
        write_nifti(folder / "segmentation.nii.gz", previous.labels, cine)
        write_nifti(folder / "uncertainty.nii.gz", previous.uncertainty, cine)
    except InputError as error:
        # It asks for another folder, which the user has not chosen.
        raise error.__cause__ or error from None
    seeds = [{"phase": int(t), "slice": int(z)} for t, z in np.argwhere(previous.seeds)]
    report = {"slice_scores": previous.slice_scores.tolist(), "provenance": {"seeds": seeds}}
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
