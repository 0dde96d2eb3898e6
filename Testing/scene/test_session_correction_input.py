from __future__ import annotations

import numpy as np
import pytest

from medvos.propagation.correction_plan import changed
from medvos.result import Result
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.session.correction_input import cost_of, previous_of, seed_of

SEED, CORRECTION = (0, 3), (2, 1)


def at(heart: SyntheticHeart, *places: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(heart.labels.shape[:2], bool)
    for place in places:
        mask[place] = True
    return mask


@pytest.fixture
def heart(small_heart: SyntheticHeart) -> SyntheticHeart:
    return small_heart


def test_a_seed_holds_the_asked_slices_alone(heart: SyntheticHeart):
    seed = seed_of(heart.labels, at(heart, SEED, CORRECTION))
    assert np.argwhere(seed.drawn).tolist() == [list(SEED), list(CORRECTION)]
    np.testing.assert_array_equal(seed.labels[SEED], heart.labels[SEED])
    assert not seed.labels[0, 0].any()


def test_an_emptied_slice_is_no_seed(heart: SyntheticHeart):
    labels = heart.labels.copy()
    labels[CORRECTION] = 0
    assert np.argwhere(seed_of(labels, at(heart, SEED, CORRECTION)).drawn).tolist() == [list(SEED)]


def test_the_engine_sees_just_the_corrections_as_changed(heart: SyntheticHeart):
    scores, uncertainty = np.zeros(heart.labels.shape[:2], np.float32), np.zeros(heart.labels.shape, np.float32)
    drawn, corrected, accepted = at(heart, SEED), at(heart, CORRECTION), at(heart, (4, 4))
    previous = previous_of(heart.labels, uncertainty, scores, drawn, corrected)
    result = Result(heart.cine, previous.labels, uncertainty, scores, previous.seeds)
    seed = seed_of(heart.labels, drawn | corrected | accepted)
    np.testing.assert_array_equal(changed(seed, result), corrected)
    np.testing.assert_array_equal(previous.seeds, drawn)


def test_a_slice_emptied_before_the_last_result_was_no_seed_of_it(heart: SyntheticHeart):
    labels = heart.labels.copy()
    labels[5, 5] = 0
    nothing = np.zeros(labels.shape[:2], bool)
    previous = previous_of(
        labels, np.zeros(labels.shape, np.float32), nothing.astype(np.float32), at(heart, SEED, (5, 5)), nothing
    )
    np.testing.assert_array_equal(previous.seeds, at(heart, SEED))


def test_a_correction_costs_its_share_of_the_time(heart: SyntheticHeart):
    scores, uncertainty = np.zeros(heart.labels.shape[:2], np.float32), np.zeros(heart.labels.shape, np.float32)

    def cost(*corrections: tuple[int, int]):
        drawn, corrected = at(heart, SEED), at(heart, *corrections)
        previous = previous_of(heart.labels, uncertainty, scores, drawn, corrected)
        return cost_of(heart.cine, seed_of(heart.labels, drawn | corrected), previous, 60.0)

    one, two = cost((2, 0)), cost((2, 0), (2, 4))
    assert 0 < one.frames < two.frames and one.fraction < two.fraction
    assert one.seconds == pytest.approx(60 * one.fraction)


def test_a_corrected_main_seed_costs_everything(heart: SyntheticHeart):
    scores, uncertainty = np.zeros(heart.labels.shape[:2], np.float32), np.zeros(heart.labels.shape, np.float32)
    drawn = at(heart, SEED)
    previous = previous_of(heart.labels, uncertainty, scores, drawn, drawn)
    assert cost_of(heart.cine, seed_of(heart.labels, drawn), previous, 60.0).fraction == 1
