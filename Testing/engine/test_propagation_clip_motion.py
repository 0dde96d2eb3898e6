"""Masks of a drawn frame carried through a clip by motion."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from medvos.propagation.clip_motion import ClipMotion
from medvos.propagation.dense_motion import sampled_at

SIDE = 64


def moved(x: float, y: float = 0.0) -> torch.Tensor:
    """(H, W) smooth texture whose content lies (x, y) pixels further right and down."""
    texture = F.interpolate(
        torch.randn(1, 1, 12, 12, generator=torch.Generator().manual_seed(0)), (SIDE, SIDE), mode="bicubic"
    )
    return sampled_at(texture, -torch.tensor([x, y]).view(1, 2, 1, 1).expand(1, 2, SIDE, SIDE))[0, 0]


def a_mask() -> torch.Tensor:
    mask = torch.zeros(1, SIDE, SIDE)
    mask[:, 24:40, 20:34] = 1
    return mask


def centre(mask: torch.Tensor) -> tuple[float, float]:
    rows, columns = torch.arange(SIDE)[:, None], torch.arange(SIDE)[None]
    return float((mask * columns).sum() / mask.sum()), float((mask * rows).sum() / mask.sum())


def test_masks_go_where_the_content_goes():
    motion = ClipMotion(moved(0), a_mask())
    maps = motion.carry(torch.stack([moved(2 * t, -t) for t in range(1, 4)]))
    assert maps.shape == (3, 2, SIDE, SIDE)
    start = centre(a_mask()[0])
    for t in range(3):
        assert centre(maps[t, 0]) == pytest.approx((start[0] + 2 * (t + 1), start[1] - (t + 1)), abs=0.3)


def test_frames_in_groups_are_as_one_by_one():
    frames = torch.stack([moved(t) for t in range(1, 7)])
    together, alone = ClipMotion(moved(0), a_mask()), ClipMotion(moved(0), a_mask())
    at_once = together.carry(frames)[:5]
    torch.testing.assert_close(
        at_once, torch.cat([alone.carry(frame[None]) for frame in frames[:5]]), atol=1e-4, rtol=0
    )


def test_its_way_does_not_get_lost_over_many_beats():
    beat = [moved(4 * (1 - float(torch.cos(torch.tensor(t * torch.pi / 5)))), 0) for t in range(10)]
    frames = torch.stack([frame for _ in range(30) for frame in beat] + beat[:1])
    noisy = frames + 0.3 * torch.randn(frames.shape, generator=torch.Generator().manual_seed(1))
    motion = ClipMotion(noisy[0], a_mask())
    last = torch.cat([motion.carry(part) for part in noisy[1:].split(5)])[-1]
    overlap = (last[0] * a_mask()[0]).sum() / a_mask().sum()
    assert overlap > 0.9
    assert last[1, 24:40, 20:34].mean() > 0.5


def test_a_motion_that_is_not_the_same_there_and_back_is_doubted():
    flat = ClipMotion(moved(0), a_mask()).carry(moved(1)[None])[0, 1]
    other = torch.randn(1, SIDE, SIDE, generator=torch.Generator().manual_seed(5))
    strange = ClipMotion(moved(0), a_mask()).carry(other)[0, 1]
    assert flat[24:40, 20:34].mean() > 0.8 > 1.2 * strange[24:40, 20:34].mean()


def test_a_frame_without_a_drawing_carries_nothing():
    maps = ClipMotion(moved(0), torch.zeros(2, SIDE, SIDE)).carry(moved(1)[None])
    assert maps.shape == (1, 3, SIDE, SIDE) and not maps[:, :-1].any()


def noise(number: int) -> torch.Tensor:
    return torch.randn(number, SIDE, SIDE, generator=torch.Generator().manual_seed(3))


def test_after_images_that_resemble_nothing_the_drawn_one_is_recognised_in_the_same_group():
    maps = ClipMotion(moved(0), a_mask()).carry(torch.cat([noise(4), moved(0)[None]]))
    assert (maps[-1, 0] * a_mask()[0]).sum() / a_mask().sum() > 0.95
    assert maps[-1, 1, 24:40, 20:34].mean() > 0.95


def test_the_chain_stays_where_the_content_has_gone_too_far_to_be_found_at_once():
    maps = ClipMotion(moved(0), a_mask()).carry(torch.stack([moved(3.2 * t) for t in range(1, 6)]))
    assert centre(maps[-1, 0])[0] == pytest.approx(centre(a_mask()[0])[0] + 16, abs=1.5)


def test_errors_add_up_along_the_chain():
    one, other = moved(0), moved(0) + 0.5 * noise(1)[0]
    maps = ClipMotion(one, a_mask()).carry(torch.stack([other, one, other, one, other]))
    first, fourth = (-maps[number, 1, 24:40, 20:34].log().mean() for number in (0, 3))
    assert fourth > 3 * first


def test_far_from_the_drawing_there_are_neither_masks_nor_confidence():
    maps = ClipMotion(moved(0), a_mask()).carry(moved(1)[None])
    assert not maps[..., 55:].any() and not maps[:, :, 61:].any()
    assert (maps[0, 1, 24:40, 20:34] > 0.5).all()
