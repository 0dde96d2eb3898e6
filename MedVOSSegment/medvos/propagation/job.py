"""A cine and its seed made ready for the network: cropped to the region of interest and normalised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.cine.cine import Cine
from medvos.cine.seed import Seed
from medvos.models.config import CstmConfig
from medvos.propagation.order import main_seed
from medvos.propagation.region import Region, grey_window, normalise, region_round
from medvos.structures import LV, MYO, RV


@dataclass(frozen=True)
class Job:
    """What is to be propagated, on the CPU.

    Attributes
    ----------
    region: where in the image the network works.
    frames: (T, Z, H, W), normalised.
    masks: (T, Z, S, H, W) in [0, 1], the drawn slices.
    drawn: (T, Z) bool.
    start: phase and slice of the main seed.
    numbers: (S + 1,) uint8, the label of the background and of each structure slot.
    """

    region: Region
    frames: Tensor
    masks: Tensor
    drawn: NDArray[np.bool_]
    start: tuple[int, int]
    numbers: NDArray[np.uint8]

    @staticmethod
    def of(cine: Cine, seed: Seed, config: CstmConfig) -> Job:
        """The region is that of the main seed."""
        start = main_seed(seed.labels, seed.drawn)
        stack_mm = cine.shape[1] * cine.spacing[0]
        region = region_round(seed.labels[start], cine.spacing[1:], config.pixel_mm, config.region, stack_mm)
        # Outside the image the region is 0, which must be the darkest grey of this cine.
        array = torch.from_numpy(np.subtract(cine.array, cine.array.min(), dtype=np.float32))
        frames = torch.stack([region.extract(phase[:, None])[:, 0] for phase in array])
        # The three cardiac structures have slots of their own; other structures follow.
        others = sorted(set(np.unique(seed.labels[seed.drawn]).tolist()) - {0, RV, MYO, LV})
        numbers = np.array([0, RV, MYO, LV, *others], np.uint8)
        masks = torch.zeros(*cine.shape[:2], len(numbers) - 1, region.side, region.side)
        for t, z in np.argwhere(seed.drawn):
            one_hot = seed.labels[t, z] == numbers[1:, None, None]
            masks[t, z] = region.extract(torch.from_numpy(one_hot.astype(np.float32))[:, None])[:, 0]
        return Job(region, normalise(frames, grey_window(frames.numpy())), masks, seed.drawn, start, numbers)
