"""A cine and its seed made ready for the network: cropped to the region of interest and normalised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.cine.cine import Cine
from medvos.cine.seed import Seed
from medvos.models.cstm.config import CstmConfig
from medvos.propagation.corrections import Plan, check_previous, plan_corrections
from medvos.propagation.order import main_seed
from medvos.propagation.region import Region, grey_window, normalise, region_round
from medvos.result import Result
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
    plan: where only corrections are to be followed.
    before: (T, Z, S, H, W) in [0, 1], the masks of the result that is corrected.
    """

    region: Region
    frames: Tensor
    masks: Tensor
    drawn: NDArray[np.bool_]
    start: tuple[int, int]
    numbers: NDArray[np.uint8]
    plan: Plan | None = None
    before: Tensor | None = None

    @staticmethod
    def of(cine: Cine, seed: Seed, config: CstmConfig, previous: Result | None = None) -> Job:
        """The region is that of the main seed; of a previous result that is corrected, that of its own main seed."""
        if previous is not None:
            check_previous(previous)
        plan = None if previous is None else plan_corrections(seed, previous)
        start = main_seed(seed.labels, seed.drawn) if plan is None else plan.start
        stack_mm = cine.shape[1] * cine.spacing[0]
        region = region_round(seed.labels[start], cine.spacing[1:], config.pixel_mm, config.region, stack_mm)
        # Outside the image the region is 0, which must be the darkest grey of this cine.
        array = torch.from_numpy(np.subtract(cine.array, cine.array.min(), dtype=np.float32))
        frames = torch.stack([region.extract(phase[:, None])[:, 0] for phase in array])
        # The three cardiac structures have slots of their own; other structures follow.
        others = sorted(set(np.unique(seed.labels[seed.drawn]).tolist()) - {0, RV, MYO, LV})
        numbers = np.array([0, RV, MYO, LV, *others], np.uint8)
        masks = _masks(seed.labels, seed.drawn, numbers, region)
        before = None
        if plan is not None and previous is not None:
            beside = np.zeros_like(seed.drawn)
            beside[:, plan.looked_up] = True
            before = _masks(previous.labels, beside, numbers, region)
        window = grey_window(frames.numpy())
        return Job(region, normalise(frames, window), masks, seed.drawn, start, numbers, plan, before)


def _masks(labels: NDArray[np.uint8], places: NDArray[np.bool_], numbers: NDArray[np.uint8], region: Region) -> Tensor:
    """(T, Z, S, H, W): the structures in the region at these places, 0 elsewhere."""
    masks = torch.zeros(*places.shape, len(numbers) - 1, region.side, region.side)
    for t, z in np.argwhere(places):
        one_hot = labels[t, z] == numbers[1:, None, None]
        masks[t, z] = region.extract(torch.from_numpy(one_hot.astype(np.float32))[:, None])[:, 0]
    return masks
