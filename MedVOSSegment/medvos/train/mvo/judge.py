"""What an MVO network says of the held-out patients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.models.mvo.network import MvoNetwork
from medvos.segmentation.obstruction import CHANCE, look
from medvos.train.mvo.patients import HeldOut, Patient, number, simulated, unharmed

NORMAL = range(61, 81)  # ACDC's patients without any disease


@dataclass(frozen=True)
class Looked:
    """One patient, all slices: chance and variance, the simulated core and the wall, each (Z, H, W)."""

    chance: NDArray[np.float32]
    spread: NDArray[np.float32]
    core: NDArray[np.bool_]
    wall: NDArray[np.bool_]

    @property
    def found(self) -> NDArray[np.bool_]:
        """(Z, H, W)."""
        return self.chance > CHANCE

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

    def seen(patients: Iterable[Patient]) -> list[Looked]:
        return [_look(network, one, device) for one in patients]

    without = seen(unharmed(heart, count) for heart in held_out.hearts)
    return Judged(
        seen(simulated(heart, held_out.cores, territory, count) for heart, territory in held_out.obstructed),
        seen(simulated(heart, [], None, count) for heart in held_out.hearts),
        without,
        [one for one, heart in zip(without, held_out.hearts, strict=True) if number(heart) in NORMAL],
        seen(unharmed(heart, count) for heart in held_out.infarcted),
    )


def _look(network: MvoNetwork, patient: Patient, device: torch.device) -> Looked:
    columns = []
    for frames, wall in zip(patient.frames, patient.wall, strict=True):
        maps = look(network, ((frames - 0.5) / 0.25)[None].to(device), wall[None].to(device))
        columns.append([one[0].cpu().numpy() for one in maps])
    chance, spread = (np.stack(column) for column in zip(*columns, strict=True))
    return Looked(chance, spread, patient.core.numpy(), patient.wall.numpy())
