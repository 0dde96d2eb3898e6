"""A study as CAMUS has them, small enough for tests."""

from __future__ import annotations

import numpy as np
from tiny_echo import an_lv

from medvos.structures import LA, LV, MYO
from medvos_lab.datasets.camus import CamusStudy

SIDE = 64


def a_camus_study(ed: float = 14, es: float = 9) -> CamusStudy:
    labels = np.zeros((2, SIDE, SIDE), np.uint8)
    for frame, radius in zip(labels, (ed, es), strict=True):
        frame[an_lv(radius + 4, SIDE)] = MYO
        frame[an_lv(radius, SIDE)] = LV
        frame[-8:, 24:40] = LA
    images = np.where(labels == LV, 20, 120).astype(np.uint8)
    return CamusStudy("patient0001", images, labels, 0.6)
