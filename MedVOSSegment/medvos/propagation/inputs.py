"""A cine and its seed as the network is given them: cropped to the region of interest and normalised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.cine.cine import Cine
from medvos.cine.seed import Seed
from medvos.models.cstm.config import CstmConfig
from medvos.propagation.correction_plan import CorrectionPlan, check_previous
from medvos.propagation.cost import cheapest_plan
from medvos.propagation.heart_region import region_of_seed
from medvos.propagation.intensity import above_darkest, grey_window, normalise
from medvos.propagation.region import Region
from medvos.propagation.settings import PropagationSettings
from medvos.propagation.slice_order import main_seed
from medvos.result import Result
from medvos.structures import LV, MYO, RV


@dataclass(frozen=True)
class PropagationInputs:
    """The inputs of a propagation, on the CPU.

    Attributes
    ----------
    region: where in the image the network works.
    frames: (T, Z, H, W), normalised.
    masks: (T, Z, S, H, W) in [0, 1], the drawn slices.
    drawn: (T, Z) bool.
    start: phase and slice of the main seed.
    numbers: (S + 1,) uint8, the label of the background and of each structure slot.
    plan: of the slices to predict again, where a previous result is corrected.
    before: (T, Z, S, H, W) in [0, 1], the masks of the result that is corrected.
    """

    region: Region
    frames: Tensor
    masks: Tensor
    drawn: NDArray[np.bool_]
    start: tuple[int, int]
    numbers: NDArray[np.uint8]
    plan: CorrectionPlan | None = None
    before: Tensor | None = None

    @staticmethod
    def of(
        cine: Cine,
        seed: Seed,
        config: CstmConfig,
        previous: Result | None = None,
        settings: PropagationSettings | None = None,
    ) -> PropagationInputs:
        """Crop to the region of the main seed; of a previous result that is corrected, to that of its own main seed."""
        if previous is not None:
            check_previous(previous)
        plan = None if previous is None else cheapest_plan(seed, previous, settings)
        start = main_seed(seed.labels, seed.drawn) if plan is None else plan.start
        stack_mm = cine.shape[1] * cine.spacing[0]
        region = region_of_seed(seed.labels[start], cine.spacing[1:], config.pixel_mm, config.region, stack_mm)
        array = above_darkest(cine, cine.array)
        frames = torch.stack([region.extract(phase[:, None])[:, 0] for phase in array])
        # The three cardiac structures have slots of their own; other structures follow.
        others = sorted(set(np.unique(seed.labels[seed.drawn]).tolist()) - {0, RV, MYO, LV})
        numbers = np.array([0, RV, MYO, LV, *others], np.uint8)
        masks = _masks(seed.labels, seed.drawn, numbers, region)
        before = None
        if plan is not None and previous is not None:
            beside = np.zeros_like(seed.drawn)
            beside[:, plan.memory_slices] = True
            before = _masks(previous.labels, beside, numbers, region)
        window = grey_window(frames.numpy())
        return PropagationInputs(region, normalise(frames, window), masks, seed.drawn, start, numbers, plan, before)


def _masks(labels: NDArray[np.uint8], places: NDArray[np.bool_], numbers: NDArray[np.uint8], region: Region) -> Tensor:
    """(T, Z, S, H, W): the structures in the region at these phases and slices, 0 elsewhere."""
    masks = torch.zeros(*places.shape, len(numbers) - 1, region.side, region.side)
    for t, z in np.argwhere(places):
        one_hot = labels[t, z] == numbers[1:, None, None]
        masks[t, z] = region.extract(torch.from_numpy(one_hot.astype(np.float32))[:, None])[:, 0]
    return masks
