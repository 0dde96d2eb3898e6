"""Masks carried along the motion: which predictions get them, and what their disagreement adds to the uncertainty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from tiny_network import TINY
from torch import Tensor

from medvos.models.cstm.encoders import FrameFeatures, Values
from medvos.models.cstm.network import Memory, Prediction
from medvos.propagation.correction_plan import CorrectionPlan
from medvos.propagation.propagator import Propagator, SeedMasks
from medvos.propagation.settings import PropagationSettings

PHASES, SIDE = 9, 64
FREE = PropagationSettings(mirrored=False)


class Mover(torch.nn.Module):
    """Predicts the newest memory entry's masks, moved by some columns, and records the carried masks that it gets."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.config, self.columns = replace(TINY, motion=True), columns
        self.carried: list[Tensor | None] = []

    def encode_frame(self, image: Tensor) -> FrameFeatures:
        return FrameFeatures(image, *[image[:, 1:2, :1, :1]] * 6)

    def encode_masks(self, frame: FrameFeatures, masks: Tensor) -> Values:
        return Values(masks[:, None], masks[:, None])

    def segment(
        self, frame: FrameFeatures, memory: Memory, seeded: Tensor, carried: Tensor | None = None
    ) -> Prediction:
        self.carried.append(carried)
        masks = memory.v8[:, 0, 0].roll(self.columns, -1).expand(len(frame.image), -1, -1, -1)
        logits = torch.cat([1 - masks.sum(1, keepdim=True), masks], 1) * 40
        return Prediction(logits, torch.full(seeded.shape, 10.0))


def a_mask() -> Tensor:
    mask = torch.zeros(3, SIDE, SIDE)
    mask[1, 16:48, 16:40] = 1
    return mask


def a_still_heart(slices: int) -> Tensor:
    """(T, Z, H, W) of a bright square that never moves."""
    image = torch.nn.functional.avg_pool2d(a_mask()[1][None], 5, 1, 2)[0]
    return image.expand(PHASES, slices, SIDE, SIDE).clone()


def drawn_at(slices: int, *places: tuple[int, int]) -> SeedMasks:
    masks, drawn = torch.zeros(PHASES, slices, 3, SIDE, SIDE), np.zeros((PHASES, slices), bool)
    for place in places:
        masks[place], drawn[place] = a_mask(), True
    return SeedMasks(masks, drawn, places[0])


def test_the_spread_is_larger_where_carried_masks_and_prediction_differ():
    spreads = []
    for columns in (0, 6):
        (result,) = Propagator(Mover(columns), a_still_heart(1), drawn_at(1, (0, 0)), FREE).run()  # type: ignore[arg-type]
        spreads.append(result.spread[4])
    alike, apart = spreads
    assert alike[20:44, 20:36].max() < 1e-3
    assert apart[20:44, 18:20].min() > 0.5  # the carried mask has these columns, the prediction does not
    assert apart[20:44, 26:36].max() < 1e-3
    assert apart.max() <= 1 + 1e-5


def test_the_drawn_phase_has_no_spread():
    (result,) = Propagator(Mover(6), a_still_heart(1), drawn_at(1, (0, 0)), FREE).run()  # type: ignore[arg-type]
    assert (result.spread[0] == 0).all()


def test_every_slice_that_is_predicted_after_a_correction_gets_carried_masks():
    mover = Mover(0)
    before = a_mask().expand(PHASES, 5, -1, -1, -1)
    plan = CorrectionPlan((0, 1), {(2, 3): 2}, {2: (1, 3), 4: (3, None)})
    Propagator(mover, a_still_heart(5), drawn_at(5, (0, 1), (2, 3)), FREE).run_corrections(plan, before)  # type: ignore[arg-type]
    lone = [carried for carried in mover.carried if carried is None]
    assert len(lone) == 2  # the first phase of slices 2 and 4, whose prediction is what is carried
    assert len(mover.carried) > 10
