"""A hand-made labelled heart that the tests of the data sets and of the evaluation share."""

from __future__ import annotations

import numpy as np

from medvos.cine.cine import Cine
from medvos.structures import LV, MYO, RV
from medvos_lab.datasets.labelled import LabelledCine

SPACING = (8.0, 1.5, 2.0)
SIZE = 48


def a_cine(array: np.ndarray) -> Cine:
    depth, height, width = SPACING
    times = np.arange(len(array)) * 50.0
    return Cine(array.astype(np.float32), np.diag([width, height, depth, 1.0]), times, 50.0 * len(array))


def disk(radius: float, centre: tuple[float, float] = (24, 24)) -> np.ndarray:
    y, x = np.mgrid[:SIZE, :SIZE]
    return (y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= radius**2


def ring_labels(lv: float, myo: float, rv: float = 5.0) -> np.ndarray:
    """(Y, X) labels: LV inside Myo, RV to the left; no RV where its radius is 0."""
    labels = np.zeros((SIZE, SIZE), np.uint8)
    if rv:
        labels[disk(rv, (24, 9))] = RV
    labels[disk(myo)] = MYO
    labels[disk(lv)] = LV
    return labels


def a_labelled_heart(n_slices: int = 7, from_apex: bool = False) -> LabelledCine:
    """Three phases, ED at phase 2 and ES at phase 0, phase 1 not labelled; no heart in the last slice.

    The RV ends two slices above the LV's apex.
    """
    heart = []
    for shrink in (3, None, 0):
        slices = []
        for z in range(n_slices):
            if shrink is None:
                slices.append(np.full((SIZE, SIZE), 255, np.uint8))
            elif z == n_slices - 1:
                slices.append(np.zeros((SIZE, SIZE), np.uint8))
            else:
                slices.append(ring_labels(9 - shrink - z / 2, 12 - z / 2, 5 if z < n_slices - 3 else 0))
        heart.append(slices)
    labels = np.array(heart)[:, ::-1] if from_apex else np.array(heart)
    image = np.select([labels == LV, labels == RV, labels == MYO], [200, 180, 60], 100)
    return LabelledCine("heart", a_cine(image), np.ascontiguousarray(labels), "made")
