"""Tasks for the second process: propagation, a proposed drawing of one slice, and obstruction of the wall.

Each task writes its input into the hand-over folder, gives the arguments of `medvos`, and reads the results. The arrays
are read on another thread: they must not change until the job has ended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.fractions import SLOPE, in_steps
from medvos.errors import InputError
from MedVOSSegmentLib.job.image_files import read_nifti, write_nrrd
from MedVOSSegmentLib.job.outcome import (
    PredictedObstruction,
    PropagationOutcome,
    read_obstruction_outcome,
    read_outcome,
)
from MedVOSSegmentLib.job.plain_nifti import save
from MedVOSSegmentLib.job.wording import SEGMENTATION, Wording
from MedVOSSegmentLib.text import tr


class Task(Protocol):
    """Work for one run of `medvos`, handed over by file.

    Attributes
    ----------
    wording: what the user is told where it fails.
    is_final: `collect` changes what the user has, so that no cancel interrupts it, and what it raises is for the user.
    """

    @property
    def wording(self) -> Wording: ...

    @property
    def is_final(self) -> bool: ...

    def hand_over(self, folder: Path) -> list[str]:
        """Write the input into ``folder`` and return the arguments, with paths relative to it.

        Raises OSError where there is no room.
        """

    def collect(self, folder: Path) -> Any:
        """Read the results from ``folder``; raises OSError, ValueError, KeyError or InputError where one is missing."""


@dataclass(frozen=True)
class PreviousResult:
    """The result that a seed corrects.

    Attributes
    ----------
    labels: (T, Z, Y, X) uint8.
    uncertainty: (T, Z, Y, X) float32.
    slice_scores: (T, Z) float32.
    seeds: (T, Z) bool, the slices from which it was made.
    provenance: what the engine needs of it: the constants of the intervals, and the ends of the former ones, which
        labels with corrected slices left out do not show.
    """

    labels: NDArray[np.uint8]
    uncertainty: NDArray[np.float32]
    slice_scores: NDArray[np.float32]
    seeds: NDArray[np.bool_]
    provenance: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PropagationTask:
    """Segment ``cine`` from ``seed_labels`` (T, Z, Y, X) uint8; ``model`` and ``device`` as `medvos` names them.

    A model that needs no drawing is given None for the seed. ``proposal`` is the `medvos.cine.seed.digest_of` a slice
    that was proposed; as long as the seed has it unchanged the report calls it a proposal. Raises InputError where the
    seed is not on the grid of the cine.

    Example: ``ProcessJob.start(PropagationTask(cine, labels, model="cstm", device="cpu"))``
    """

    cine: Cine
    seed_labels: NDArray[np.uint8] | None
    model: str = "cstm"
    device: str = "auto"
    previous: PreviousResult | None = None
    proposals: tuple[str, ...] = ()
    wording: ClassVar[Wording] = SEGMENTATION
    is_final: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.seed_labels is not None and self.seed_labels.shape != self.cine.shape:
            raise InputError(tr("The seed is on another grid than the cine: draw it on the cine itself."))

    def hand_over(self, folder: Path) -> list[str]:
        """Write the cine, the seed and the previous result."""
        write_nrrd(folder / "cine.nrrd", self.cine.array, self.cine)
        # The panel shows the segments of a clip themselves.
        options = [*_options(self.model, self.device), *(["--no-video"] if self.cine.is_echo else [])]
        if self.seed_labels is None:
            return ["segment", "cine.nrrd", *options]
        write_nrrd(folder / "seed.nrrd", self.seed_labels, self.cine)
        arguments = ["propagate", "cine.nrrd", "--seed", "seed.nrrd", *options, "--partial", "partial"]
        if self.previous is not None:
            _write_previous(self.previous, folder / "previous", self.cine)
            arguments += ["--previous", "previous"]
        for digest in self.proposals:
            arguments += ["--proposal", digest]
        return arguments

    def collect(self, folder: Path) -> PropagationOutcome:
        """Read the segmentation and its report."""
        return read_outcome(folder / "out", self.cine)


@dataclass(frozen=True)
class ProposalTask:
    """Propose a drawing of ``slice`` at ``phase``; its outcome is the labels (Y, X) uint8."""

    cine: Cine
    phase: int
    slice: int
    model: str = "cstm"
    device: str = "auto"
    wording: ClassVar[Wording] = SEGMENTATION
    is_final: ClassVar[bool] = False

    def hand_over(self, folder: Path) -> list[str]:
        """Write the cine."""
        write_nrrd(folder / "cine.nrrd", self.cine.array, self.cine)
        place = ["--phase", str(self.phase), "--slice", str(self.slice)]
        return ["propose", "cine.nrrd", "--out", "seed.nii", *place, "--model", self.model, "--device", self.device]

    def collect(self, folder: Path) -> NDArray[np.uint8]:
        """Read the labels of the slice."""
        labels = read_nifti(folder / "seed.nii", self.cine)[self.phase, self.slice]
        return np.ascontiguousarray(labels, np.uint8)


@dataclass(frozen=True)
class ObstructionTask:
    """Predict obstruction in the wall of ``heart`` (T, Z, Y, X) uint8."""

    cine: Cine
    heart: NDArray[np.uint8]
    model: str
    device: str = "auto"
    wording: ClassVar[Wording] = SEGMENTATION
    is_final: ClassVar[bool] = False

    def hand_over(self, folder: Path) -> list[str]:
        """Write the cine and the heart."""
        write_nrrd(folder / "cine.nrrd", self.cine.array, self.cine)
        write_nrrd(folder / "heart.nrrd", self.heart, self.cine)
        return ["segment", "cine.nrrd", "--myocardium", "heart.nrrd", *_options(self.model, self.device)]

    def collect(self, folder: Path) -> PredictedObstruction:
        """Read the mask, the probability and the provenance."""
        return read_obstruction_outcome(folder / "out", self.cine)


def _options(model: str, device: str) -> list[str]:
    return ["--out", "out", "--model", model, "--device", device, "--progress", "json"]


def _write_previous(previous: PreviousResult, folder: Path, cine: Cine) -> None:
    """Write ``previous`` in the format of `medvos.report.read_results.read_result`."""
    folder.mkdir()
    save(folder / "segmentation.nii.gz", previous.labels, cine.affine)
    save(folder / "uncertainty.nii.gz", in_steps(previous.uncertainty), cine.affine, float(SLOPE))
    seeds = [{"phase": int(t), "slice": int(z)} for t, z in np.argwhere(previous.seeds)]
    provenance = {**previous.provenance, "seeds": seeds}
    report = {"slice_scores": previous.slice_scores.tolist(), "provenance": provenance}
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
