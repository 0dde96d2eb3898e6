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


@dataclass(frozen=True)
class ObstructionCalibration:
    """What turns a network's answer into chances; fitted on simulated infarcts, kept in the manifest.

    The answer itself is far too high: obstruction is rare, and the loss weighs it.

    Attributes
    ----------
    chance: (a, b, c): chance of obstruction = sigmoid(a + b logit(answer) + c sqrt(spread)).
    called: (t,): chance above which the wall is called obstructed, and
    island: (f,): islands of it in which less obstruction is expected than in f of the one with the most are not; both
        those of the greatest mean Dice, one after the other.
    slice: (a, b): chance that a slice's mask is bad (Dice below 0.8) = sigmoid(a + b logit(1 - expected Dice)).
    """

    chance: tuple[float, float, float] = (0.0, 1.0, 0.0)
    called: tuple[float] = (0.5,)
    island: tuple[float] = (0.0,)
    slice: tuple[float, float] = (0.0, 1.0)

    @staticmethod
    def of(constants: dict[str, list[float]]) -> ObstructionCalibration:
        """From a model's manifest entry.

        Raises
        ------
        InputError: its constants are those of another kind of network or version.
        """
        try:
            return ObstructionCalibration(**{name: tuple(values) for name, values in constants.items()})  # type: ignore[arg-type]
        except TypeError as error:
            raise InputError(
                f"The constants {', '.join(constants)} of the MVO weights do not fit this version of medvos; reinstall "
                "medvos, or train them again."
            ) from error


def features(answer: Tensor, spread: Tensor) -> tuple[Tensor, Tensor]:
    """What the chance is told from: logit(answer) and sqrt(spread), each of the shape of both."""
    return torch.logit(answer.clamp(SURE, 1 - SURE)), spread.clamp_min(0).sqrt()


def chance_of(answer: Tensor, spread: Tensor, wall: Tensor, calibration: ObstructionCalibration) -> Tensor:
    """Chance of obstruction, 0 outside of the wall.

    Parameters
    ----------
    answer: of the network in [0, 1], the mean over the picture and its mirror image.
    spread: variance between the two.
    wall: bool, all of one shape.
    """
    a, b, c = calibration.chance
    odds, disagreement = features(answer, spread)
    return torch.where(wall, torch.sigmoid(a + b * odds + c * disagreement), 0.0)


def called(chance: Tensor, calibration: ObstructionCalibration) -> Tensor:
    """(Z, H, W) of a whole heart: where its wall is called obstructed."""
    islands = Islands.above(calibration.called[0], chance.numpy())
    return torch.from_numpy(islands.beside_the_largest(calibration.island[0]))


@dataclass(frozen=True)
class Islands:
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
    def above(least: float, chance: NDArray[np.float32]) -> Islands:
        """Of chances (Z, H, W) greater than ``least``."""
        number, count = label(chance > least, np.ones((3, 3, 3), bool))
        expected = np.bincount(number.ravel(), chance.ravel(), count + 1).astype(np.float64)
        expected[0] = 0
        return Islands(number, expected)

    def beside_the_largest(self, share: float) -> NDArray[np.bool_]:
        """(Z, H, W) without islands in which less is expected than ``share`` of the most."""
        kept = self.expected >= share * self.expected.max()
        kept[0] = False
        return np.asarray(kept[self.number])


def chance_of_error(chance: Tensor, found: Tensor) -> Tensor:
    """How likely it is that what is called obstructed is not, and elsewhere that it is."""
    return torch.where(found, 1 - chance, chance)


def expected_overlap(chance: Tensor, found: Tensor) -> Tensor:
    """(B, H, W) -> (B,): Dice of the mask on average, if the chances are true.

    Where nothing is called obstructed it is the chance that nothing is, at the likeliest place.
    """
    shared = (chance * found).sum((1, 2))
    area = found.sum((1, 2))
    return torch.where(area > 0, 2 * shared / (chance.sum((1, 2)) + area).clamp_min(SURE), 1 - chance.amax((1, 2)))


def doubt(chance: Tensor, found: Tensor) -> Tensor:
    """(B, H, W) -> (B,): logit(1 - expected Dice), which the chance of a bad slice is told from."""
    return torch.logit((1 - expected_overlap(chance, found)).clamp(SURE, 1 - SURE))


def slice_scores(chance: Tensor, found: Tensor, calibration: ObstructionCalibration) -> Tensor:
    """(B, H, W) -> (B,): chance that a slice's mask has a Dice below 0.8."""
    a, b = calibration.slice
    return torch.sigmoid(a + b * doubt(chance, found))
