"""The automatic first proposal, by the shipped weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medvos.cine.find import SeedPlace, find_seed_place
from medvos.errors import InputError
from medvos.segmentation.seed_proposal import propose_by_matching
from medvos.structures import LV, MYO, RV
from medvos.synth.heart import SyntheticHeart, synthetic_heart
from medvos_lab.datasets import acdc_cases


def overlap(found: np.ndarray, truth: np.ndarray, label: int) -> float:
    a, b = found == label, truth == label
    return 2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b))


@pytest.fixture(scope="module")
def heart() -> SyntheticHeart:
    return synthetic_heart(7, shape=(4, 9, 160, 160), spacing=(9.0, 1.6, 1.6))


def test_a_synthetic_heart_is_proposed_nearly_as_it_is(heart):
    place = find_seed_place(heart.cine)
    found = propose_by_matching(heart.cine, place, device="cpu")
    truth = heart.labels[place.phase, place.slice]
    assert overlap(found, truth, LV) > 0.9
    assert overlap(found, truth, MYO) > 0.75
    assert overlap(found, truth, RV) > 0.75


def test_real_hearts_are_proposed_well_enough_to_correct(data_folder: Path):
    scores = []
    for number, case in enumerate(acdc_cases(data_folder, "validation")):
        if number % 5 == 0:
            place = find_seed_place(case.cine)
            found = propose_by_matching(case.cine, place, device="cpu")
            scores.append([overlap(found, case.labels[place.phase, place.slice], label) for label in (LV, MYO, RV)])
    assert np.mean(scores, 0).min() > 0.8


def test_another_place_than_the_cine_has_is_refused(heart):
    with pytest.raises(InputError, match="slices 0 to 8"):
        propose_by_matching(heart.cine, SeedPlace(0, 9, (80, 80)), device="cpu")


@pytest.mark.parametrize("grey", [0.0, 700.0])
def test_a_picture_without_contrast_shows_no_heart(heart, grey):
    blank = replace(heart.cine, array=np.full_like(heart.cine.array, grey))
    with pytest.raises(InputError, match="No heart was found"):
        propose_by_matching(blank, find_seed_place(blank), device="cpu")


def test_pixels_of_no_human_heart_are_refused(heart):
    coarse = replace(heart.cine, affine=heart.cine.affine @ np.diag([300.0, 300.0, 1.0, 1.0]))
    with pytest.raises(InputError, match="correct the spacing"):
        propose_by_matching(coarse, SeedPlace(0, 4, (80, 80)), device="cpu")


def test_where_there_is_no_heart_it_says_so(heart):
    empty = replace(heart.cine, array=np.random.default_rng(0).normal(0, 1, heart.cine.shape).astype(np.float32))
    with pytest.raises(InputError, match="No heart was found"):
        propose_by_matching(empty, SeedPlace(0, 4, (80, 80)), device="cpu")
