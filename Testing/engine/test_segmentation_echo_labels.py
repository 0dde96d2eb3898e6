from __future__ import annotations

import numpy as np

from medvos.segmentation.echo_labels import echo_labels
from medvos.structures import LA, LV, MYO


def test_the_most_probable_structure_wins_where_it_is_more_probable_than_not():
    probabilities = np.array([[[0.9, 0.6, 0.4, 0.1]], [[0.7, 0.8, 0.45, 0.2]], [[0.1, 0.1, 0.5, 0.9]]], np.float32)
    assert echo_labels(probabilities, (LV, MYO, LA)).tolist() == [[LV, MYO, 0, LA]]


def test_a_network_of_the_cavity_alone_gives_the_cavity():
    assert echo_labels(np.array([[[0.51, 0.5]]], np.float32), (LV,)).tolist() == [[LV, 0]]
