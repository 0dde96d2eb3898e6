"""Batches of labelled clips made from pairs, and of whole clips without labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos_lab.datasets.echonet import EchoClip, EchoPairs
from medvos_lab.loop import TensorBatch
from medvos_lab.motion.clips import inside, make_clips, sample_beat, sample_probe
from medvos_lab.motion.flow import look_up
from medvos_lab.ultrasound import vary

TURN = 15.0  # degrees


@dataclass(frozen=True)
class EchoBatch(TensorBatch):
    """
    Attributes
    ----------
    clips: (B, k, H, W) in [0, 1].
    masks: (B, H, W) bool, the LV in the middle frames.
    unlabelled: (2, U, k, H, W), the same clips as the student and as the teacher sees them.
    """

    clips: Tensor
    masks: Tensor
    unlabelled: Tensor


class EchoBatches:
    """Make the batch of any step, reproducible from seed and step number.

    Parameters
    ----------
    pairs: to make labelled clips from.
    velocities: (N, 2, 14, 14) of their paths.
    whole_clips: whose drawings are not used.
    k: frames in a clip.
    sizes: labelled and unlabelled clips in a batch.
    side: pixels of the network's image.
    flip: how often a clip is mirrored.
    seed: of the stream.
    """

    def __init__(
        self,
        pairs: EchoPairs,
        velocities: NDArray[np.float16],
        whole_clips: list[EchoClip],
        k: int,
        sizes: tuple[int, int],
        side: int,
        flip: float,
        seed: int = 0,
    ) -> None:
        self.pairs, self.velocities, self.whole_clips = pairs, velocities, whole_clips
        self.k, self.sizes, self.side, self.flip, self.seed = k, sizes, side, flip, seed

    def __call__(self, step: int) -> EchoBatch:
        """Return the batch of this step."""
        rng = np.random.default_rng((self.seed, step))
        return EchoBatch(*self._labelled(rng), self._unlabelled(rng))

    def _labelled(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        chosen = rng.choice(len(self.pairs.images), self.sizes[0], replace=False)
        beat = sample_beat(len(chosen), self.k, rng)
        still = beat.still.numpy()
        positions = sample_probe(still, self.k, self.side, TURN, self.flip, rng)
        clips, masks, at_ed = make_clips(
            torch.from_numpy(self.pairs.images[chosen]).float() / 255,
            torch.from_numpy(self.pairs.masks[chosen]).float(),
            torch.from_numpy(self.velocities[chosen]).float(),
            beat.fraction,
            positions,
        )
        return vary(clips, at_ed, still, rng), masks[:, self.k // 2]

    def _unlabelled(self, rng: np.random.Generator) -> Tensor:
        moving = np.zeros(self.sizes[1], bool)
        positions = sample_probe(moving, 1, self.side, TURN, self.flip, rng).expand(-1, self.k, -1, -1, -1)
        windows = torch.stack([self._window(rng) for _ in moving])  # (U, k, Y, X)
        flat = positions.flatten(0, 1)
        seen = look_up(windows.flatten(0, 1)[:, None], flat)[:, 0] * inside(flat)
        clips = seen.unflatten(0, (len(moving), self.k))
        # The tissue's own motion is not known here; within three frames its grains hardly leave their place.
        return torch.stack([vary(clips, positions, moving, rng) for _ in ("student", "teacher")])

    def _window(self, rng: np.random.Generator) -> Tensor:
        frames = self.whole_clips[rng.integers(len(self.whole_clips))].frames
        first = rng.integers(len(frames) - self.k + 1)
        return torch.from_numpy(frames[first : first + self.k]).float() / 255
