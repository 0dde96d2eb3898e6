"""Sanity checks that hold verdicts back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from medvos.cine.cine import Cine, Source
from medvos.measure.measure import measure
from medvos.measure.slice_distance import BY_DISTANCE, error_of_distance, error_of_gap
from medvos.measure.subject import Subject, stating
from medvos.measure.trust import judge
from medvos.measure.verdict import verdict_of, verdict_sentences, verdict_text
from medvos.structures import LV, MYO, RV

SOMEONE = Subject("M", 45, 180.0, 80.0, 60.0)
RADII = (20, 14)  # of the LV at ED and ES in pixels


def a_cine(slice_mm: float = 8.0, slices: int = 8, **source: object) -> Cine:
    blank = np.broadcast_to(np.float32(0), (2, slices, 96, 96))
    return Cine(blank, np.diag([1.5, 1.5, slice_mm, 1.0]), np.array([0.0, 300.0]), 900.0, Source(**source))


def a_heart(slices: int = 8, rv_ejects: float = 1.0, wall_at_es: float = 1.0, apex: bool = True) -> np.ndarray:
    """Labels (2, Z, Y, X): an LV, a wall of constant area and an RV that ejects this part of the LV's stroke volume.

    The first and the last slice are empty, and the last but one has a small cavity; not so without ``apex``.
    """
    y, x = np.mgrid[:96, :96] - np.array((48, 60))[:, None, None]
    labels = np.zeros((2, slices, 96, 96), np.uint8)
    stroke = np.pi * (RADII[0] ** 2 - RADII[1] ** 2)
    for t, radius in enumerate(RADII):
        outer = np.hypot(radius, 18.0 * (1 if t == 0 else np.sqrt(wall_at_es)))
        rv = 40 * 30 - (stroke * rv_ejects if t else 0)
        labels[t][:, (np.abs(y) <= 20) & (x < -24) & (x >= -24 - rv / 41)] = RV
        labels[t][:, np.hypot(y, x) < outer] = MYO
        labels[t][:, np.hypot(y, x) < radius] = LV
        if apex:
            labels[t][-2][labels[t][-2] == RV] = 0
            labels[t][-2][(labels[t][-2] == LV) & (np.hypot(y, x) >= 4)] = MYO
    labels[:, 0] = 0
    if apex:
        labels[:, -1] = 0
    return labels


def test_a_plausible_heart_has_verdicts_and_no_doubt():
    measures = measure(a_heart(), a_cine(), subject=SOMEONE)
    assert measures.doubts == () and measures.held == {}
    assert verdict_of("LVEF", measures) == "normal" and verdict_text("LVEF", measures) == "normal"
    assert any("LVEF preserved" in sentence and "ESC" in sentence for sentence in verdict_sentences(measures))


@pytest.mark.parametrize(("at_es", "held"), [(1.3, False), (1.7, True), (0.7, True)])
def test_a_mass_that_changes_over_the_beat_holds_the_verdicts_on_the_lv(at_es, held):
    measures = measure(a_heart(wall_at_es=at_es), a_cine(), subject=SOMEONE)
    assert any("muscle keeps its volume" in doubt for doubt in measures.doubts) is held
    assert ("LVM" in measures.held) is held and ("LVEF" in measures.held) is held and "RVEF" not in measures.held


@pytest.mark.parametrize(("slice_mm", "held"), [(12.0, False), (16.0, True)])
def test_slices_far_apart_state_the_error_of_the_ef_that_this_alone_brings(slice_mm, held):
    measures = measure(a_heart(), a_cine(slice_mm), subject=SOMEONE)
    mean, worst = BY_DISTANCE[16.0]
    assert any(f"{mean:.0f} points" in doubt and f"up to {worst:.0f}" in doubt for doubt in measures.doubts) is held
    assert ("LVEDV" in measures.held) is held and ("RVEF" in measures.held) is held


def test_a_missing_slice_holds_verdicts_and_is_counted_from_1():
    measures = measure(a_heart(), a_cine(missing_slices=(3,)), subject=SOMEONE)
    assert any(doubt.startswith("Slice 4 (counted from 1) was not acquired") for doubt in measures.doubts)
    assert "LVEF" in measures.held


def test_a_stack_that_ends_before_the_apex_is_doubted():
    labels = a_heart(apex=False)
    y, x = np.mgrid[:96, :96] - np.array((48, 60))[:, None, None]
    labels[:, -1][(labels[:, -1] == LV) & (np.hypot(y, x) >= 0.7 * RADII[0])] = MYO  # half of the area at ED
    measures = measure(labels, a_cine(), subject=SOMEONE)
    assert any("at the apex" in doubt for doubt in measures.doubts)
    assert "LVEDV" in measures.held and "LVEF" not in measures.held


def test_no_verdict_is_given_where_the_apical_half_is_missing():
    measures = measure(a_heart(apex=False), a_cine(), subject=SOMEONE)
    assert any("several slices are missing" in doubt for doubt in measures.doubts)
    assert "LVEF" in measures.held and "The LVEF is not graded: see the doubts." in verdict_sentences(measures)


def test_errors_between_the_measured_distances_are_interpolated():
    assert error_of_distance(13.0) == pytest.approx(np.mean([BY_DISTANCE[12.0], BY_DISTANCE[14.0]], axis=0))
    assert error_of_distance(40.0) == BY_DISTANCE[20.0]
    assert error_of_gap("base", 8.0) > error_of_gap("inner", 8.0)


def test_height_and_weight_of_two_persons_are_doubted_and_hold_what_they_scale():
    measures = measure(a_heart(), a_cine(), subject=Subject("M", 45, 90.0, 95.0, 60.0))
    assert any(doubt.startswith("A height of 90 cm and a weight of 95 kg") for doubt in measures.doubts)
    assert "LVEDVI" in measures.held and "LVEDV" not in measures.held
    assert not any("height" in doubt for doubt in measure(a_heart(), a_cine(), subject=SOMEONE).doubts)


def test_a_rate_that_the_user_gives_in_the_panel_is_doubted_and_used():
    cine, fast = a_cine(), Subject("M", 45, 180.0, 80.0, 250.0)
    finer = replace(cine, array=np.repeat(cine.array, 5, axis=0), times=np.arange(10) * 100.0)
    labels = np.repeat(a_heart(), 5, axis=0)
    for given in (finer, stating(finer, fast)):
        measures = measure(labels, given, subject=fast)
        assert measures["CO"].value is not None and any("250 beats" in doubt for doubt in measures.doubts)
    stated = replace(finer, source=replace(finer.source, heart_rate=250.0))
    for file in (stated, stating(stated, fast)):
        assert measure(labels, file, subject=fast)["CO"].value is None


def test_intervals_and_unreliable_parts_come_before_the_judgement():
    whole = measure(a_heart(rv_ejects=0.5), a_cine(), subject=SOMEONE)
    parts = measure(a_heart(rv_ejects=0.5), a_cine(), subject=SOMEONE, judged=False)
    assert not parts.moves and not any("differ" in doubt for doubt in parts.doubts)
    assert judge(parts).moves == whole.moves and judge(parts).doubts == whole.doubts


def test_a_part_of_the_beat_that_was_not_imaged_holds_the_verdicts_on_volumes():
    kept = [*range(6), *range(13, 20)]
    labels = a_heart()[[0] * len(kept)]
    labels[5:7] = a_heart()[1]
    blank = np.broadcast_to(np.float32(0), labels.shape)
    cine = Cine(blank, a_cine().affine, 40.0 * np.array(kept), 800.0, Source(heart_rate=75.0))
    measures = measure(labels, cine, subject=SOMEONE)
    assert any("between phase 6 and phase 7" in doubt and "320 ms or 40 %" in doubt for doubt in measures.doubts)
    assert {"LVESV", "LVEF", "RVEF"} <= set(measures.held) and measures.ungraded
    even = replace(cine, times=np.arange(13) * 60.0)
    assert not any("no image shows" in doubt.lower() for doubt in measure(labels, even, subject=SOMEONE).doubts)
