from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_echo import some_pairs

from medvos_lab.motion.clips import inside, make_clips, sample_beat, sample_probe
from medvos_lab.motion.flow import identity


def clips_at(fractions: list[float], velocities: torch.Tensor | None = None):
    """Frames of one study at these shares of the way, seen by a probe at rest."""
    pairs = some_pairs(1)
    images, masks = torch.from_numpy(pairs.images).float() / 255, torch.from_numpy(pairs.masks[:, :, None]).float()
    positions = identity(32).expand(1, len(fractions), -1, -1, -1)
    velocities = torch.zeros(1, 2, 14, 14) if velocities is None else velocities
    return images, masks, make_clips(images, masks, velocities, torch.tensor([fractions]), positions)


def test_at_ed_and_at_es_the_frames_are_the_real_ones():
    images, masks, (frames, _, _) = clips_at([0.0, 1.0, 0.0])
    torch.testing.assert_close(frames[0, :2], images[0], atol=1e-5, rtol=0)
    for fraction, phase in ((0.0, 0), (1.0, 1)):
        _, _, (_, mask, _) = clips_at([fraction] * 3)
        assert (mask[0, 1] == masks[0, phase].bool()).all()


def test_several_structures_move_together():
    pairs = some_pairs(1, every=True)
    images = torch.from_numpy(pairs.images).float() / 255
    masks = torch.from_numpy(np.stack(list(pairs.drawn.values()), 2)).float()
    positions = identity(32).expand(1, 3, -1, -1, -1)
    _, found, _ = make_clips(images, masks, torch.zeros(1, 2, 14, 14), torch.tensor([[0.0, 1.0, 0.0]]), positions)
    assert torch.equal(found[0, :2], masks[0].bool())


def test_between_them_the_lv_shrinks_step_by_step():
    y, x = torch.meshgrid(torch.linspace(-1, 1, 14), torch.linspace(-1, 1, 14), indexing="ij")
    inwards = torch.stack([-0.45 * x, -0.45 * y])[None] * torch.exp(-2 * (x**2 + y**2))
    areas = [int(clips_at([fraction], inwards)[2][1].sum()) for fraction in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert areas == sorted(areas, reverse=True) and len(set(areas)) == 5


def test_the_middle_frame_is_real_more_often_than_not_and_its_neighbours_are_never_the_same_but_in_still_clips():
    beat = sample_beat(2000, 3, np.random.default_rng(0))
    real = ((beat.fraction[:, 1] < 1e-6) | (beat.fraction[:, 1] > 1 - 1e-6)).numpy()
    assert real.mean() == pytest.approx(0.7, abs=0.04)
    still = beat.still.numpy()
    assert (still <= real).all() and still.mean() == pytest.approx(0.7 * 0.25, abs=0.03)
    differences = (beat.fraction[:, 0] - beat.fraction[:, 1]).abs()
    assert not differences[beat.still].any() and (differences[~beat.still] > 0).all()
    assert differences.max() < 0.2
    assert beat.fraction.min() >= 0 and beat.fraction.max() <= 1


def test_the_probe_moves_from_frame_to_frame_but_not_in_still_clips():
    positions = sample_probe(np.array([True, False]), 3, 16, 15.0, 0.0, np.random.default_rng(0))
    assert (positions[0] == positions[0, :1]).all()
    assert 0 < (positions[1, 1] - positions[1, 0]).abs().max() < 0.15


def test_clips_are_mirrored_as_often_as_asked():
    for flip in (0.0, 1.0):
        positions = sample_probe(np.zeros(20, bool), 1, 16, 15.0, flip, np.random.default_rng(0))
        to_the_right = positions[:, 0, 8, -1, 0] > positions[:, 0, 8, 0, 0]
        assert to_the_right.all() if flip == 0 else not to_the_right.any()


def test_beyond_the_picture_there_is_nothing():
    pairs = some_pairs(1)
    images, masks = torch.from_numpy(pairs.images).float() / 255, torch.from_numpy(pairs.masks[:, :, None]).float()
    positions = identity(32).expand(1, 3, -1, -1, -1) + torch.tensor([1.0, 0.0])
    frames, mask, _ = make_clips(images, masks, torch.zeros(1, 2, 14, 14), torch.zeros(1, 3), positions)
    assert not frames[..., 16:].any() and frames[..., :16].any() and not mask[..., 16:].any()
    assert inside(positions)[0, 0, :, :16].all() and not inside(positions)[..., 16:].any()
