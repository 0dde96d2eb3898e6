"""Walks through slices and phases."""

from __future__ import annotations

import numpy as np
import pytest
from training_studies import a_cavity_study, a_study

from medvos_lab.triplets import MAX_DISTANCE, sample_triplet

STUDIES = {
    "two phases": a_study(),
    "four phases": a_study(4, 5),
    "cavity": a_cavity_study(),
    "one frame": a_study(1, 2),
}


def triplets(study, count: int = 400) -> np.ndarray:
    """(count, 3) frame numbers."""
    rng = np.random.default_rng(0)
    return np.array([sample_triplet(study, rng) for _ in range(count)])


@pytest.mark.parametrize("name", STUDIES)
def test_triplets_start_where_something_is_drawn_and_stay_near(name):
    study = STUDIES[name]
    found = triplets(study)
    assert study.labels[found[:, 0]].any((1, 2)).all()
    assert np.ptp(study.slices[found], axis=1).max() <= MAX_DISTANCE


def test_triplets_along_z_keep_phase_and_direction():
    study = STUDIES["two phases"]
    found = triplets(study)
    phases, slices = study.phases[found], study.slices[found]
    along = (phases == phases[:, :1]).all(1)
    assert along.mean() > 0.2
    steps = np.diff(slices[along], axis=1)
    assert (np.sign(steps[:, 0]) == np.sign(steps[:, 1])).all()
    assert (steps != 0).all()


def test_triplets_along_z_also_go_through_another_phase_than_the_seed_s():
    study = STUDIES["four phases"]
    found = triplets(study)
    phases, slices = study.phases[found], study.slices[found]
    other = (phases[:, 1] == phases[:, 2]) & (phases[:, 1] != phases[:, 0]) & (slices[:, 1] != slices[:, 0])
    assert other.mean() > 0.12
    steps = np.diff(slices[other], axis=1)
    assert (np.sign(steps[:, 0]) == np.sign(steps[:, 1])).all()


def test_most_seeds_are_in_the_middle_of_the_drawn_slices():
    study = STUDIES["four phases"]
    drawn = np.unique(study.slices[study.labels.any((1, 2))])
    seeds = study.slices[triplets(study)[:, 0]]
    low, high = np.quantile(drawn, (1 / 3, 2 / 3))
    fraction = ((seeds >= low) & (seeds <= high)).mean()
    assert fraction > 0.6
    assert set(seeds) == set(drawn)


def test_triplets_through_time_go_to_another_phase():
    study = STUDIES["four phases"]
    found = triplets(study)
    phases, slices = study.phases[found], study.slices[found]
    first = (slices[:, 0] == slices[:, 1]) & (phases[:, 0] != phases[:, 1])
    last = (slices[:, 1] == slices[:, 2]) & (phases[:, 1] != phases[:, 2])
    assert first.mean() > 0.2
    assert last.mean() > 0.05
    assert set(phases[first, 1]) == set(range(4))
    np.testing.assert_array_equal(phases[first, 1], phases[first, 2])


def test_triplets_reach_slices_without_any_structure():
    study = STUDIES["two phases"]
    assert (study.slices[triplets(study)[:, 1:]] == 7).any()


def test_triplets_are_reproducible():
    np.testing.assert_array_equal(triplets(STUDIES["cavity"], 50), triplets(STUDIES["cavity"], 50))
