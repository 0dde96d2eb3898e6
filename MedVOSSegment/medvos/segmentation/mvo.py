"""Predict microvascular obstruction in a short-axis cine whose heart is segmented already."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.cine.cine import Cine
from medvos.cine.guard import checked
from medvos.errors import InputError
from medvos.models.device import choose_device
from medvos.models.flip import mean_over_flip
from medvos.models.mvo.network import MvoNetwork
from medvos.models.networks import load_mvo
from medvos.models.store import ModelInfo
from medvos.mvo_notice import NOTICE
from medvos.progress import Progress, Report
from medvos.propagation.intensity import above_darkest, grey_window, normalise
from medvos.propagation.region import Region
from medvos.provenance import provenance_of
from medvos.result import Result
from medvos.segmentation.through_beat import carry_through_beat
from medvos.segmentation.wall_region import WALL_PART, region_of_wall
from medvos.structures import LV, MVO, MYO, heart_of
from medvos.uncertainty.obstruction_calibration import (
    ObstructionCalibration,
    above_threshold,
    probability_of,
    probability_of_error,
    slice_scores,
)

LEAST_PHASES = 5


def segment_obstruction(
    cine: Cine, heart: NDArray[np.uint8], info: ModelInfo, device: str = "auto", progress: Report | None = None
) -> Result:
    """Label obstructed voxels of the wall with `medvos.structures.MVO`, with their probability and uncertainty.

    Obstruction is predicted at end-diastole, where the cavity is largest, and transferred to the other phases at the
    same angle and depth in the wall. Probability and uncertainty are known at end-diastole alone, and 0 elsewhere.

    Parameters
    ----------
    cine: a stack of five phases or more.
    heart: (T, Z, Y, X) labels, 1 RV, 2 Myo, 3 LV; obstruction that was predicted before counts as wall.
    info: a model whose network is ``mvo``.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    progress: called after each slice; an exception that it raises stops the work and passes through.

    Raises
    ------
    InputError: too few phases or slices, labels of another grid or without a wall, an LV that the image's edge cuts,
        or there is no such device.

    >>> result = segment_obstruction(cine, heart.labels, resolve("mvo", "mvo"))
    >>> result.labels == MVO  # (T, Z, Y, X)
    """
    began = time.monotonic()
    checked(cine)
    heart = heart_of(heart)
    ed = end_diastole(cine, heart)
    where = choose_device(device)
    inference = MvoInference.of(cine, heart, ed, load_mvo(info, where), where)
    labels, uncertainty = heart.copy(), np.zeros(cine.shape, np.float32)
    probabilities = np.zeros(cine.shape, np.float32)
    scores = np.zeros(cine.shape[:2], np.float32)
    calibration = ObstructionCalibration.of(info.calibration)
    wall = torch.from_numpy(heart[ed] == MYO)
    slices = inference.wall_slices
    for done, (z, raw_probability, spread) in enumerate(inference.slices(), start=1):
        probabilities[ed, z] = probability_of(raw_probability, spread, wall[z], calibration)[0].numpy()
        if progress is not None:
            progress(Progress(done, len(slices), f"predicting obstruction, slice {z + 1} of {cine.shape[1]}"))
    probability = torch.from_numpy(probabilities[ed])
    found = above_threshold(probability, calibration)
    uncertainty[ed] = torch.where(wall, probability_of_error(probability, found), 0).numpy()
    scores[ed, slices] = slice_scores(probability, found, calibration).numpy()[slices]
    for z in slices:
        for phase, here in enumerate(carry_through_beat(found[z].numpy(), heart[:, z], ed, cine.spacing[1:])):
            labels[phase, z][here] = MVO
    notes = [*cine.source.notes, NOTICE, describe_highest(probability, calibration)]
    provenance = provenance_of(info, where, notes, began=began, notice=NOTICE)
    return Result(cine, labels, uncertainty, scores, np.zeros(cine.shape[:2], bool), provenance, probabilities)


def describe_highest(probability: Tensor, calibration: ObstructionCalibration) -> str:
    """Return a sentence on the highest probability anywhere and the threshold above which wall counts as obstructed."""
    highest, least = float(probability.max()), calibration.threshold[0]
    none = "" if highest > least else " No voxel is above it, which does not exclude obstruction."
    return f"The highest probability of obstruction anywhere is {highest:.0%}; the threshold is {least:.0%}." + none


def end_diastole(cine: Cine, heart: NDArray[np.uint8]) -> int:
    """Return the phase with the largest LV, after checking that obstruction can be predicted.

    Raises
    ------
    InputError: it cannot be predicted for this cine or these labels.
    """
    phases, slices = cine.shape[:2]
    if heart.shape != cine.shape:
        raise InputError(
            f"The segmentation has the shape {heart.shape} and the cine {cine.shape}: give that of this cine, at all "
            "of its phases."
        )
    if phases < LEAST_PHASES:
        raise InputError(
            f"Obstruction is predicted from the motion of the wall, for which {phases} phases are too few: give a cine "
            f"of {LEAST_PHASES} or more."
        )
    if slices < 2:
        raise InputError("A single slice shows too little of the wall: give the whole short-axis stack.")
    if not (heart == MYO).any() or not (heart == LV).any():
        raise InputError(
            "The segmentation has no myocardium (label 2) around an LV (label 3): propagate both, and give the result."
        )
    ed = int((heart == LV).sum((1, 2, 3)).argmax())
    at_ed = f"phase {ed + 1}, counted from 1"
    drawn = np.isin(heart[ed], (LV, MYO))
    if not (heart[ed] == MYO).any():
        raise InputError(f"The segmentation has no myocardium at end-diastole ({at_ed}): draw it there.")
    if len(slices_with_wall(heart[ed])) < 2:
        raise InputError(
            f"The segmentation has an LV with its wall in fewer than two slices at end-diastole ({at_ed}), which "
            "shows too little: give the segmentation of the whole heart."
        )
    cut = drawn[:, [0, -1]].any((1, 2)) | drawn[:, :, [0, -1]].any((1, 2))
    if cut.any():
        raise InputError(
            f"The left ventricle is cut by the edge of the image in slice {int(np.argmax(cut)) + 1} (counted from 1): "
            "give a cine that shows all of it."
        )
    return ed


def slices_with_wall(heart: NDArray[np.uint8]) -> list[int]:
    """Return the indices of slices (Z, Y, X) that have both cavity and wall."""
    return [z for z, plane in enumerate(heart) if (plane == MYO).any() and (plane == LV).any()]


def chosen_phases(phases: int, ed: int, network: MvoNetwork) -> NDArray[np.int_]:
    """Return the evenly spaced phases that the network is given, from ED on.

    A cine with fewer phases than the network was trained with gives all of them; the U-Net gets some of them twice.
    """
    config = network.config
    count = config.frames if config.design == "unet" else min(config.frames, phases)
    return (ed + np.floor(np.arange(count) * phases / count).astype(int)) % phases


@torch.inference_mode()
def predict(network: MvoNetwork, frames: Tensor, wall: Tensor) -> tuple[Tensor, Tensor]:
    """Return the raw probability (B, H, W), mean over image and mirror image, and the variance between the two.

    Parameters
    ----------
    network: in evaluation mode.
    frames: (B, T, H, W), normalised, ED first.
    wall: (B, H, W) bool, at ED.
    """
    return mean_over_flip(lambda *images: network(*images).sigmoid(), frames, wall)


@dataclass(frozen=True)
class MvoInference:
    """A cine and the network that predicts obstruction in its wall.

    Attributes
    ----------
    cine: the images.
    heart: (T, Z, Y, X) labels.
    phases: that the network is given, ED first.
    network: on ``device``.
    region: around the LV.
    window: intensities that become black and white.
    """

    cine: Cine
    heart: NDArray[np.uint8]
    phases: NDArray[np.int_]
    network: MvoNetwork
    device: torch.device
    region: Region
    window: tuple[float, float]

    @staticmethod
    def of(cine: Cine, heart: NDArray[np.uint8], ed: int, network: MvoNetwork, device: torch.device) -> MvoInference:
        """Choose region, grey window and phases."""
        region = region_of_wall(heart[ed], network.config.side, cine.spacing[1:])
        window = grey_window(region.extract(above_darkest(cine, cine.array[ed][:, None])).numpy())
        return MvoInference(cine, heart, chosen_phases(cine.shape[0], ed, network), network, device, region, window)

    @property
    def wall_slices(self) -> list[int]:
        """Indices of the slices with both cavity and wall at ED."""
        return slices_with_wall(self.heart[self.phases[0]])

    def slices(self) -> Iterator[tuple[int, Tensor, Tensor]]:
        """Yield the slice index, the raw probability (1, Y, X) and its variance (1, Y, X)."""
        for z in self.wall_slices:
            images = above_darkest(self.cine, self.cine.array[self.phases, z])[None]  # (1, T, Y, X)
            wall = torch.from_numpy((self.heart[self.phases[0], z] == MYO).astype(np.float32))[None, None]
            frames = normalise(self.region.extract(images), self.window).to(self.device)
            inside = (self.region.extract(wall)[:, 0] > WALL_PART).to(self.device)
            maps = torch.stack([part.cpu() for part in predict(self.network, frames, inside)], 1)
            probability, spread = self.region.restore(maps, self.cine.shape[2:]).unbind(1)
            yield z, probability, spread.clamp_min(0)
