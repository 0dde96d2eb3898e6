"""What an MVO network says of the held-out patients."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.models.mvo.network import MvoNetwork
from medvos.segmentation.mvo import predict
from medvos.uncertainty.obstruction_calibration import ObstructionCalibration, above_threshold, probability_of
from medvos_lab.mvo.patients import Heart, HeldOut, Patient, number, simulated, unharmed

UNCALIBRATED = ObstructionCalibration()
NORMAL = range(61, 81)  # ACDC's patients without any disease


@dataclass(frozen=True)
class Looked:
    """One patient, all slices.

    Attributes
    ----------
    answer, spread: (Z, H, W) of the network, and its variance.
    core, wall: (Z, H, W), simulated obstruction and the wall.
    patient: number in the data set.
    calibration: what makes chances of the answer.
    """

    answer: NDArray[np.float32]
    spread: NDArray[np.float32]
    core: NDArray[np.bool_]
    wall: NDArray[np.bool_]
    patient: int
    calibration: ObstructionCalibration = UNCALIBRATED

    def by(self, calibration: ObstructionCalibration) -> Looked:
        """The same with other constants."""
        return replace(self, calibration=calibration)

    @cached_property
    def probability(self) -> NDArray[np.float32]:
        """(Z, H, W) of obstruction."""
        answer, spread, wall = (torch.from_numpy(one) for one in (self.answer, self.spread, self.wall))
        return probability_of(answer, spread, wall, self.calibration).numpy()

    @property
    def found(self) -> NDArray[np.bool_]:
        """(Z, H, W) where it is called obstructed."""
        return above_threshold(torch.from_numpy(self.probability), self.calibration).numpy()

    @property
    def flagged(self) -> float:
        """Part of the wall that is called obstructed, in %."""
        return 100 * float(self.found.sum() / self.wall.sum())


@dataclass(frozen=True)
class Judged:
    """What a network says of held-out patients.

    Attributes
    ----------
    obstructed: with a simulated core, as `HeldOut.obstructed` has them.
    dead: with a simulated infarct that has none.
    without: every one of these hearts as it is. normal: those of them without any disease.
    infarcted: real infarcts.
    """

    obstructed: list[Looked]
    dead: list[Looked]
    without: list[Looked]
    normal: list[Looked]
    infarcted: list[Looked]

    def each(self, change: Callable[[Looked], Looked]) -> Judged:
        """Every patient changed."""
        return Judged(*([change(one) for one in getattr(self, part.name)] for part in fields(self)))

    def only(self, patients: Collection[int]) -> Judged:
        """Patients of these numbers."""
        return Judged(*([one for one in getattr(self, part.name) if one.patient in patients] for part in fields(self)))


def judge(network: MvoNetwork, held_out: HeldOut, device: torch.device, frames: int | None = None) -> Judged:
    """Shows a network every patient: an infarct with a core in each of the three territories, one without, and none.

    Parameters
    ----------
    network: what is judged.
    held_out: the hearts.
    device: where it runs.
    frames: of a beat; default as many as the network is used to.
    """
    network, count = network.to(device).eval(), frames or network.config.frames

    def seen(patients: Iterable[tuple[Heart, Patient]]) -> list[Looked]:
        return [_look(network, patient, number(heart), device) for heart, patient in patients]

    hearts, cores = held_out.hearts, held_out.cores
    without = seen((heart, unharmed(heart, count)) for heart in hearts)
    return Judged(
        seen((heart, simulated(heart, cores, territory, count)) for heart, territory in held_out.obstructed),
        seen((heart, simulated(heart, [], None, count)) for heart in hearts),
        without,
        [one for one in without if one.patient in NORMAL],
        seen((heart, unharmed(heart, count)) for heart in held_out.infarcted),
    )


def _look(network: MvoNetwork, patient: Patient, name: int, device: torch.device) -> Looked:
    columns = []
    for frames, wall in zip(patient.frames, patient.wall, strict=True):
        maps = predict(network, ((frames - 0.5) / 0.25)[None].to(device), wall[None].to(device))
        columns.append([one[0].cpu().numpy() for one in maps])
    answer, spread = (np.stack(column) for column in zip(*columns, strict=True))
    return Looked(answer, spread, patient.core.numpy(), patient.wall.numpy(), name)
