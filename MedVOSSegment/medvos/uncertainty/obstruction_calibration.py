"""Calibrated probability of microvascular obstruction, its mask, and the probability that the mask is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import label
from torch import Tensor

from medvos.errors import InputError

LEAST_PROBABILITY = 1e-6  # keeps logits finite
# Names of the constants in manifests of version 0.1.
OLD_NAMES = {"chance": "probability", "called": "threshold", "island": "component_fraction"}


@dataclass(frozen=True)
class ObstructionCalibration:
    """Constants that turn a network's output into probabilities, fitted on simulated infarcts, kept in the manifest.

    The raw output is far too high: obstruction is rare, and the loss gives it a larger weight.

    Attributes
    ----------
    probability: (a, b, c): probability of obstruction = sigmoid(a + b logit(raw probability) + c sqrt(spread)).
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
        """Read the constants of a model's manifest entry.

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


def features(raw_probability: Tensor, spread: Tensor) -> tuple[Tensor, Tensor]:
    """Return the inputs of the calibration, logit(raw probability) and sqrt(spread), each of the shape of both."""
    return torch.logit(raw_probability.clamp(LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)), spread.clamp_min(0).sqrt()


def probability_of(
    raw_probability: Tensor, spread: Tensor, wall: Tensor, calibration: ObstructionCalibration
) -> Tensor:
    """Compute the calibrated probability of obstruction, 0 outside the wall.

    Parameters
    ----------
    raw_probability: network output in [0, 1], the mean over the image and its mirror image.
    spread: variance between the two.
    wall: bool mask of the myocardium. All three have the same shape.
    """
    a, b, c = calibration.probability
    odds, disagreement = features(raw_probability, spread)
    return torch.where(wall, torch.sigmoid(a + b * odds + c * disagreement), 0.0)


def above_threshold(probability: Tensor, calibration: ObstructionCalibration) -> Tensor:
    """Return the mask of obstruction of a whole heart, without components that are small beside the largest.

    Parameters
    ----------
    probability: (Z, H, W).

    Returns
    -------
    (Z, H, W) bool.
    """
    components = Components.above(calibration.threshold[0], probability.numpy())
    return torch.from_numpy(components.large(calibration.component_fraction[0]))


@dataclass(frozen=True)
class Components:
    """Connected components of a heart's obstruction; voxels that share a corner are connected.

    One culprit artery is assumed: small components far from the largest are more often noise than obstruction.

    Attributes
    ----------
    number: (Z, H, W) number of the component, 0 outside all.
    expected: (N + 1,) expected number of obstructed voxels in each, the sum of their probabilities; 0 outside.
    """

    number: NDArray[np.int32]
    expected: NDArray[np.float64]

    @staticmethod
    def above(threshold: float, probability: NDArray[np.float32]) -> Components:
        """Find the components of the voxels whose probability (Z, H, W) is above a threshold."""
        number, count = label(probability > threshold, np.ones((3, 3, 3), bool))
        expected = np.bincount(number.ravel(), probability.ravel(), count + 1).astype(np.float64)
        expected[0] = 0
        return Components(number, expected)

    def large(self, fraction: float) -> NDArray[np.bool_]:
        """Return the mask (Z, H, W) of the components with at least this fraction of the largest expected volume."""
        kept = self.expected >= fraction * self.expected.max()
        kept[0] = False
        return np.asarray(kept[self.number])


def probability_of_error(probability: Tensor, found: Tensor) -> Tensor:
    """Return the probability that a voxel's label is wrong: obstructed (``found``, bool) or not."""
    return torch.where(found, 1 - probability, probability)


def expected_overlap(probability: Tensor, found: Tensor) -> Tensor:
    """Compute the Dice overlap of the masks (B, H, W) that is expected if the probabilities are true; (B,).

    For an empty mask it is the probability that there is no obstruction at the most likely voxel.
    """
    shared = (probability * found).sum((1, 2))
    area = found.sum((1, 2))
    return torch.where(
        area > 0,
        2 * shared / (probability.sum((1, 2)) + area).clamp_min(LEAST_PROBABILITY),
        1 - probability.amax((1, 2)),
    )


def slice_logit(probability: Tensor, found: Tensor) -> Tensor:
    """Compute the input of the slice calibration, logit(1 - expected Dice): (B, H, W) -> (B,)."""
    return torch.logit((1 - expected_overlap(probability, found)).clamp(LEAST_PROBABILITY, 1 - LEAST_PROBABILITY))


def slice_scores(probability: Tensor, found: Tensor, calibration: ObstructionCalibration) -> Tensor:
    """Compute the probability that a slice's mask has a Dice overlap below 0.8: (B, H, W) -> (B,)."""
    a, b = calibration.slice
    return torch.sigmoid(a + b * slice_logit(probability, found))
