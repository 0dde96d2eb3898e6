"""Clips made from the pairs of an ultrasound data set, with the structures that it draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos_lab.datasets.echonet import EchoPairs
from medvos_lab.motion.clips import make_clips

TURN = 15.0  # degrees; an apical view has a fixed orientation
DEPTH = 0.14  # standard deviation of the logarithm of the depth, which differs more between vendors than within one


@dataclass(frozen=True)
class PairSource:
    """One data set: its pairs, and the (N, 2, 14, 14) velocities of their paths."""

    pairs: EchoPairs
    velocities: NDArray[np.float16]

    def clips(
        self, chosen: NDArray[np.int64], structures: Sequence[int], fraction: Tensor, positions: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Make clips of some pairs, as `medvos_lab.motion.clips.make_clips`.

        >>> clips, masks, at_ed = source.clips(np.array([0, 4]), (LV, MYO), fraction, positions)

        Parameters
        ----------
        chosen: (B,) numbers of the pairs.
        structures: S labels of the masks; empty masks where the data set does not draw one.
        fraction: (B, k) of the way from ED to ES.
        positions: (B, k, H, W, 2) of the probe.
        """
        drawn = self.pairs.drawn
        absent = np.zeros_like(self.pairs.masks[chosen])
        masks = np.stack([drawn[s][chosen] if s in drawn else absent for s in structures], 2)
        return make_clips(
            torch.from_numpy(self.pairs.images[chosen]).float() / 255,
            torch.from_numpy(masks).float(),
            torch.from_numpy(self.velocities[chosen]).float(),
            fraction,
            positions,
        )
