from __future__ import annotations

import numpy as np
import pytest
import torch
from echo_files import DEPTH, TIP, a_sector

from medvos.segmentation.window import window_round


def test_the_window_holds_the_whole_depth_with_the_tip_in_the_middle():
    window = window_round(a_sector(), (1.0, 1.0))
    assert window.height == window.width == pytest.approx(DEPTH * 1.064, abs=2)
    assert window.top == pytest.approx(TIP[0] - 0.06 * window.height, abs=1)
    assert window.left + window.width / 2 == pytest.approx(TIP[1], abs=1)


def test_it_is_a_square_in_mm():
    window = window_round(a_sector(), (1.0, 0.5))
    assert window.width == pytest.approx(2 * window.height, abs=1)


def test_a_square_picture_cut_to_its_sector_is_seen_as_it_is():
    sector = np.zeros((112, 112), bool)
    sector[8:] = True
    window = window_round(sector, (1.0, 1.0))
    image = np.random.default_rng(0).random((112, 112), np.float32)
    np.testing.assert_array_equal(window.seen(image, 112).numpy(), image)
    np.testing.assert_array_equal(window.back(torch.from_numpy(image)), image)


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.6, 0.9)])
def test_what_the_network_marks_comes_back_to_its_place(spacing):
    sector = a_sector()
    window = window_round(sector, spacing)
    disk = np.hypot(*(np.mgrid[:120, :160] - np.array((60, 85))[:, None, None])) < 20
    back = window.back(window.seen(disk.astype(np.float32), 64)) > 0.5
    assert 2 * (back & disk).sum() / (back.sum() + disk.sum()) > 0.95


def test_a_window_beyond_the_picture_is_dark_there():
    sector = np.zeros((60, 200), bool)
    sector[:, 0:40] = True
    window = window_round(sector, (1.0, 1.0))
    assert window.left < 0
    seen = window.seen(np.ones((60, 200), np.float32), 64)
    assert seen[:, 0].max() == 0 and seen[32, 32] == 1


def test_a_picture_cut_to_its_sector_is_told_from_one_with_room_around_it():
    sector = np.zeros((112, 112), bool)
    sector[8:] = True
    assert window_round(sector, (1.0, 1.0)).is_whole
    assert not window_round(a_sector(), (1.0, 1.0)).is_whole
