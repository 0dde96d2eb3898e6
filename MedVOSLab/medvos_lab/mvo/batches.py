"""Batches of slices with simulated infarcts through the beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.segmentation.wall_region import WALL_PART
from medvos.synth.infarct import Infarct
from medvos.synth.infarct_slice import InfarctSlice, infarct_slice
from medvos.synth.noise import smooth_noise
from medvos_lab.augment import affine, displacement
from medvos_lab.loop import TensorBatch
from medvos_lab.motion.flow import identity
from medvos_lab.mvo.beat import beating, phases
from medvos_lab.mvo.heart_slices import MADE, NETWORK_SIDE, SIDE, HeartSlice

# How often a sample has an infarct with obstruction and one without; the others are healthy.
OBSTRUCTED, INFARCTED = 0.65, 0.2
REAL = 0.65  # how often the heart is a real one
# Frames of a beat, and how often: the fewer they are, the more slices a batch holds.
LENGTHS = {5: 0.75, 10: 0.25}
TRIES = 8  # infarcts that are drawn for one that obstructs this slice
SHIFT = 0.04  # half fields
FRAME_NOISE, FLOW = (0.005, 0.03), (0.0, 0.08)  # of white; of the blood's own grey
COIL, SHADING, MUSCLE = 48.0, (0.0, 0.15), 0.25  # pixels over which a coil's gain varies, by how much; grey
LEAST_CORE = 12  # pixels; what is smaller has no shape here


@dataclass(frozen=True)
class MvoBatch(TensorBatch):
    """
    Attributes
    ----------
    frames: (B, T, H, W), normalised as at inference.
    wall, core: (B, H, W) bool in the first frame.
    """

    frames: Tensor
    wall: Tensor
    core: Tensor


class MvoBatches:
    """Make the batch of any step, reproducible from seed and step number.

    Parameters
    ----------
    slices: to simulate infarcts in.
    cores: shapes of obstruction.
    frames: in a batch, whatever the length of its beats.
    length: of every beat; None draws one for each batch.
    seed: of the stream.
    without_contrast: fraction of the infarcts that have the grey of the healthy wall, so that motion alone shows them.
    """

    def __init__(
        self,
        slices: list[HeartSlice],
        cores: list[NDArray[np.float32]],
        frames: int,
        length: int | None = None,
        seed: int = 0,
        without_contrast: float = 0.0,
    ) -> None:
        made = [part.patient.startswith(MADE) for part in slices]
        self.real = [part for part, is_made in zip(slices, made, strict=True) if not is_made]
        self.synthetic = [part for part, is_made in zip(slices, made, strict=True) if is_made]
        self.cores, self.frames, self.length, self.seed = cores, frames, length, seed
        self.without_contrast = without_contrast

    def __call__(self, step: int) -> MvoBatch:
        """Return the batch of this step."""
        rng = np.random.default_rng((self.seed, step))
        length = self.length or int(rng.choice(list(LENGTHS), p=list(LENGTHS.values())))
        samples = [self._sample(length, rng) for _ in range(max(self.frames // length, 1))]
        frames, wall, core = (torch.stack(column) for column in zip(*samples, strict=True))
        return MvoBatch((frames - 0.5) / 0.25, wall, core)

    def _sample(self, length: int, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        pool = self.real if self.real and (not self.synthetic or rng.random() < REAL) else self.synthetic
        heart = pool[int(rng.integers(len(pool)))]
        frames, maps = beating(heart, self._infarct(heart, rng), phases(length, rng), _placement(rng))
        wall, core = maps[0] > WALL_PART, maps[2] > 0.5
        return _scanned(frames, rng), wall, core & wall

    def _infarct(self, heart: HeartSlice, rng: np.random.Generator) -> InfarctSlice:
        kind = rng.random()
        contrast = not self.without_contrast or bool(rng.random() >= self.without_contrast)
        for _ in range(TRIES):
            infarct = Infarct.random(rng, self.cores if kind < OBSTRUCTED else [], contrast=contrast)
            found = infarct_slice(infarct, heart.ring, heart.base_to_apex)
            if found.core.sum() >= LEAST_CORE or (kind >= OBSTRUCTED and found.infarct.any()):
                break
        return found if kind < OBSTRUCTED + INFARCTED else healthy(heart)


def healthy(heart: HeartSlice) -> InfarctSlice:
    """Return a slice without any infarct."""
    none = np.zeros(heart.ring.wall.shape, np.float32)
    return InfarctSlice(none > 0, none > 0, none, none + 1)


def _placement(rng: np.random.Generator) -> Tensor:
    """Return (H, W, 2) sampling positions of the network's image, in half fields of the slice."""
    fraction = NETWORK_SIDE / SIDE
    matrix = torch.from_numpy((affine(rng, strong=True) * fraction).astype(np.float32))
    shift = torch.from_numpy(rng.normal(0, SHIFT, 2).astype(np.float32))
    return (identity(NETWORK_SIDE) + displacement(NETWORK_SIDE, rng)) @ matrix.T + shift


def _scanned(frames: Tensor, rng: np.random.Generator) -> Tensor:
    """Return (T, H, W) in [0, 1] as another scanner shows them: coil, contrast, noise of every frame, flowing blood.

    What a scanner adds stands still over a beat, or the differences between frames would show it and not the heart.
    """
    flow = smooth_noise(rng, tuple(frames.shape), (1.5, 8, 8)) * rng.uniform(*FLOW)
    coil = 1 + smooth_noise(rng, tuple(frames.shape[1:]), (COIL, COIL)) * rng.uniform(*SHADING)
    noise = rng.standard_normal(frames.shape, np.float32) * rng.uniform(*FRAME_NOISE)
    gamma, contrast, z = np.exp(rng.normal(0, 0.2)), np.exp(rng.normal(0, 0.15)), rng.normal(0, 0.03)
    # Blood is what is bright.
    seen = frames * (1 + torch.from_numpy(flow) * frames) * torch.from_numpy(coil)
    # Turned about muscle's own grey, so that its shades are never lost in black.
    return ((seen.clamp(0, 1) ** gamma - MUSCLE) * contrast + MUSCLE + z + torch.from_numpy(noise)).clamp(0, 1)
