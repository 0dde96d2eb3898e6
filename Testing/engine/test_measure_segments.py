from __future__ import annotations

import numpy as np
import pytest

from medvos.measure.segments import APEX, base_is_last, from_base_to_apex, ring_slices, segment_map
from medvos.septum import insertion_points
from medvos.structures import LV, MYO, RV
from medvos.synth.heart import SyntheticHeart, synthetic_heart
from medvos_lab.datasets.acdc import acdc_cases

SEPTAL = (2, 3, 8, 9, 14)
LATERAL = (5, 6, 11, 12, 16)
ANTERIOR, INFERIOR = (1, 7, 13), (4, 10, 15)


@pytest.fixture(scope="module")
def heart() -> SyntheticHeart:
    """Slices from apex to base, the septum to the left, on an oblique affine as a scanner has it."""
    return synthetic_heart(3, shape=(4, 12, 96, 96), spacing=(8.0, 2.5, 2.5), kind="healthy")


def place(segments: np.ndarray, affine: np.ndarray, numbers: tuple[int, ...]) -> np.ndarray:
    """Middle in mm (RAS) of some segments."""
    z, y, x = np.nonzero(np.isin(segments, numbers))
    return affine[:3, :3] @ np.array([x.mean(), y.mean(), z.mean()]) + affine[:3, 3]


def test_all_segments_are_found(heart: SyntheticHeart):
    found = set(np.unique(segment_map(heart.labels[0], heart.cine.affine)))
    assert found >= {0, *range(1, APEX)}


def test_only_myocardium_has_segments(heart: SyntheticHeart):
    assert (heart.labels[0][segment_map(heart.labels[0], heart.cine.affine) > 0] == MYO).all()


def test_the_septum_lies_beside_the_rv_and_the_lateral_wall_opposite(heart: SyntheticHeart):
    segments, affine = segment_map(heart.labels[0], heart.cine.affine), heart.cine.affine
    rv = place(heart.labels[0], affine, (RV,))
    middle = place(heart.labels[0], affine, (LV,))
    assert np.linalg.norm(place(segments, affine, SEPTAL) - rv) < np.linalg.norm(middle - rv)
    assert np.linalg.norm(place(segments, affine, LATERAL) - rv) > np.linalg.norm(middle - rv)


def test_in_the_patient_the_walls_lie_where_their_names_say(heart: SyntheticHeart):
    segments, affine = segment_map(heart.labels[0], heart.cine.affine), heart.cine.affine
    upwards = place(segments, affine, ANTERIOR) - place(segments, affine, INFERIOR)
    leftwards = place(segments, affine, SEPTAL) - place(segments, affine, LATERAL)
    assert upwards[2] > 10
    assert leftwards[0] > 10


@pytest.mark.parametrize("flip", [(1,), (2,), (0,), (0, 1), (0, 1, 2)])
def test_no_way_of_storing_the_stack_changes_the_segments(heart: SyntheticHeart, flip):
    """Axes are flipped along with the affine, and the slices put along their normal again, as readers do."""
    axes = flip if len(flip) % 2 == 0 else (*flip, 0) if 0 not in flip else tuple(a for a in flip if a != 0)
    affine = heart.cine.affine.copy()
    for axis in axes:
        column = 2 - axis
        affine[:3, 3] += affine[:3, column] * (heart.labels.shape[1 + axis] - 1)
        affine[:3, column] *= -1
    flipped = segment_map(np.flip(heart.labels[0], axes), affine)
    assert (np.flip(flipped, axes) == segment_map(heart.labels[0], heart.cine.affine)).mean() > 0.999


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_left_handed_grid_has_the_same_segments(heart: SyntheticHeart, axis: int):
    affine, column = heart.cine.affine.copy(), 2 - axis
    affine[:3, 3] += affine[:3, column] * (heart.labels.shape[1 + axis] - 1)
    affine[:3, column] *= -1
    mirrored = segment_map(np.flip(heart.labels[0], axis), affine)
    assert (np.flip(mirrored, axis) == segment_map(heart.labels[0], heart.cine.affine)).mean() > 0.999


def test_levels_are_thirds_from_the_base(heart: SyntheticHeart):
    rings = ring_slices(heart.labels[0], heart.cine.affine)
    levels = [ring.level for ring in rings]
    assert levels == sorted(levels)
    assert rings[0].z > rings[-1].z
    assert max(levels.count(level) for level in range(3)) - min(levels.count(level) for level in range(3)) <= 1


def test_the_base_is_where_the_heart_is_wide(heart: SyntheticHeart):
    order = from_base_to_apex(heart.labels[0])
    assert order == sorted(order, reverse=True)
    assert from_base_to_apex(heart.labels[0][::-1]) == sorted(order)


def test_a_slice_that_is_labelled_at_more_phases_than_the_others_does_not_turn_the_heart_around(heart: SyntheticHeart):
    last = base_is_last(heart.labels[:1])
    order = from_base_to_apex(heart.labels[0])
    for z in (order[0], order[len(order) // 2], order[-1]):
        labels = np.zeros((12, *heart.labels.shape[1:]), np.uint8)
        labels[:2] = heart.labels[0]
        labels[:, z] = heart.labels[0, z]
        assert base_is_last(labels) is last
    with_atrium = np.where(
        (heart.labels[:1] == 0) & (np.arange(heart.labels.shape[1]) == order[-1])[:, None, None], 101, heart.labels[:1]
    )
    assert base_is_last(with_atrium) is last


def test_slices_with_the_rv_alone_do_not_tell_the_base(heart: SyntheticHeart):
    """Beyond the apex of the LV an RV that is drawn by mistake can be larger than the heart at its base."""
    last = base_is_last(heart.labels[:1])
    labels = heart.labels[:1].copy()
    apex = from_base_to_apex(heart.labels[0])[-1]
    for z in range(apex) if last else range(apex + 1, labels.shape[1]):
        labels[0, z] = 1
    labels[0, apex] = 1
    assert base_is_last(labels) is last


def test_an_aneurysm_of_the_apex_is_no_base(data_folder):
    """The LV of patient 047 is widest at its apex at ES."""
    case = next(case for case in acdc_cases(data_folder, "all") if case.name == "patient047")
    at_ed, at_es = (from_base_to_apex(phase) for phase in case.labels)
    assert at_ed == sorted(at_ed)
    assert at_es == sorted(at_es)


def test_insertion_points_are_the_ends_of_the_contact():
    y, x = np.mgrid[:64, :64] - 32.0
    plane = np.where(np.hypot(y, x) < 20, MYO, 0).astype(np.uint8)
    plane[np.hypot(y, x) < 12] = LV
    plane[(plane == 0) & (np.hypot(y, x) < 28) & (np.abs(np.abs(np.arctan2(y, x)) - np.pi) < np.deg2rad(60))] = RV
    first, last = insertion_points(plane, np.array([1.0, 1.0]))
    # Muscle within 4 mm of the RV's ends belongs to the contact.
    assert np.rad2deg(first) == pytest.approx(120, abs=14)
    assert np.rad2deg(last) == pytest.approx(240, abs=14)
    assert np.rad2deg(first + last) / 2 == pytest.approx(180, abs=2)


def test_without_an_rv_nothing_tells_the_septum(heart: SyntheticHeart):
    labels = np.where(heart.labels[0] == RV, 0, heart.labels[0])
    assert ring_slices(labels, heart.cine.affine) == []
    assert not segment_map(labels, heart.cine.affine).any()


def test_real_septa_touch_the_rv(data_folder):
    """ACDC's images are displayed as usual on an affine that was made up: septum to the left, anterior wall on top."""
    for case in list(acdc_cases(data_folder))[::4]:
        labels = case.labels[0]
        segments = segment_map(labels, case.cine.affine)
        y, x = np.mgrid[: labels.shape[1], : labels.shape[2]]
        z = ring_slices(labels, case.cine.affine)[1].z

        def middle(mask: np.ndarray, y: np.ndarray = y, x: np.ndarray = x) -> np.ndarray:
            return np.array([y[mask].mean(), x[mask].mean()])

        septum, lateral, anterior, inferior = (
            middle(np.isin(segments[z], numbers)) for numbers in (SEPTAL, LATERAL, ANTERIOR, INFERIOR)
        )
        rv = middle(labels[z] == RV)
        assert np.linalg.norm(septum - rv) < np.linalg.norm(lateral - rv), case.name
        assert anterior[0] < inferior[0], case.name
