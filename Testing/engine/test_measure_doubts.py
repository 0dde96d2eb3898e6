"""Doubts about measures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from medvos.cine.cine import Cine, Source
from medvos.measure.doubt import beside_the_values
from medvos.measure.doubts import with_no_ejection
from medvos.measure.echo import measure_volumes
from medvos.measure.measure import measure
from medvos.measure.measures import Measures
from medvos.measure.missing import missing
from medvos.measure.subject import Subject

STEP = 20.0
FRAMES = 150


def a_clip(frames: int = FRAMES, step: float = STEP, **source: object) -> Cine:
    blank = np.broadcast_to(np.float32(0), (frames, 1, 8, 8))
    return Cine(blank, np.eye(4), np.arange(frames) * step, frames * step, Source(kind="video", **source))


def beating(period_ms: float = 1000.0, edv: float = 120.0, ef: float = 60.0) -> np.ndarray:
    """Volumes (T,) in mL."""
    return edv * (1 - ef / 200 * (1 - np.cos(2 * np.pi * np.arange(FRAMES) * STEP / period_ms)))


def a_stack(phases: int = 20, slices: int = 8, period: float = 1000.0, mm: float = 1.5, **source: object) -> Cine:
    blank = np.broadcast_to(np.float32(0), (phases, slices, 64, 64))
    affine = np.diag([-mm, -mm, 8.0, 1.0])
    source = {"heart_rate": 60.0, **source}
    return Cine(blank, affine, np.arange(phases) * period / phases, period, Source(kind="dicom", **source))


def a_heart(phases: int = 20, slices: int = 8, es: int = 8, largest: float = 18, smallest: float = 12) -> np.ndarray:
    """Labels (T, Z, Y, X): cavity, small in the last slice, ring of muscle, and a RV beside it that ejects as much."""
    y, x = np.mgrid[:64, :64] - np.array((32, 23))[:, None, None]
    labels = np.zeros((phases, slices, 64, 64), np.uint8)
    for t in range(phases):
        radius = largest + (smallest - largest) * max(0.0, 1 - abs(t - es) / es)
        labels[t][:, np.hypot(y, x) < np.hypot(radius, 14)] = 2
        labels[t][:, np.hypot(y, x) < radius] = 3
        labels[t][-1, (np.hypot(y, x) >= 0.45 * radius) & (np.hypot(y, x) < radius)] = 2
        labels[t][:, (x > 23) & (x < 23 + np.pi * radius**2 / 62) & (y > -32) & (y < 31)] = 1
    return labels


def said(measures: Measures) -> str:
    return " ".join(measures.doubts)


def test_a_beating_lv_is_beyond_doubt():
    measures = measure_volumes(beating(), a_clip(heart_rate=62.0))
    assert measures["LVEF"].value == pytest.approx(60, abs=1)
    assert measures.doubts == ()


def test_the_ef_of_an_lv_that_was_lost_is_void_and_the_reason_counts_frames():
    volumes = beating()
    volumes[60:] = np.nan
    measures = measure_volumes(volumes, a_clip())
    for name in ("LVEF", "LVEDV", "LVESV", "LVSV", "CO", "HR"):
        assert measures[name].value is None, name
    assert "60 of 150 frames" in measures["LVEF"].reason
    assert not measures.beats
    assert any("60 of 150 frames" in sentence for sentence in missing(measures))
    assert beside_the_values(measures) == []  # it is told once


def test_specks_that_are_left_of_an_lv_count_as_lost():
    volumes = beating()
    volumes[60:] = 2.0
    assert measure_volumes(volumes, a_clip())["LVEF"].value is None


def test_a_drawing_of_two_frames_has_an_ef():
    volumes = np.full(FRAMES, np.nan)
    volumes[[10, 30]] = 120, 50
    assert measure_volumes(volumes, a_clip(), complete=False)["LVEF"].value == pytest.approx(58.3, abs=0.1)


def test_a_contraction_in_two_frames_is_none():
    volumes = np.full(FRAMES, 120.0)
    volumes[40:90] = 40
    measures = measure_volumes(volumes, a_clip(), ed=39, es=40)
    assert measures["LVEF"].value is None
    assert "20 ms" in measures["LVEF"].reason


@pytest.mark.parametrize(("step", "stated", "rate"), [(40.0, 60.0, 30), (20.0, 110.0, 60)])
def test_a_rate_that_contradicts_the_header_is_void(step, stated, rate):
    measures = measure_volumes(beating(), a_clip(step=step, heart_rate=stated))
    assert measures["HR"].value is None and measures["CO"].value is None
    assert f"{rate} times a minute" in measures["HR"].reason and f"{stated:.0f}" in measures["HR"].reason
    assert measures["LVEF"].value == pytest.approx(60, abs=1)  # does not depend on it


def test_an_ef_beyond_the_possible_is_shown_with_a_doubt():
    measures = measure_volumes(beating(ef=95), a_clip())
    assert measures["LVEF"].value > 90 and "LVEF" in said(measures)
    assert beside_the_values(measures) == list(measures.doubts)


def test_a_whole_heart_is_beyond_doubt():
    measures = measure(a_heart(), a_stack(), complete=True)
    assert measures.doubts == () and measures["LVEF"].value == pytest.approx(56, abs=3)


def phases_lost(labels):
    labels[10:] = 0


def slices_lost_at_es(labels):
    labels[8, 3:] = 0


@pytest.mark.parametrize(("spoil", "why"), [(phases_lost, "10 of 20 phases"), (slices_lost_at_es, "3 slices at ES")])
def test_a_heart_that_was_lost_has_no_ef(spoil, why):
    labels = a_heart()
    spoil(labels)
    measures = measure(labels, a_stack(), complete=True)
    assert measures["LVEF"].value is None and why in measures["LVEF"].reason


def test_phases_that_nobody_drew_are_not_lost():
    labels = a_heart()
    labels[[t for t in range(20) if t not in (0, 8)]] = 0
    assert measure(labels, a_stack())["LVEF"].value is not None


def test_a_stack_does_not_contract_within_one_phase_of_40_ms():
    labels = a_heart(phases=25, es=1)
    measures = measure(labels, a_stack(phases=25), complete=True)
    assert measures["LVEF"].value is None and "40 ms" in measures["LVEF"].reason


def test_a_contraction_is_not_judged_by_assumed_times():
    measures = measure(a_heart(phases=25, es=1), a_stack(phases=25, heart_rate=None), complete=True)
    assert measures["LVEF"].value is not None and "ms" not in said(measures)


@pytest.mark.parametrize("rate", [20.0, 240.0])
def test_no_output_is_stated_at_a_rate_that_nobody_has(rate):
    measures = measure(a_heart(), a_stack(heart_rate=rate))
    assert measures["CO"].value is None and f"{rate:.0f} beats a minute" in measures["CO"].reason
    assert measures["LVEF"].value is not None


def test_a_wrong_pixel_size_holds_the_verdicts_on_all_volumes_those_of_the_rv_too():
    small = replace(a_stack(mm=1.0), affine=np.diag([-1.0, -1.0, 1.0, 1.0]))
    measures = measure(a_heart(largest=8, smallest=5), small, subject=Subject("F", 50, 165, 60), complete=True)
    assert measures["LVEDV"].value < 5 and "no verdict is given on volumes and masses" in said(measures)
    held = {name for name in measures.normal if name in measures.held}
    assert {"LVEDV", "LVM", "RVEDV", "RVESV", "RVSV", "RVEDVI"} <= held and not {"LVEF", "RVEF"} & held


def test_a_mouse_may_beat_faster_and_be_small():
    mouse = a_stack(period=180.0, mm=0.12, heart_rate=333.0)
    mouse = replace(mouse, affine=np.diag([-0.12, -0.12, 1.0, 1.0]))
    measures = measure(a_heart(), mouse, complete=True)
    assert measures["LVEDV"].value < 1 and measures["CO"].value is not None
    assert measures.doubts == ()


def test_an_adults_wall_of_a_few_grams_is_doubted():
    labels = a_heart(largest=5, smallest=3)
    labels[labels == 2] = 0
    y, x = np.mgrid[:64, :64] - np.array((32, 26))[:, None, None]
    labels[:, :, (np.hypot(y, x) < 6) & (np.hypot(y, x) >= 5)] = 2
    assert "LVM" in said(measure(labels, a_stack()))


def test_ventricles_that_eject_wildly_different_volumes_are_doubted():
    labels = a_heart()
    labels[labels == 1] = 0
    labels[:, 2:4, 2:6, 2:40] = 1
    labels[8, 2:4, 2:6, 30:40] = 0
    assert "LVSV (" in said(measure(labels, a_stack()))


@pytest.mark.parametrize(("mm", "kept"), [(3.5, True), (15.0, False)])
def test_a_heart_larger_than_any_is_doubted_and_has_no_size(mm, kept):
    measures = measure(a_heart(), a_stack(mm=mm))
    assert "pixel size" in said(measures)
    assert (measures["LVEDV"].value is not None) is kept
    assert measures["LVEF"].value is not None


def test_an_echo_clip_whose_scale_is_ten_times_too_large_has_no_volume():
    measures = measure_volumes(beating(edv=120_000.0), a_clip(heart_rate=62.0))
    assert measures["LVEDV"].value is None and "pixel size" in measures["LVEDV"].reason
    assert measures["LVEF"].value == pytest.approx(60, abs=1)


def test_an_ef_that_is_hardly_possible_is_void_where_the_lv_is_doubted_too():
    why = "What was found does not look like the LV in an apical view."
    usual = measure_volumes(beating(), a_clip(heart_rate=62.0))
    assert with_no_ejection(usual, why) is usual
    void = with_no_ejection(measure_volumes(beating(ef=95), a_clip(heart_rate=62.0)), why)["LVEF"]
    assert void.value is None and "does not look like the LV" in void.reason


def test_an_rv_that_grows_in_systole_ejects_nothing_that_could_be_stated():
    labels = a_heart()
    labels[0, :, 32:][labels[0, :, 32:] == 1] = 0  # half of it in every slice
    labels[0, :, :24][labels[0, :, :24] == 1] = 0
    measures = measure(labels, a_stack(), complete=True)
    assert measures["RVEF"].value is None and measures["RVSV"].value is None
    assert measures["RVEDV"].value is not None and "the RV is larger at ES than at ED" in measures["RVEF"].reason


def test_an_es_that_was_drawn_in_the_beat_before_its_ed_has_an_ef():
    volumes = np.full(FRAMES, np.nan)
    volumes[[10, 30]] = 50, 120
    measures = measure_volumes(volumes, a_clip(), complete=False)
    assert (measures.ed, measures.es) == (30, 10)
    assert measures["LVEF"].value == pytest.approx(58.3, abs=0.1) and measures.doubts == ()
