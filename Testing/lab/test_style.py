"""Moving a triplet's borders as another reader might have drawn them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage
from tiny_network import heart_slice

from medvos.structures import LV, MYO, RV
from medvos_lab import style
from medvos_lab.style import vary_style

ALL = (RV, MYO, LV)


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "STYLE_FRACTION", 1.0)


def a_triplet() -> torch.Tensor:
    """Three frames: a heart, a smaller one, and nothing."""
    small = ndimage.zoom(heart_slice(144), 0.5, order=0)
    return torch.from_numpy(np.stack([heart_slice(), small, np.zeros((72, 72), np.uint8)])).long()


def areas(labels: torch.Tensor, label: int) -> np.ndarray:
    return (labels == label).sum((1, 2)).numpy()


def test_borders_move_alike_in_all_frames_and_both_ways():
    triplet = a_triplet()
    ratios = []
    for number in range(40):
        varied = vary_style(triplet, ALL, np.random.default_rng(number))
        assert varied.dtype == triplet.dtype
        assert not varied[2].any()
        change = areas(varied, LV)[:2] - areas(triplet, LV)[:2]
        assert change[0] * change[1] >= 0
        ratios.append(areas(varied, LV)[0] / areas(triplet, LV)[0])
    assert min(ratios) < 0.9
    assert max(ratios) > 1.1
    assert abs(np.median(ratios) - 1) < 0.1


def test_the_cavity_grows_into_the_wall_alone_and_leaves_some_of_it():
    triplet = a_triplet()
    for number in range(40):
        varied = vary_style(triplet, ALL, np.random.default_rng(number))[0].numpy()
        before = triplet[0].numpy()
        assert set(np.unique(before[(varied == LV) & (before != LV)])) <= {MYO}
        ring = ndimage.binary_dilation(varied == LV) & (varied != LV)
        assert set(np.unique(varied[ring])) <= {MYO, RV if (before[ring] == RV).any() else MYO}


def test_a_cavity_alone_moves_against_the_background():
    triplet = torch.where(a_triplet() == LV, LV, 0)
    sizes = {int(areas(vary_style(triplet, (LV,), np.random.default_rng(n)), LV)[0]) for n in range(20)}
    assert min(sizes) < areas(triplet, LV)[0] < max(sizes)


def test_what_was_not_judged_never_appears():
    triplet = torch.where(a_triplet() == LV, LV, 0)
    for number in range(20):
        assert set(np.unique(vary_style(triplet, (LV,), np.random.default_rng(number)))) <= {0, LV}


def test_most_walks_are_varied_but_not_all(monkeypatch):
    monkeypatch.setattr(style, "STYLE_FRACTION", 0.6)
    triplet = a_triplet()
    same = [bool((vary_style(triplet, ALL, np.random.default_rng(n)) == triplet).all()) for n in range(60)]
    assert 0.2 < np.mean(same) < 0.7


def test_a_cavity_that_is_all_but_gone_stays_small():
    small = torch.from_numpy(ndimage.zoom(heart_slice(72), 1 / 3, order=0)).long()[None]
    before = areas(small, LV)[0]
    for number in range(40):
        assert areas(vary_style(small, ALL, np.random.default_rng(number)), LV)[0] <= 1.8 * before
