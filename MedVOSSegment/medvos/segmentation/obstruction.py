"""Microvascular obstruction in a short-axis cine whose heart is segmented already."""

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
from medvos.measure.obstruction import NOTICE
from medvos.models.device import choose_device
from medvos.models.mvo.network import MvoNetwork
from medvos.models.networks import load_mvo
from medvos.models.store import ModelInfo
from medvos.progress import Progress, Report
from medvos.propagation.region import Region, grey_window, normalise
from medvos.result import Result
from medvos.segmentation.through_beat import through_the_beat
from medvos.segmentation.wall import region_of_wall
from medvos.structures import LV, MVO, MYO, heart_of
from medvos.uncertainty.obstruction import (
    ObstructionCalibration,
    called,
    probability_of,
    probability_of_error,
    slice_scores,
)

LEAST_PHASES = 5


def segment_obstruction(
    cine: Cine, heart: NDArray[np.uint8], info: ModelInfo, device: str = "auto", progress: Report | None = None
) -> Result:
    """The heart's labels with `medvos.structures.MVO` in its wall, its chance, and how unsure each voxel there is.

    Obstruction is looked for at end-diastole, where the wall is widest apart, and carried to the other phases at the
    same angle and depth of the wall. Its uncertainty is that of end-diastole too, and 0 elsewhere.

    Parameters
    ----------
    cine: a stack of five phases or more.
    heart: (T, Z, Y, X) labels, 1 RV, 2 Myo, 3 LV; obstruction that was found before is wall like any other.
    info: a model of the kind ``mvo``.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    progress: told of each slice; an exception that it raises stops the work and passes through.

    Raises
    ------
    InputError: too few phases or slices, labels of another grid or without a wall, an LV that the picture cuts, or
        there is no such device.
    """
    began = time.monotonic()
    checked(cine)
    heart = heart_of(heart)
    ed = end_diastole(cine, heart)
    where = choose_device(device)
    run = MvoInference.of(cine, heart, ed, load_mvo(info, where), where)
    labels, uncertainty = heart.copy(), np.zeros(cine.shape, np.float32)
    probabilities = np.zeros(cine.shape, np.float32)
    scores = np.zeros(cine.shape[:2], np.float32)
    calibration = ObstructionCalibration.of(info.calibration)
    wall = torch.from_numpy(heart[ed] == MYO)
    for done, (z, answer, spread) in enumerate(run.slices(), start=1):
        probabilities[ed, z] = probability_of(answer, spread, wall[z], calibration)[0].numpy()
        if progress is not None:
            progress(Progress(done, len(run.n_slices), f"slice {z + 1} of {cine.shape[1]}"))
    probability = torch.from_numpy(probabilities[ed])
    found = called(probability, calibration)
    uncertainty[ed] = torch.where(wall, probability_of_error(probability, found), 0).numpy()
    scores[ed, run.n_slices] = slice_scores(probability, found, calibration).numpy()[run.n_slices]
    for z in run.n_slices:
        for phase, here in enumerate(through_the_beat(found[z].numpy(), heart[:, z], ed, cine.spacing[1:])):
            labels[phase, z][here] = MVO
    provenance = {
        "model": info.name,
        "weights_sha256": info.sha256,
        "terms": info.terms,
        "device": str(where),
        "seconds": round(time.monotonic() - began, 2),
        "notice": NOTICE,
        "notes": [*cine.source.notes, NOTICE, how_likely(probability, calibration)],
    }
    return Result(cine, labels, uncertainty, scores, np.zeros(cine.shape[:2], bool), provenance, probabilities)


def how_likely(probability: Tensor, calibration: ObstructionCalibration) -> str:
    """What the greatest chance anywhere is, beside that above which the wall is called obstructed."""
    highest, least = float(probability.max()), calibration.threshold[0]
    none = "" if highest > least else " None was called obstructed, which does not exclude it."
    return (
        f"The highest chance of obstruction anywhere is {highest:.0%}; the wall is called obstructed above {least:.0%}."
        + none
    )


def end_diastole(cine: Cine, heart: NDArray[np.uint8]) -> int:
    """The phase of the largest LV, once it is sure that obstruction can be looked for.

    Raises
    ------
    InputError: it cannot.
    """
    phases, n_slices = cine.shape[:2]
    if heart.shape != cine.shape:
        raise InputError(
            f"The segmentation has the shape {heart.shape} and the cine {cine.shape}: give that of this cine, at all "
            "of its phases."
        )
    if phases < LEAST_PHASES:
        raise InputError(
            f"Obstruction is told by how the wall moves, for which {phases} phases are too few: give a cine of "
            f"{LEAST_PHASES} or more."
        )
    if n_slices < 2:
        raise InputError("A single slice shows too little of the wall: give the whole short-axis stack.")
    if not (heart == MYO).any() or not (heart == LV).any():
        raise InputError(
            "The segmentation has no myocardium (label 2) round an LV (label 3): propagate both, and give the result."
        )
    ed = int((heart == LV).sum((1, 2, 3)).argmax())
    drawn = np.isin(heart[ed], (LV, MYO))
    if not (heart[ed] == MYO).any():
        raise InputError(f"The segmentation has no myocardium at end-diastole (phase {ed}): draw it there.")
    if len(ring_levels(heart[ed])) < 2:
        raise InputError(
            f"The segmentation has an LV with its wall in fewer than two slices at end-diastole (phase {ed}), which "
            "shows too little: give the segmentation of the whole heart."
        )
    cut = drawn[:, [0, -1]].any((1, 2)) | drawn[:, :, [0, -1]].any((1, 2))
    if cut.any():
        raise InputError(
            f"The left ventricle is cut by the edge of the picture in slice {int(np.argmax(cut))}: give a cine that "
            "shows all of it."
        )
    return ed


def ring_levels(heart: NDArray[np.uint8]) -> list[int]:
    """Slices of (Z, Y, X) labels with a cavity and its wall."""
    return [z for z, plane in enumerate(heart) if (plane == MYO).any() and (plane == LV).any()]


def chosen_phases(phases: int, ed: int, network: MvoNetwork) -> NDArray[np.int_]:
    """Numbers of the evenly spaced phases that the network is given, from ED on.

    Where the cine has fewer than the network is used to, all are given; the U-Net gets some of them twice.
    """
    config = network.config
    count = config.frames if config.design == "unet" else min(config.frames, phases)
    return (ed + np.floor(np.arange(count) * phases / count).astype(int)) % phases


@torch.inference_mode()
def look(network: MvoNetwork, frames: Tensor, wall: Tensor) -> tuple[Tensor, Tensor]:
    """What the network answers (B, H, W), mean of the heart and its mirror image, and the variance between them."""
    straight = network(frames, wall).sigmoid()
    mirrored = network(frames.flip(-1), wall.flip(-1)).sigmoid().flip(-1)
    both = torch.stack([straight, mirrored])
    return both.mean(0), both.var(0, correction=0)


@dataclass(frozen=True)
class MvoInference:
    """A cine and the network that looks at its wall.

    Attributes
    ----------
    cine, heart: what is looked at.
    phases: that the network is given, ED first.
    network: on ``device``.
    region: round the LV.
    window: the grey values that become black and white.
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
        """Ready to look."""
        region = region_of_wall(heart[ed], network.config.side, cine.spacing[1:])
        window = grey_window(region.extract(_above_darkest(cine, cine.array[ed][:, None])).numpy())
        return MvoInference(cine, heart, chosen_phases(cine.shape[0], ed, network), network, device, region, window)

    @property
    def n_slices(self) -> list[int]:
        """Slices with a cavity and its wall at ED."""
        return ring_levels(self.heart[self.phases[0]])

    def slices(self) -> Iterator[tuple[int, Tensor, Tensor]]:
        """Slice number, and (1, Y, X) the network's answer and its variance."""
        for z in self.n_slices:
            images = _above_darkest(self.cine, self.cine.array[self.phases, z])[None]  # (1, T, Y, X)
            wall = torch.from_numpy((self.heart[self.phases[0], z] == MYO).astype(np.float32))[None, None]
            frames = normalise(self.region.extract(images), self.window).to(self.device)
            inside = (self.region.extract(wall)[:, 0] > 0.25).to(self.device)  # no voxel of the wall is left out
            maps = torch.stack([part.cpu() for part in look(self.network, frames, inside)], 1)
            probability, spread = self.region.place(self.region.to_box(maps), self.cine.shape[2:]).unbind(1)
            yield z, probability, spread.clamp_min(0)


def _above_darkest(cine: Cine, images: NDArray[np.float32]) -> Tensor:
    """Outside the image the region is 0, which must be the darkest grey of this cine."""
    return torch.from_numpy(np.subtract(images, cine.array.min(), dtype=np.float32))
