from __future__ import annotations

import numpy as np
import pytest

from medvos.structures import LV, MYO, RV
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.session.label_cache import LabelCache
from MedVOSSegmentLib.session.seed_check import (
    NOTHING_DRAWN,
    ONLY_A_DOT,
    Fault,
    SeedCheck,
    component_sizes,
    slice_faults,
)

MM = (1.5, 1.5)
SIDE = 96


def disk(y: float, x: float, radius: float) -> np.ndarray:
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return np.hypot(rows - y, columns - x) <= radius


def a_heart() -> np.ndarray:
    """(Y, X): LV of 27 mm inside its wall, RV beside it."""
    labels = np.zeros((SIDE, SIDE), np.uint8)
    labels[disk(48, 36, 17)] = RV
    labels[disk(48, 56, 16)] = MYO
    labels[disk(48, 56, 9)] = LV
    return labels


def seed_faults(labels: np.ndarray, drawn: np.ndarray, spacing: tuple[float, float]) -> list[Fault]:
    return SeedCheck(spacing).faults(LabelCache(labels), drawn)


def the_fault(labels: np.ndarray):
    faults = slice_faults(labels, MM, "on slice 2 of phase 0")
    assert len(faults) == 1, [fault.sentence for fault in faults]
    return faults[0]


def test_a_good_seed_has_no_faults():
    labels = np.zeros((2, 3, SIDE, SIDE), np.uint8)
    labels[0, 2] = a_heart()
    assert seed_faults(labels, labels.any((2, 3)), MM) == []


def test_every_slice_of_a_healthy_heart_may_be_a_seed(small_heart: SyntheticHeart):
    labels = small_heart.labels
    faults = seed_faults(labels, labels.any((2, 3)), small_heart.cine.spacing[1:])
    assert not any(fault.blocking for fault in faults)


def test_an_empty_seed_is_refused():
    labels = np.zeros((2, 3, SIDE, SIDE), np.uint8)
    assert seed_faults(labels, np.ones((2, 3), bool), MM) == [NOTHING_DRAWN]
    assert NOTHING_DRAWN.blocking


def test_what_is_not_the_users_is_no_seed():
    labels = np.zeros((2, 3, SIDE, SIDE), np.uint8)
    labels[:] = a_heart()
    assert seed_faults(labels, np.zeros((2, 3), bool), MM) == [NOTHING_DRAWN]


@pytest.mark.parametrize(
    ("kept", "only", "missing"),
    [
        ((LV,), "Only LV is", "Myo and RV"),
        ((LV, MYO), "Only LV and Myo are", "RV"),
        ((RV,), "Only RV is", "LV and Myo"),
    ],
)
def test_missing_structures_are_named(kept: tuple[int, ...], only: str, missing: str):
    labels = np.zeros((1, 1, SIDE, SIDE), np.uint8)
    labels[0, 0] = np.where(np.isin(a_heart(), kept), a_heart(), 0)
    (fault,) = seed_faults(labels, np.ones((1, 1), bool), MM)
    assert only in fault.sentence and f"draw {missing} too" in fault.sentence
    assert not fault.blocking


def test_structures_may_be_drawn_on_different_slices():
    labels = np.zeros((1, 2, SIDE, SIDE), np.uint8)
    labels[0, 0] = np.where(a_heart() == RV, RV, 0)
    labels[0, 1] = np.where(a_heart() == RV, 0, a_heart())
    assert seed_faults(labels, np.ones((1, 2), bool), MM) == []


def test_a_dot_is_refused():
    labels = np.zeros((1, 2, SIDE, SIDE), np.uint8)
    labels[0, 1, 5, 5:8] = LV
    assert seed_faults(labels, np.ones((1, 2), bool), MM) == [ONLY_A_DOT]
    assert ONLY_A_DOT.blocking


def test_a_dot_beside_a_drawing_is_questioned():
    labels = a_heart()
    labels[labels == RV] = 0
    labels[5, 5:8] = RV
    fault = the_fault(labels)
    assert not fault.blocking and "RV on slice 2 of phase 0 is a mere dot of 7 mm²" in fault.sentence


def test_a_painted_image_is_refused():
    labels = np.full((SIDE, SIDE), MYO, np.uint8)
    fault = the_fault(labels)
    assert fault.blocking and "covers 100 % of the image" in fault.sentence


@pytest.mark.parametrize(("millimetres", "word"), [(0.2, "small"), (5.0, "large")])
def test_areas_of_no_heart_are_questioned(millimetres: float, word: str):
    labels = np.where(a_heart() == LV, LV, 0).astype(np.uint8)
    labels[disk(48, 56, 14)] = LV
    faults = slice_faults(labels, (millimetres, millimetres), "here")
    assert [word in fault.sentence and not fault.blocking for fault in faults] == [True]


def test_stray_pieces_are_questioned():
    labels = a_heart()
    labels[disk(10, 10, 4)] = LV
    assert "LV on slice 2 of phase 0 lies in 2 pieces" in the_fault(labels).sentence


def test_a_small_component_is_forgiven():
    labels = a_heart()
    labels[10, 10] = LV
    assert slice_faults(labels, MM, "here") == []


def test_an_open_ring_is_questioned():
    labels = a_heart()
    labels[:48][labels[:48] == MYO] = 0
    fault = the_fault(labels)
    assert not fault.blocking and "of the way round the LV" in fault.sentence


def test_a_cavity_outside_its_wall_is_refused():
    labels = np.zeros((SIDE, SIDE), np.uint8)
    labels[disk(48, 30, 10)] = MYO
    labels[disk(48, 70, 10)] = LV
    fault = the_fault(labels)
    assert fault.blocking and "do not touch" in fault.sentence


def test_ventricles_that_are_mixed_up_are_refused():
    labels = np.zeros((SIDE, SIDE), np.uint8)
    labels[disk(48, 22, 14)] = LV
    labels[disk(48, 56, 16)] = MYO
    labels[disk(48, 56, 9)] = RV
    fault = the_fault(labels)
    assert fault.blocking and "mixed up" in fault.sentence


def test_a_missing_septum_is_questioned():
    labels = a_heart()
    labels[disk(48, 40, 17) & (labels == MYO)] = RV
    sentences = [fault.sentence for fault in slice_faults(labels, MM, "here")]
    assert any("septum" in sentence for sentence in sentences)


def test_blocking_faults_come_first():
    labels = np.zeros((1, 2, SIDE, SIDE), np.uint8)
    labels[0, 0] = a_heart()
    labels[0, 0][disk(10, 10, 4)] = LV
    labels[0, 1] = MYO
    assert [fault.blocking for fault in seed_faults(labels, np.ones((1, 2), bool), MM)] == [True, False]


def test_pieces_touch_at_their_corners_too():
    mask = np.zeros((6, 6), bool)
    mask[0, 0] = mask[1, 1] = mask[5, 5] = True
    assert component_sizes(mask) == [2, 1]


def test_a_check_follows_the_drawing():
    labels = np.zeros((1, 2, SIDE, SIDE), np.uint8)
    labels[0, 0] = a_heart()
    known, check = LabelCache(labels), SeedCheck(MM)
    drawn = np.ones((1, 2), bool)
    assert check.faults(known, drawn) == []
    labels[0, 1][disk(48, 56, 16)] = MYO
    labels[0, 0][disk(10, 10, 4)] = LV
    known.update_phase(0, labels[0])
    assert check.faults(known, drawn) == seed_faults(labels, drawn, MM) != []
    labels[0, 0] = a_heart()
    known.update_phase(0, labels[0])
    assert check.faults(known, drawn) == []


def test_a_segment_of_the_reader_alone_is_no_drawing_of_the_heart():
    labels = np.zeros((2, 1, SIDE, SIDE), np.uint8)
    labels[0, 0][disk(30, 30, 9)] = 4
    assert seed_faults(labels, np.ones((2, 1), bool), MM) == [NOTHING_DRAWN]
