"""Batches of labelled clips made from pairs, and of whole clips without labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from medvos_lab.datasets.echonet import EchoClip
from medvos_lab.loop import TensorBatch
from medvos_lab.motion.clips import inside, sample_beat, sample_probe
from medvos_lab.motion.flow import look_up
from medvos_lab.motion.pair_clips import DEPTH, TURN, PairSource
from medvos_lab.sector import in_sector
from medvos_lab.ultrasound import vary


@dataclass(frozen=True)
class EchoBatch(TensorBatch):
    """
    Attributes
    ----------
    clips: (B, k, H, W) in [0, 1].
    masks: (B, S, H, W) bool, the structures in the middle frames.
    known: (B, S) bool, whether the data set draws the structure; where not, it is unknown and not absent.
    unlabelled: (2, U, k, H, W), the same clips as the student and as the teacher sees them.
    """

    clips: Tensor
    masks: Tensor
    known: Tensor
    unlabelled: Tensor


class EchoBatches:
    """Make the batch of any step, reproducible from seed and step number.

    Parameters
    ----------
    sources: to make labelled clips from, each with the number of its clips in a batch.
    structures: labels of the masks.
    whole_clips: whose drawings are not used.
    k: frames in a clip.
    unlabelled: clips of them in a batch.
    side: pixels of the network's image.
    flip: how often a clip is mirrored.
    seed: of the stream.
    """

    def __init__(
        self,
        sources: Sequence[tuple[PairSource, int]],
        structures: tuple[int, ...],
        whole_clips: list[EchoClip],
        k: int,
        unlabelled: int,
        side: int,
        flip: float,
        seed: int = 0,
    ) -> None:
        self.sources, self.structures, self.whole_clips = sources, structures, whole_clips
        self.k, self.unlabelled, self.side, self.flip, self.seed = k, unlabelled, side, flip, seed

    def __call__(self, step: int) -> EchoBatch:
        """Return the batch of this step."""
        rng = np.random.default_rng((self.seed, step))
        parts = [self._labelled(source, count, rng) for source, count in self.sources if count]
        clips, masks, known = (torch.cat(column) for column in zip(*parts, strict=True))
        return EchoBatch(clips, masks, known, self._unlabelled(rng))

    def _labelled(self, source: PairSource, count: int, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        chosen = rng.choice(len(source.pairs), count, replace=False)
        beat = sample_beat(count, self.k, rng)
        still = beat.still.numpy()
        positions = sample_probe(still, self.k, self.side, TURN, self.flip, rng, DEPTH)
        clips, masks, at_ed = source.clips(chosen, self.structures, beat.fraction, positions)
        seen = in_sector(positions, rng)
        known = torch.tensor([s in source.pairs.drawn for s in self.structures]).expand(count, -1)
        middle = self.k // 2
        return vary(clips, at_ed, still, rng) * seen, masks[:, middle] & seen[:, middle, None], known

    def _unlabelled(self, rng: np.random.Generator) -> Tensor:
        moving = np.zeros(self.unlabelled, bool)
        positions = sample_probe(moving, 1, self.side, TURN, self.flip, rng, DEPTH).expand(-1, self.k, -1, -1, -1)
        windows = torch.stack([self._window(rng) for _ in moving])  # (U, k, Y, X)
        flat = positions.flatten(0, 1)
        seen = (
            look_up(windows.flatten(0, 1)[:, None], flat)[:, 0] * inside(flat) * in_sector(positions, rng).flatten(0, 1)
        )
        clips = seen.unflatten(0, (len(moving), self.k))
        # The tissue's own motion is not known here; within three frames its grains hardly leave their place.
        return torch.stack([vary(clips, positions, moving, rng) for _ in ("student", "teacher")])

    def _window(self, rng: np.random.Generator) -> Tensor:
        frames = self.whole_clips[rng.integers(len(self.whole_clips))].frames
        first = rng.integers(len(frames) - self.k + 1)
        return torch.from_numpy(frames[first : first + self.k]).float() / 255
