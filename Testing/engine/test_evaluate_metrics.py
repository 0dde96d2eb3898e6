from __future__ import annotations

import math

import numpy as np
import pytest
from labelled_heart import disk
from scipy.spatial.distance import cdist

from medvos.evaluate.metrics import auroc, boundary_f, dice, hd95, jaccard, pool, reliability, spurious_and_missed


@pytest.fixture
def two_blobs() -> tuple[np.ndarray, np.ndarray]:
    """Masks (Z, Y, X) of two shapes that partly overlap, on random slices."""
    random = np.random.default_rng(3)
    first, second = np.zeros((6, 48, 48), bool), np.zeros((6, 48, 48), bool)
    for z in range(1, 5):
        first[z] = disk(random.uniform(5, 12), (22, 25))
        second[z] = disk(random.uniform(5, 12), (26, 20))
    return first, second


def reference_hd95(first: np.ndarray, second: np.ndarray, spacing: tuple[float, ...]) -> float:
    """By comparing every surface voxel with every other."""

    def surface(mask: np.ndarray) -> np.ndarray:
        padded = np.pad(mask, 1).astype(int)
        neighbours = sum(np.roll(padded, step, axis) for axis in range(3) for step in (-1, 1))
        return (np.argwhere((padded == 1) & (neighbours < 6)) - 1) * spacing

    distances = cdist(surface(first), surface(second))
    return max(np.percentile(distances.min(axis=1), 95), np.percentile(distances.min(axis=0), 95))


def test_dice_is_twice_the_overlap_over_the_sizes():
    assert dice(np.array([1, 1, 0, 0], bool), np.array([0, 1, 1, 1], bool)) == pytest.approx(2 * 1 / 5)


def test_dice_of_two_empty_masks_is_1_and_of_one_is_0():
    empty, full = np.zeros(4, bool), np.ones(4, bool)
    assert dice(empty, empty) == 1
    assert dice(empty, full) == dice(full, empty) == 0


def test_j_is_the_overlap_over_the_union():
    assert jaccard(np.array([1, 1, 0, 0], bool), np.array([0, 1, 1, 1], bool)) == pytest.approx(1 / 4)


def test_j_and_f_of_two_empty_masks_are_1_and_of_one_are_0():
    empty, full = np.zeros((9, 9), bool), np.ones((9, 9), bool)
    for score in (jaccard, boundary_f):
        assert score(empty, empty) == 1
        assert score(empty, full) == score(full, empty) == 0


def test_f_forgives_a_pixel_and_no_more():
    truth = np.zeros((40, 40), bool)
    truth[10:30, 5:35] = True
    assert boundary_f(np.roll(truth, 1, axis=0), truth) == 1
    assert boundary_f(np.roll(truth, 2, axis=0), truth) < 0.6


def test_f_of_half_an_outline_is_between_its_precision_and_its_recall():
    truth, half = np.zeros((2, 40, 40), bool)
    truth[10:30, 5:35] = True
    half[10:30, 5:15] = True
    assert 0.4 < boundary_f(half, truth) < 0.75 and boundary_f(half, truth) == boundary_f(truth, half)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (8.0, 1.5, 1.2)])
def test_hd95_agrees_with_brute_force(two_blobs: tuple[np.ndarray, np.ndarray], spacing: tuple[float, ...]):
    assert hd95(*two_blobs, spacing) == pytest.approx(reference_hd95(*two_blobs, spacing), rel=1e-9)


def test_hd95_of_shifted_single_voxels_is_their_distance_in_mm():
    first, second = np.zeros((3, 9, 9), bool), np.zeros((3, 9, 9), bool)
    first[0, 2, 2] = second[1, 5, 6] = True
    assert hd95(first, second, (8.0, 2.0, 1.0)) == pytest.approx(math.sqrt(8**2 + 6**2 + 4**2))


def test_hd95_ignores_slices_that_are_not_scored():
    truth = np.repeat(disk(8)[None], 3, axis=0)
    found = truth.copy()
    found[1] = disk(3)
    scored = np.array([True, False, True])
    assert hd95(found, truth, (8.0, 1.0, 1.0)) > 1
    assert hd95(found, truth, (8.0, 1.0, 1.0), scored) == 0


def test_hd95_of_empty_masks_is_0_and_of_one_empty_mask_is_not_defined():
    empty, full = np.zeros((2, 4, 4), bool), np.ones((2, 4, 4), bool)
    assert hd95(empty, empty, (1.0, 1.0, 1.0)) == 0
    assert math.isnan(hd95(empty, full, (1.0, 1.0, 1.0)))
    assert math.isnan(hd95(full, empty, (1.0, 1.0, 1.0)))


def test_spurious_and_missed_slices_are_told_apart():
    found, truth = np.zeros((3, 4, 4), bool), np.zeros((3, 4, 4), bool)
    found[0, 1, 1] = True
    truth[1, 1, 1] = True
    found[2, 0, 0] = truth[2, 3, 3] = True
    spurious, missed = spurious_and_missed(found, truth)
    assert spurious.tolist() == [True, False, False]
    assert missed.tolist() == [False, True, False]


def test_auroc_is_the_share_of_pairs_in_the_right_order():
    score, positive = [0.9, 0.4, 0.4, 0.1, 0.7], [True, True, False, False, False]
    pairs = [(0.9, 0.4), (0.9, 0.1), (0.9, 0.7), (0.4, 0.4), (0.4, 0.1), (0.4, 0.7)]
    by_hand = sum(1.0 if p > n else 0.5 if p == n else 0.0 for p, n in pairs) / len(pairs)
    assert auroc(score, positive) == pytest.approx(by_hand)


def test_auroc_needs_both_classes():
    assert math.isnan(auroc([0.1, 0.2], [False, False]))


def test_reliability_compares_stated_with_observed():
    stated = [0.05, 0.15, 0.15, 0.95, 0.95]
    happened = [False, True, False, True, True]
    diagram = reliability(stated, happened, bins=10)
    assert diagram.counts.tolist() == [1, 2, 0, 0, 0, 0, 0, 0, 0, 2]
    assert diagram.observed[1] == pytest.approx(0.5)
    assert diagram.ece == pytest.approx((0.05 * 1 + 0.35 * 2 + 0.05 * 2) / 5)


def test_a_chance_of_one_falls_into_the_last_bin():
    assert reliability([1.0], [True], bins=4).counts.tolist() == [0, 0, 0, 1]


def test_honest_chances_have_a_small_calibration_error_and_overconfident_ones_a_large_one():
    random = np.random.default_rng(0)
    probability = random.random(50_000)
    happened = random.random(50_000) < probability
    assert reliability(probability, happened).ece < 0.01
    assert reliability(probability**3, happened).ece > 0.1


def test_pooled_diagrams_are_the_diagram_of_all_samples():
    random = np.random.default_rng(1)
    probability, happened = random.random(300), random.random(300) < 0.3
    parts = [reliability(probability[a:b], happened[a:b]) for a, b in ((0, 20), (20, 300))]
    assert pool(parts).ece == pytest.approx(reliability(probability, happened).ece)
