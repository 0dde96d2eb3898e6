"""Structures that the network of a clip follows, or that motion carries."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_tcmn import SIDE, a_tcmn

from medvos.propagation import clip_trust as module
from medvos.propagation.clip_trust import (
    LARGEST_WEIGHT,
    WEIGHT,
    BesideMotion,
    agreement,
    followed,
    near,
    not_followed,
)


def a_disc(radius: float, x: float = 16, side: int = 32) -> np.ndarray:
    rows, columns = np.mgrid[:side, :side]
    return (rows - 16) ** 2 + (columns - x) ** 2 < radius**2


def test_what_comes_back_as_drawn_is_followed_and_what_is_lost_or_elsewhere_is_not():
    drawn = a_disc(8)
    assert agreement(drawn, drawn) == agreement(drawn, a_disc(8.5)) == 1
    assert agreement(drawn, np.zeros_like(drawn)) == 0
    assert agreement(drawn, a_disc(8, 22)) == 0
    assert 0 < agreement(drawn, a_disc(9.4)) < 1
    assert np.isnan(agreement(np.zeros_like(drawn), drawn))


def test_a_thin_wall_is_judged_by_its_borders():
    drawn = a_disc(9) & ~a_disc(7)
    back = a_disc(9, 16.7) & ~a_disc(7, 16.7)
    assert 2 * (drawn & back).sum() / (drawn.sum() + back.sum()) < 0.85
    assert agreement(drawn, back) == 1


def masks_of(*each: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.stack(each)).float()


def test_random_weights_follow_nothing_and_what_is_not_drawn_is_not_judged():
    image = torch.rand(SIDE, SIDE, generator=torch.Generator().manual_seed(2))
    trust = followed(a_tcmn(), image, masks_of(a_disc(8), np.zeros((32, 32), bool)), [image.flip(0)])
    assert trust[0] < 0.5 and torch.isnan(trust[1])


def blended(trust: float, found: float = 0.0, drawn: np.ndarray | None = None) -> torch.Tensor:
    """Probability (H, W) of a disc that stands still, where the network finds ``found`` everywhere."""
    image = torch.nn.functional.avg_pool2d(torch.rand(1, 40, 40, generator=torch.Generator().manual_seed(1)), 9, 1)[0]
    mask = masks_of(a_disc(8) if drawn is None else drawn)
    beside = BesideMotion(image, mask, torch.tensor([trust]))
    probabilities = torch.full((1, 2, SIDE, SIDE), found)
    probabilities[:, 0] = 1 - found
    result = beside(image[None], probabilities)
    assert torch.allclose(result.sum(1), torch.ones(1, SIDE, SIDE)) and result.min() >= 0
    return result[0, 1]


def test_motion_decides_only_where_the_network_does_not_follow():
    assert blended(0.0)[16, 16].item() == pytest.approx(LARGEST_WEIGHT, abs=0.02)
    assert blended(1.0)[16, 16].item() == pytest.approx(WEIGHT, abs=0.02)
    assert blended(0.0)[0, 0] == 0


def test_what_is_not_drawn_in_this_frame_is_left_to_the_network():
    assert blended(0.0, 0.8, np.zeros((32, 32), bool))[16, 16].item() == pytest.approx(0.8)


def test_a_structure_that_motion_carries_is_a_doubt():
    (sentence,) = not_followed({"LV": 1.0, "LA": 0.02, "Myo": 0.3})
    assert sentence.startswith("The network does not know LA")


@pytest.mark.parametrize(("drawn", "expected"), [(0, [3]), (5, [2, 8]), (9, [6])])
def test_frames_as_far_as_a_systole_are_near(drawn, expected):
    assert list(near([100.0 * t for t in range(10)], drawn)) == expected


def test_the_next_frame_is_near_however_far_it_is():
    assert list(near([0.0, 1000.0], 0)) == [1]
    assert list(near([0.0], 0)) == []


def test_a_motion_in_doubt_counts_less():
    image, other = torch.rand(2, SIDE, SIDE, generator=torch.Generator().manual_seed(4))
    nothing = torch.stack([torch.ones(SIDE, SIDE), torch.zeros(SIDE, SIDE)])[None]
    sure, unsure = (
        BesideMotion(image, masks_of(a_disc(8)), torch.ones(1))(seen[None], nothing)[0, 1, 14:19, 14:19].mean()
        for seen in (image, other)
    )
    assert unsure < 0.9 * sure


def test_a_structure_that_is_carried_takes_from_one_that_the_network_finds_in_its_place():
    image = torch.rand(SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    drawn, beside = a_disc(6, 8), a_disc(6, 24)
    found = torch.zeros(1, 3, SIDE, SIDE)
    found[:, 2] = 1  # the second structure everywhere
    blended = BesideMotion(image, masks_of(drawn, beside), torch.tensor([0.0, 1.0]))(image[None], found)[0]
    assert blended.min() >= 0
    torch.testing.assert_close(blended.sum(0), torch.ones(SIDE, SIDE))
    assert blended[1, 16, 8] > blended[2, 16, 8] and blended[2, 16, 24] == pytest.approx(1)


def test_trust_is_the_mean_over_the_frames(monkeypatch: pytest.MonkeyPatch):
    values = iter([0.0, 1.0])
    monkeypatch.setattr(module, "agreement", lambda *_: next(values))
    image = torch.rand(SIDE, SIDE, generator=torch.Generator().manual_seed(2))
    assert followed(a_tcmn(), image, masks_of(a_disc(8)), [image.flip(0), image.flip(1)]).tolist() == [0.5]


def test_a_part_that_came_back_beside_the_drawing_counts():
    drawn = a_disc(4, 8)
    assert agreement(drawn, drawn | a_disc(5, 25)) == 0


def test_the_way_back_starts_from_what_was_predicted_not_from_the_drawing(monkeypatch):
    """A structure that is lost in the other frame cannot come back, however well the drawn frame finds it again."""
    mask = torch.zeros(1, 16, 16)
    mask[0, 4:12, 4:12] = 1
    drawn, other = torch.zeros(16, 16), torch.ones(16, 16)

    def predicted(_, memory, images):
        masks = memory * float(images[0].mean() == 0)  # nothing is found in the other frame
        yield torch.cat([1 - masks.sum(0, keepdim=True), masks])

    monkeypatch.setattr(module, "remember", lambda _, image, masks: masks)
    monkeypatch.setattr(module, "follow", predicted)
    assert module.followed(None, drawn, mask, [other]).tolist() == [0]
    assert module.followed(None, drawn, mask, [drawn]).tolist() == [1]
