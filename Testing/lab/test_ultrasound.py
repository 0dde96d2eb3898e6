from __future__ import annotations

import numpy as np
import torch

from medvos_lab.motion.flow import identity
from medvos_lab.ultrasound import vary

STILL = np.array([True] * 10 + [False] * 10)
GREY = torch.full((20, 3, 32, 32), 0.5)
AT_REST = identity(32).expand(20, 3, -1, -1, -1)


def test_grey_values_stay_in_their_range_and_clips_come_out_unlike():
    found = vary(GREY, AT_REST, STILL, np.random.default_rng(0))
    assert found.shape == GREY.shape and found.min() >= 0 and found.max() <= 1
    assert found.mean((1, 2, 3)).std() > 0.03


def test_frames_of_a_still_clip_stay_alike_and_those_of_others_do_not():
    found = vary(GREY, AT_REST, STILL, np.random.default_rng(0))
    change = (found[:, 1] - found[:, 0]).abs().mean((1, 2))
    assert change[:10].max() < 1e-6 and change[10:].min() > 1e-3


def test_a_part_of_the_speckle_moves_with_the_tissue():
    """Frame by frame the tissue moves two pixels to the right; speckle is more alike along the motion than in place."""
    shift = torch.tensor([2 * 2 / 32, 0.0])
    moving = AT_REST - torch.arange(3)[:, None, None, None] * shift
    found = vary(GREY, moving, np.zeros(20, bool), np.random.default_rng(1))
    rough = found - torch.nn.functional.avg_pool2d(found, 9, stride=1, padding=4)

    def alike(a: torch.Tensor, b: torch.Tensor) -> float:
        return float(torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1])

    along = alike(rough[:, 0, 8:24, 8:22], rough[:, 1, 8:24, 10:24])
    in_place = alike(rough[:, 0, 8:24, 8:24], rough[:, 1, 8:24, 8:24])
    assert along > in_place + 0.2
    assert along < 0.99


def test_the_same_random_numbers_give_the_same_image():
    first, again = (vary(GREY, AT_REST, STILL, np.random.default_rng(4)) for _ in range(2))
    assert torch.equal(first, again)
