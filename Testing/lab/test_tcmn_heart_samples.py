from __future__ import annotations

import numpy as np
import pytest
import torch
from training_studies import a_cavity_study, a_study

from medvos_lab.tcmn.heart_samples import sample_heart


@pytest.mark.parametrize("slots", [1, 2])
def test_no_more_structures_are_asked_for_than_there_are_slots_and_the_first_frame_shows_them(slots):
    rng = np.random.default_rng(0)
    for _ in range(10):
        images, targets = sample_heart([a_study(), a_cavity_study()], slots, 48, rng)
        assert images.shape == targets.shape == (3, 48, 48) and targets.dtype == torch.int64
        assert targets.max() <= slots and (targets[0] == 1).any()


def test_any_of_the_structures_may_be_asked_for():
    rng, greys = np.random.default_rng(0), set()
    for _ in range(40):
        images, targets = sample_heart([a_study()], 1, 48, rng)
        greys.add(round(float(images[0][targets[0] == 1].median()) * 255 / 60))
    assert greys == {1, 2, 3}
