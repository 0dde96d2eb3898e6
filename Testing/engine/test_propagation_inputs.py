"""Making a cine and its seed ready for the network."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_network import TINY, a_cine, a_seed, heart_slice

from medvos.propagation.inputs import PropagationInputs
from medvos.structures import LV, MYO, RV


def test_structures_have_their_own_slots_and_other_labels_follow():
    cine = a_cine(side=64)
    mask = heart_slice(64, (32, 32))
    mask[mask == MYO] = 9
    mask[:3, :3] = 4
    inputs = PropagationInputs.of(cine, a_seed(cine, (2, 1), mask=mask), TINY)
    assert inputs.numbers.tolist() == [0, RV, MYO, LV, 4, 9]
    assert inputs.masks.shape == (4, 4, 5, 64, 64)
    enlarged = (inputs.region.side / inputs.region.height) * (inputs.region.side / inputs.region.width)
    areas = [np.count_nonzero(mask == n) * enlarged for n in (RV, MYO, LV, 4, 9)]
    assert inputs.masks[2, 1].sum((1, 2)).tolist() == pytest.approx(areas, rel=0.03, abs=3)
    assert inputs.masks.sum() == inputs.masks[2, 1].sum()
    assert inputs.start == (2, 1)


def test_frames_keep_their_phase_and_slice():
    cine = a_cine(3, 2, side=64)
    cine.array[...] = 0
    cine.array[2, 1, 32, 40] = 1000
    cine.array[0, 0, 30:34] = 500
    inputs = PropagationInputs.of(cine, a_seed(cine, (2, 1), mask=heart_slice(64, (32, 32))), TINY)
    assert inputs.frames.shape == (3, 2, 64, 64)
    bright = (inputs.frames > 0).nonzero().tolist()
    assert [2, 1] in [place[:2] for place in bright]
    assert {tuple(place[:2]) for place in bright} == {(2, 1), (0, 0)}


def test_beyond_the_image_is_as_dark_as_its_darkest_pixel():
    cine = a_cine(side=72)
    cine.array[...] -= 2000  # all below zero
    inputs = PropagationInputs.of(cine, a_seed(cine, (0, 1), mask=heart_slice(72, (14, 36))), TINY)
    assert inputs.region.y < 0
    assert (inputs.frames[:, :, : -inputs.region.y] == -2).all()
