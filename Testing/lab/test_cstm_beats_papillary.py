"""Papillary style."""

from __future__ import annotations

import numpy as np

from medvos.structures import LV, MYO
from medvos_lab.cstm_beats.papillary import without_muscles


def test_dark_parts_of_the_cavity_become_wall_in_every_frame_or_in_none():
    labels = np.full((2, 20, 20), LV, np.uint8)
    images = np.ones((2, 20, 20), np.float32)
    images[:, 5:9, 5:9] = 0
    drawn = without_muscles(images, labels, 0.5)
    assert drawn is not None and (drawn[:, 6, 6] == MYO).all() and (drawn[:, 15, 15] == LV).all()
    images[1] = 0
    assert without_muscles(images, labels, 0.5) is None
