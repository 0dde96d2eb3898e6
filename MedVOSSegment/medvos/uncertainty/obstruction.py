"""How likely the wall is obstructed, where it is called so, and how likely that is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import label
from torch import Tensor

from medvos.errors import InputError

SURE = 1e-6
# Names of the constants in manifests of version 0.1.
OLD_NAMES = {"chance": "probability", "called": "threshold", "island": "component_fraction"}


@dataclass(frozen=True)
class ObstructionCalibration:
    """Constants that turn a network's output into probabilities, fitted on simulated infarcts, kept in the manifest.

    The raw output is far too high: obstruction is rare, and the loss weighs it up.

    Attributes
    ----------
    probability: (a, b, c): probability of obstruction = sigmoid(a + b logit(answer) + c sqrt(spread)).
    threshold: (t,): the wall above this probability counts as obstructed.
    component_fraction: (f,): components whose expected volume is below f times that of the largest are discarded;
        threshold and f maximise mean Dice, fitted in turn.
    slice: (a, b): probability that a slice's mask is bad (Dice below 0.8) = sigmoid(a + b logit(1 - expected Dice)).
    """

    probability: tuple[float, float, float] = (0.0, 1.0, 0.0)
    threshold: tuple[float] = (0.5,)
    component_fraction: tuple[float] = (0.0,)
    slice: tuple[float, float] = (0.0, 1.0)

    @staticmethod
    def of(constants: dict[str, list[float]]) -> ObstructionCalibration:
        """From a model's manifest entry.

        Raises
        ------
        InputError: its constants are those of another kind of network or version.
        """
        try:
            named = {OLD_NAMES.get(name, name): tuple(values) for name, values in constants.items()}
            return ObstructionCalibration(**named)  # type: ignore[arg-type]
        except TypeError as error:
            raise InputError(
                f"The constants {', '.join(constants)} of the MVO weights do not fit this version of medvos; reinstall "
                "medvos, or train them again."
            ) from error


def features(answer: Tensor, spread: Tensor) -> tuple[Tensor, Tensor]:
    """What the chance is told from: logit(answer) and sqrt(spread), each of the shape of both."""
    return torch.logit(answer.clamp(SURE, 1 - SURE)), spread.clamp_min(0).sqrt()


def probability_of(answer: Tensor, spread: Tensor, wall: Tensor, calibration: ObstructionCalibration) -> Tensor:
    """Chance of obstruction, 0 outside of the wall.

    Parameters
    ----------
    answer: of the network in [0, 1], the mean over the picture and its mirror image.
    spread: variance between the two.
    wall: bool, all of one shape.
    """
    a, b, c = calibration.probability
    odds, disagreement = features(answer, spread)
    return torch.where(wall, torch.sigmoid(a + b * odds + c * disagreement), 0.0)


def called(probability: Tensor, calibration: ObstructionCalibration) -> Tensor:
    """(Z, H, W) of a whole heart: where its wall is called obstructed."""
    components = Components.above(calibration.threshold[0], probability.numpy())
    return torch.from_numpy(components.beside_the_largest(calibration.component_fraction[0]))


@dataclass(frozen=True)
class Components:
    """What hangs together in a heart, also across a corner.

    One artery closes at a time: what was found far from most of it is more often noise than obstruction.

    Attributes
    ----------
    number: (Z, H, W) of the island, 0 outside of all.
    expected: (N + 1,) obstructed voxels in each, on average, if the chances are true; 0 outside.
    """

    number: NDArray[np.int32]
    expected: NDArray[np.float64]

    @staticmethod
    def above(least: float, probability: NDArray[np.float32]) -> Components:
        """Of chances (Z, H, W) greater than ``least``."""
        number, count = label(probability > least, np.ones((3, 3, 3), bool))
        expected = np.bincount(number.ravel(), probability.ravel(), count + 1).astype(np.float64)
        expected[0] = 0
        return Components(number, expected)

    def beside_the_largest(self, fraction: float) -> NDArray[np.bool_]:
        """(Z, H, W) without islands in which less is expected than ``fraction`` of the most."""
        kept = self.expected >= fraction * self.expected.max()
        kept[0] = False
        return np.asarray(kept[self.number])


def probability_of_error(probability: Tensor, found: Tensor) -> Tensor:
    """How likely it is that what is called obstructed is not, and elsewhere that it is."""
    return torch.where(found, 1 - probability, probability)


def expected_overlap(probability: Tensor, found: Tensor) -> Tensor:
    """(B, H, W) -> (B,): Dice of the mask on average, if the chances are true.

    Where nothing is called obstructed it is the chance that nothing is, at the likeliest place.
    """
    shared = (probability * found).sum((1, 2))
    area = found.sum((1, 2))
    return torch.where(
        area > 0, 2 * shared / (probability.sum((1, 2)) + area).clamp_min(SURE), 1 - probability.amax((1, 2))
    )


def doubt(probability: Tensor, found: Tensor) -> Tensor:
    """(B, H, W) -> (B,): logit(1 - expected Dice), which the chance of a bad slice is told from."""
    return torch.logit((1 - expected_overlap(probability, found)).clamp(SURE, 1 - SURE))


def slice_scores(probability: Tensor, found: Tensor, calibration: ObstructionCalibration) -> Tensor:
    """(B, H, W) -> (B,): chance that a slice's mask has a Dice below 0.8."""
    a, b = calibration.slice
    return torch.sigmoid(a + b * doubt(probability, found))
