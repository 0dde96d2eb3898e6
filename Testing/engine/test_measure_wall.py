from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import binary_erosion

from medvos.measure.measure import measure
from medvos.measure.segments import base_is_last, from_base_to_apex, ring_slices
from medvos.measure.wall import wall_segments
from medvos.structures import LV, MYO, RV
from medvos.synth.heart import SyntheticHeart, synthetic_heart
from medvos.synth.parameters import HeartParameters

EVEN = HeartParameters(
    wall=9.0, septal_bulge=0.0, outline=(), wall_outline=(), apical_contraction=0.0, twist=0.0, apex_wall=9.0
)


def a_heart(parameters: HeartParameters) -> SyntheticHeart:
    return synthetic_heart(0, shape=(4, 10, 104, 104), spacing=(10.0, 1.8, 1.8), parameters=parameters)


@pytest.fixture(scope="module")
def heart() -> SyntheticHeart:
    return a_heart(EVEN)


def test_an_even_wall_is_as_thick_in_all_segments(heart):
    wall = wall_segments(heart.labels, heart.cine.affine, 0, 1)
    for one in wall[:12]:
        assert one.ed_mm == pytest.approx(9.0, abs=0.6), one
        assert one.thickening == pytest.approx(100 * (one.es_mm - one.ed_mm) / one.ed_mm)
        assert one.thickening > 15


def test_fragments_at_the_base_do_not_turn_the_heart_around():
    heart = a_heart(replace(EVEN, septal_bulge=0.7))
    labels, affine = heart.labels.copy(), heart.cine.affine
    for z in from_base_to_apex(labels[1])[:3]:
        labels[1, z] = 0
        labels[1, z, :3, :3] = MYO
    order = from_base_to_apex(labels[1], base_is_last(labels))
    assert order == from_base_to_apex(labels[1])[::-1]  # by itself, this phase misleads
    rings = ring_slices(labels[1], affine, base_is_last(labels))
    assert [ring.z for ring in rings] == [z for z in order if z in {ring.z for ring in rings}]
    assert rings[0].turn == ring_slices(heart.labels[1], affine)[0].turn
    wall = {one.number: one.es_mm for one in wall_segments(labels, affine, 0, 1)}
    assert np.mean([wall[n] for n in (8, 9)]) > np.mean([wall[n] for n in (11, 12)]) + 3


def test_a_thick_septum_is_found_in_the_septum():
    heart = a_heart(replace(EVEN, septal_bulge=0.7))
    wall = {one.number: one.ed_mm for one in wall_segments(heart.labels, heart.cine.affine, 0, 1)}
    septum, lateral = np.mean([wall[n] for n in (2, 3, 8, 9)]), np.mean([wall[n] for n in (5, 6, 11, 12)])
    assert septum > lateral + 3


def test_a_wall_that_does_not_move_does_not_thicken():
    heart = a_heart(replace(EVEN, infarct=1.0, infarct_angle=0.0, infarct_level=0.5))
    wall = {one.number: one.thickening for one in wall_segments(heart.labels, heart.cine.affine, 0, 1)}
    assert max(wall[11], wall[12]) < min(wall[8], wall[9])


def test_the_apex_says_why_it_has_no_thickness(heart):
    apex = wall_segments(heart.labels, heart.cine.affine, 0, 1)[-1]
    assert (apex.number, apex.ed_mm) == (17, None)
    assert "short-axis" in apex.reason


@pytest.mark.parametrize(("label", "why"), [(RV, "septum"), (LV, "labelled LV"), (MYO, "labelled Myo")])
def test_without_a_structure_all_segments_say_why(heart, label, why):
    wall = wall_segments(np.where(heart.labels == label, 0, heart.labels), heart.cine.affine, 0, 1)
    assert [one.number for one in wall] == list(range(1, 18))
    assert all(one.ed_mm is None and why in one.reason for one in wall)


def test_two_slices_are_too_few(heart):
    wall = wall_segments(heart.labels[:, 4:6], heart.cine.affine, 0, 1)
    assert all("three slices" in one.reason for one in wall)


def test_unknown_phases_are_a_reason(heart):
    assert "ED and ES" in wall_segments(heart.labels, heart.cine.affine, 0, None)[0].reason


@pytest.mark.parametrize(("phase", "volume"), [(0, "LVEDV"), (1, "LVESV")])
def test_a_wall_around_an_lv_that_was_lost_has_no_thickness(heart, phase: int, volume: str):
    labels = heart.labels.copy()
    # A heart that contracts much, so that what is left of it at ED is still larger than at ES.
    at_es = labels[1] == LV
    labels[1][at_es & ~binary_erosion(at_es, np.ones((1, 3, 3)), 4)] = MYO
    kept = from_base_to_apex(labels[phase])[:3]
    for z in range(labels.shape[1]):
        if z not in kept:
            labels[phase, z] = 0
    measures = measure(labels, heart.cine, ed=0, es=1)
    assert measures[volume].value is None
    assert all(one.ed_mm is None and one.reason == measures[volume].reason for one in measures.wall)
