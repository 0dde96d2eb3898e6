from __future__ import annotations

import numpy as np
import torch
from scipy import ndimage

from medvos_lab.motion.clips import sample_probe
from medvos_lab.motion.flow import identity
from medvos_lab.tcmn.parts import half_of, random_part, sample_part, with_walls


def an_image(seed: int = 0, side: int = 64) -> np.ndarray:
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(side, side)), 3)
    return np.clip(128 + 600 * noise, 0, 255).astype(np.uint8)


def test_a_wall_surrounds_the_mask_and_is_as_wide_in_every_frame():
    masks = torch.zeros(1, 3, 64, 64, dtype=torch.bool)
    for frame, half in enumerate((12, 9, 6)):
        masks[0, frame, 32 - half : 32 + half, 32 - half : 32 + half] = True
    targets = with_walls(masks, np.random.default_rng(0))
    assert torch.equal(targets == 1, masks)
    widths = (targets[0, :, 32] == 2).sum(-1)
    assert widths.min() == widths.max() >= 6


def test_a_half_is_the_same_side_of_the_structure_in_every_frame():
    masks = torch.zeros(3, 64, 64, dtype=torch.bool)
    for frame, (centre, half) in enumerate(((30, 12), (34, 9), (40, 6))):
        masks[frame, centre - half : centre + half, centre - half : centre + half] = True
    for seed in range(5):
        halves = half_of(masks, np.random.default_rng(seed))
        assert not (halves & ~masks).any()
        fractions = halves.sum((1, 2)) / masks.sum((1, 2))
        assert (fractions - 0.5).abs().max() < 0.1
        centres = [torch.stack([m.nonzero().float().mean(0) for m in maps]) for maps in (halves, masks)]
        directions = torch.nn.functional.normalize(centres[0] - centres[1], dim=1)
        assert (directions @ directions.T).min() > 0.95


def test_a_part_is_one_piece_neither_tiny_nor_half_of_the_picture():
    image, rng = an_image(), np.random.default_rng(1)
    for _ in range(50):
        part = random_part(image, rng)
        assert part.shape == image.shape and 0.002 < part.mean() < 0.2
        assert ndimage.label(part)[1] == 1


def test_parts_move_with_the_picture():
    rng = np.random.default_rng(2)
    image = np.zeros((64, 64), np.uint8)
    image[24:44, 20:40] = 200
    for _ in range(10):
        positions = sample_probe(np.zeros(1, bool), 3, 64, 20.0, 0.5, rng)
        images, targets, at_first = sample_part(image, 2, positions, rng)
        assert images.shape == targets.shape == (1, 3, 64, 64) and at_first.shape == (1, 3, 64, 64, 2)
        assert set(targets.unique().tolist()) <= {0, 1, 2}
        bright = [[float(i[t == 1].mean()) for i, t in zip(images[0], targets[0], strict=True) if (t == 1).sum() > 20]]
        assert all(max(means) - min(means) < 0.3 for means in bright if means)


def test_the_first_frame_is_the_picture_where_the_probe_is_at_rest():
    image = an_image()
    positions = identity(64).expand(1, 3, -1, -1, -1)
    images, _, _ = sample_part(image, 1, positions, np.random.default_rng(0))
    torch.testing.assert_close(images[0, 0], torch.from_numpy(image).float() / 255, atol=1e-3, rtol=0)
    assert not torch.allclose(images[0, 0], images[0, 2], atol=1e-2)
