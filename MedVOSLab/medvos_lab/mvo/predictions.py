"""Predictions of an MVO network for the held-out patients."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.evaluate.metrics import dice
from medvos.models.mvo.network import MvoNetwork
from medvos.segmentation.mvo import predict
from medvos.uncertainty.obstruction_calibration import ObstructionCalibration, above_threshold, probability_of
from medvos_lab.mvo.patients import Heart, HeldOut, SimulatedPatient, number, simulated, unharmed

UNCALIBRATED = ObstructionCalibration()
NORMAL = range(61, 81)  # ACDC's patients without any disease


@dataclass(frozen=True)
class PatientPrediction:
    """All slices of one patient.

    Attributes
    ----------
    raw_probability, spread: (Z, H, W) uncalibrated output of the network, and its variance.
    core, wall: (Z, H, W), simulated obstruction and the wall.
    patient: number in the data set.
    calibration: constants that turn the raw output into probabilities.
    """

    raw_probability: NDArray[np.float32]
    spread: NDArray[np.float32]
    core: NDArray[np.bool_]
    wall: NDArray[np.bool_]
    patient: int
    calibration: ObstructionCalibration = UNCALIBRATED

    def by(self, calibration: ObstructionCalibration) -> PatientPrediction:
        """Return the prediction with other constants."""
        return replace(self, calibration=calibration)

    @cached_property
    def probability(self) -> NDArray[np.float32]:
        """(Z, H, W) of obstruction."""
        raw, spread, wall = (torch.from_numpy(array) for array in (self.raw_probability, self.spread, self.wall))
        return probability_of(raw, spread, wall, self.calibration).numpy()

    @property
    def found(self) -> NDArray[np.bool_]:
        """(Z, H, W) bool, obstructed voxels."""
        return above_threshold(torch.from_numpy(self.probability), self.calibration).numpy()

    @property
    def flagged(self) -> float:
        """Fraction of the wall that is predicted as obstructed, in %."""
        return 100 * float(self.found.sum() / self.wall.sum())


@dataclass(frozen=True)
class Judged:
    """Predictions for all held-out patients, each by a network that has not seen them.

    Attributes
    ----------
    obstructed: with a simulated core, as `HeldOut.obstructed` has them.
    plain: the same infarcts and cores without any contrast on cine.
    dead: with a simulated infarct that has none.
    without: every one of these hearts as it is. normal: those of them without any disease.
    infarcted: real infarcts.
    """

    obstructed: list[PatientPrediction]
    plain: list[PatientPrediction]
    dead: list[PatientPrediction]
    without: list[PatientPrediction]
    normal: list[PatientPrediction]
    infarcted: list[PatientPrediction]

    def each(self, change: Callable[[PatientPrediction], PatientPrediction]) -> Judged:
        """Return every prediction changed."""
        return Judged(*([change(prediction) for prediction in getattr(self, part.name)] for part in fields(self)))

    @staticmethod
    def joined(parts: Sequence[Judged]) -> Judged:
        """Return the predictions of several folds together."""
        return Judged(*([found for judged in parts for found in getattr(judged, part.name)] for part in fields(Judged)))

    def only(self, patients: Collection[int]) -> Judged:
        """Return the predictions of these patients."""
        return Judged(
            *([found for found in getattr(self, part.name) if found.patient in patients] for part in fields(self))
        )


def dice_of_hearts(predictions: Iterable[PatientPrediction]) -> dict[int, float]:
    """Return the mean Dice of each heart by its number; infarcts of one heart are not independent of each other."""
    found: dict[int, list[float]] = {}
    for each in predictions:
        found.setdefault(each.patient, []).append(dice(each.found, each.core))
    return {patient: float(np.mean(values)) for patient, values in sorted(found.items())}


def judge(network: MvoNetwork, held_out: HeldOut, device: torch.device, frames: int | None = None) -> Judged:
    """Predict every patient: with an infarct and a core in each of the three territories, without a core, and healthy.

    Parameters
    ----------
    network: any MVO network.
    held_out: the hearts.
    device: where it runs.
    frames: of a beat; default the network's usual number.
    """
    network, count = network.to(device).eval(), frames or network.config.frames

    def predictions(patients: Iterable[tuple[Heart, SimulatedPatient]]) -> list[PatientPrediction]:
        return [_predict(network, patient, number(heart), device) for heart, patient in patients]

    hearts, cores = held_out.hearts, held_out.cores
    without = predictions((heart, unharmed(heart, count)) for heart in hearts)

    def obstructed(contrast: bool) -> list[PatientPrediction]:
        pairs = held_out.obstructed
        return predictions((heart, simulated(heart, cores, where, count, contrast)) for heart, where in pairs)

    return Judged(
        obstructed(contrast=True),
        obstructed(contrast=False),
        predictions((heart, simulated(heart, [], None, count)) for heart in hearts),
        without,
        [prediction for prediction in without if prediction.patient in NORMAL],
        predictions((heart, unharmed(heart, count)) for heart in held_out.infarcted),
    )


def _predict(network: MvoNetwork, patient: SimulatedPatient, name: int, device: torch.device) -> PatientPrediction:
    columns = []
    for frames, wall in zip(patient.frames, patient.wall, strict=True):
        maps = predict(network, ((frames - 0.5) / 0.25)[None].to(device), wall[None].to(device))
        columns.append([part[0].cpu().numpy() for part in maps])
    raw, spread = (np.stack(column) for column in zip(*columns, strict=True))
    return PatientPrediction(raw, spread, patient.core.numpy(), patient.wall.numpy(), name)
