"""Motion of slices, shared by the heart and its mirror image."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from medvos.propagation import slice_motion
from medvos.propagation.dense_motion import beat_motion, chain_to
from medvos.propagation.slice_motion import SliceMotion

START = 2


def a_beat(phases: int = 8, slices: int = 2) -> Tensor:
    """(T, Z, H, W): a pattern that goes a little to the right and back, in each slice another one."""
    torch.manual_seed(0)
    pattern = torch.nn.functional.interpolate(torch.randn(1, slices, 14, 14), (72, 72), mode="bicubic")[0]
    offsets = [4 - abs(t - phases // 2) for t in range(phases)]
    return torch.stack([pattern.roll(offset, -1)[:, 4:68, 4:68] for offset in offsets])


def a_mask() -> Tensor:
    mask = torch.zeros(2, 64, 64)
    mask[0, 20:44, 16:32], mask[1, 20:44, 32:40] = 1, 1
    return mask


def test_masks_are_carried_along_the_chain_of_their_slice():
    frames = a_beat()
    found = SliceMotion(frames).carry(1, START, a_mask())
    torch.testing.assert_close(found, chain_to(START, beat_motion(frames[:, 1])).carry(a_mask()), atol=0.02, rtol=0)


def test_the_mirrored_heart_is_the_mirror_image():
    motion = SliceMotion(a_beat())
    straight = motion.carry(0, START, a_mask())
    mirrored = motion.mirrored().carry(0, START, a_mask().flip(-1))
    torch.testing.assert_close(mirrored.flip(-1), straight, atol=1e-3, rtol=0)
    own = SliceMotion(a_beat().flip(-1)).carry(0, START, a_mask().flip(-1))
    torch.testing.assert_close(mirrored, own, atol=0.02, rtol=0)


def test_both_share_what_is_computed(monkeypatch: pytest.MonkeyPatch):
    computed: list[int] = []

    def counted(images: Tensor) -> Tensor:
        computed.append(len(images))
        return beat_motion(images)

    monkeypatch.setattr(slice_motion, "beat_motion", counted)
    motion = SliceMotion(a_beat())
    motion.carry(0, START, a_mask())
    motion.mirrored().carry(0, START, a_mask())
    motion.mirrored().mirrored().carry(0, START, a_mask())
    assert len(computed) == 1
    motion.carry(1, START, a_mask())
    assert len(computed) == 2


def test_the_window_around_the_drawing_carries_the_same_masks_and_nothing_outside():
    frames = torch.nn.functional.pad(a_beat(), (60, 60, 50, 50), mode="reflect")
    mask = torch.nn.functional.pad(a_mask(), (60, 60, 50, 50))
    whole = SliceMotion(frames).carry(0, START, mask)
    windowed = SliceMotion(frames, mask.amax(0) > 0).carry(0, START, mask)
    assert (windowed[:, :2] - whole[:, :2]).abs().max() < 0.1
    assert (windowed[:, :2].round() != whole[:, :2].round()).float().mean() < 1e-3
    outside = torch.ones(frames.shape[-2:], dtype=torch.bool)
    margin = slice_motion.MARGIN
    outside[50 + 20 - margin : 50 + 44 + margin, 60 + 16 - margin : 60 + 40 + margin] = False
    assert windowed[:, :, outside].max() == 0
    assert whole[:, 2, outside].max() > 0.5


def test_the_window_of_the_mirrored_heart_is_mirrored():
    motion = SliceMotion(a_beat(), a_mask().amax(0) > 0)
    straight = motion.carry(0, START, a_mask())
    mirrored = motion.mirrored().carry(0, START, a_mask().flip(-1))
    torch.testing.assert_close(mirrored.flip(-1), straight)
