"""Intervals of measures, in a made world whose truth is known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from uncertain_heart import BORDER, RADII, a_result, true_areas

from medvos.measure.function import NO_INTERVAL
from medvos.measure.intervals import NO_MODEL, carry_over
from medvos.measure.measure import measure
from medvos.measure.measures import Beat, Measure, Measures
from medvos.report.document import report_document
from medvos.report.read_results import stored_result
from medvos.report.write_results import write_results
from medvos.result import Result
from medvos.structures import LV, MYO
from medvos.uncertainty.borders import UNFITTED
from medvos.uncertainty.reader import READER_MM

VOXEL_ML = 1.5 * 1.5 * 8 / 1000
WORLDS = 1500


@pytest.fixture(scope="module")
def result() -> Result:
    return a_result()


@pytest.fixture(scope="module")
def measured(result: Result) -> Measures:
    return measure(result)


def width(measures: Measures, name: str) -> float:
    low, high = measures[name].interval
    return high - low


def test_intervals_hold_the_truth_as_often_as_they_say(measured: Measures):
    rng = np.random.default_rng(0)
    volumes = np.array([true_areas(rng).sum(1) for _ in range(WORLDS)]) * VOXEL_ML
    ed, es = volumes.T
    truth = {"LVEDV": ed, "LVESV": es, "LVSV": ed - es, "LVEF": 100 * (1 - es / ed)}
    for name, values in truth.items():
        low, high = measured[name].interval
        assert ((low <= values) & (values <= high)).mean() == pytest.approx(0.9, abs=0.03), name


def test_each_interval_holds_its_value(measured: Measures):
    for name in ("LVEDV", "LVESV", "LVSV", "LVEF", "LVM"):
        one = measured[name]
        assert one.interval[0] < one.value < one.interval[1]
        assert one.reason is None


def test_a_result_has_the_intervals_of_its_files(result: Result, measured: Measures, tmp_path: Path):
    write_results(result, tmp_path)
    stored = measure(stored_result(tmp_path))
    for name in ("LVEDV", "LVESV", "LVSV", "LVEF", "LVM"):
        assert stored[name].interval == pytest.approx(measured[name].interval, rel=1e-6), name


def test_it_holds_the_value_even_where_doubt_is_all_on_one_side(result: Result):
    doubt = np.where(result.labels == LV, 0, result.uncertainty)
    one = measure(replace(result, uncertainty=doubt))["LVEDV"]
    assert one.interval[0] == pytest.approx(one.value)
    assert one.interval[1] > one.value * 1.02


def test_more_uncertainty_is_wider():
    for name in ("LVEDV", "LVESV", "LVEF", "LVM"):
        widths = [width(measure(a_result(error)), name) for error in (0.5, 1.0, 1.5, 2.0)]
        assert (np.diff(widths) > 0).all(), name


def test_more_widening_is_wider():
    widths = [width(measure(a_result(constants={"LV": [w, *BORDER[1:]]})), "LVEF") for w in (0.3, 0.7, 1.0, 1.5)]
    assert (np.diff(widths) > 0).all()


def test_what_ed_and_es_share_makes_ef_surer_but_no_volume(measured: Measures):
    shared = measure(a_result(constants={"LV": [*BORDER[:2], 0.9]}))
    assert width(shared, "LVEF") < 0.8 * width(measured, "LVEF")
    assert width(shared, "LVEDV") == pytest.approx(width(measured, "LVEDV"), rel=0.1)


def test_drawn_contours_carry_the_error_of_a_reader():
    drawn = measure(a_result(error=0))
    radius_mm = RADII[0] * 1.5
    # 90 % lie within 1.64 standard deviations; errors of slices 8 mm apart are correlated.
    most = 1.645 * 2 * READER_MM / radius_mm * drawn["LVEDV"].value
    assert 0.4 * most < width(drawn, "LVEDV") / 2 <= 1.1 * most
    assert width(drawn, "LVEF") > 0 and width(drawn, "LVM") > 0


def test_the_error_of_a_reader_does_not_depend_on_the_models_widening():
    widths = [width(measure(a_result(error=0, constants={"LV": [w, *BORDER[1:]]})), "LVEDV") for w in (0.3, 1.0)]
    assert widths[0] == pytest.approx(widths[1], rel=0.05)


def test_drawn_slices_make_the_numbers_surer(result: Result, measured: Measures):
    doubt = result.uncertainty.copy()
    doubt[:, ::2] = 0
    assert width(measure(replace(result, uncertainty=doubt)), "LVEF") < 0.8 * width(measured, "LVEF")


def test_the_same_result_has_the_same_intervals(result: Result, measured: Measures):
    again = measure(result)
    assert {name: one.interval for name, one in again.items()} == {n: one.interval for n, one in measured.items()}


def test_other_structures_and_phases_change_no_interval(result: Result, measured: Measures):
    doubled = replace(
        result,
        labels=np.concatenate([result.labels, result.labels[1:]]),
        uncertainty=np.concatenate([result.uncertainty, result.uncertainty[1:]]),
        cine=replace(
            result.cine, array=np.zeros((3, *result.cine.shape[1:]), np.float32), times=np.array([0.0, 300.0, 600.0])
        ),
    )
    doubled.labels[:, 0, :3, :3] = 7
    assert measure(doubled)["LVEF"].interval == measured["LVEF"].interval


def test_without_fitted_constants_the_intervals_are_wider(result: Result, measured: Measures):
    safe = measure(replace(result, provenance={}))
    assert width(safe, "LVEF") > width(measured, "LVEF")
    assert width(safe, "LVEDV") > width(measured, "LVEDV")


def test_the_band_follows_the_curve_and_agrees_with_edv(measured: Measures):
    low, high = measured.bands_ml["LV"]
    curve = measured.volumes_ml["LV"]
    assert (low < curve).all() and (curve < high).all()
    assert (low[0], high[0]) == pytest.approx(measured["LVEDV"].interval, rel=0.02)


def test_a_phase_without_labels_has_no_band(result: Result):
    labels, doubt = (np.concatenate([part, np.zeros_like(part[:1])]) for part in (result.labels, result.uncertainty))
    times = np.array([0.0, 300.0, 600.0])
    cine = replace(result.cine, array=np.zeros(labels.shape, np.float32), times=times)
    band = measure(replace(result, labels=labels, uncertainty=doubt, cine=cine)).bands_ml["LV"]
    assert np.isnan(band[:, 2]).all() and np.isfinite(band[:, :2]).all()


def test_nothing_falls_below_zero(result: Result):
    still = measure(replace(result, uncertainty=np.full(result.labels.shape, 0.4, np.float32)))
    for name in ("LVEDV", "LVESV", "LVSV", "LVEF", "LVM"):
        assert still[name].interval[0] >= 0


def test_bare_labels_have_no_interval_and_say_why(result: Result):
    for one in measure(result.labels, result.cine).values():
        assert one.interval is None
        assert one.value is None or one.reason == NO_INTERVAL


def test_a_structure_that_is_missing_has_neither_value_nor_interval(measured: Measures):
    assert measured["RVEF"].value is None and measured["RVEF"].interval is None
    assert "RV" in measured["RVEF"].reason and "RV" not in measured.bands_ml


def test_one_slice_has_no_interval_of_a_volume():
    for one in measure(a_result(n_slices=1)).values():
        assert one.value is None and one.interval is None and one.reason


def test_nothing_labelled_is_no_error(result: Result):
    nothing = measure(replace(result, labels=np.zeros_like(result.labels)))
    assert not nothing.bands_ml
    assert all(one.interval is None and one.reason for one in nothing.values())


def test_a_single_labelled_phase_has_an_interval_of_its_volume(result: Result):
    labels = result.labels.copy()
    labels[1] = 0
    one = measure(replace(result, labels=labels))
    assert one["LVEDV"].interval and one["LVEF"].interval is None


def test_a_ventricle_that_does_not_move_has_an_ef_of_zero_with_an_interval(result: Result):
    still = replace(result, labels=result.labels[[0, 0]], uncertainty=result.uncertainty[[0, 0]])
    one = measure(still, ed=0, es=1)["LVEF"]
    assert one.value == one.interval[0] == 0
    assert one.interval[1] > 1


def test_cardiac_output_has_the_interval_of_the_stroke_volume(result: Result):
    source = replace(result.cine.source, heart_rate=60.0)
    measures = measure(replace(result, cine=replace(result.cine, source=source)))
    assert measures["CO"].interval == pytest.approx([60 / 1000 * end for end in measures["LVSV"].interval])


def test_an_indexed_measure_has_the_interval_of_what_it_indexes(result: Result):
    areas = {label: np.array([[[r - 1, *[r] * 23, r + 1]] for r in RADII], np.float32) for label in (LV, MYO)}
    given = Measures({"LVEDVI": Measure(8.0, "mL/m²"), "LVEDV": Measure(16.0, "mL")}, np.zeros(2), {}, 0, 1)
    carried = carry_over(given, areas, {}, result.cine)
    assert carried["LVEDVI"].interval == pytest.approx([end / 2 for end in carried["LVEDV"].interval])


def test_a_measure_that_is_not_known_to_follow_from_volumes_says_so(result: Result):
    given = Measures({"LVPFR": Measure(400.0, "mL/s")}, np.zeros(2), {}, 0, 1)
    assert carry_over(given, {}, {}, result.cine)["LVPFR"] == Measure(400.0, "mL/s", reason=NO_MODEL)


def test_the_report_says_which_constants_were_used_and_they_give_the_same_intervals_again(result: Result):
    document = json.loads(json.dumps(report_document(result, measure(result))))
    assert document["provenance"]["intervals"]["fitted_on"] == "a made world"
    assert document["measures"]["LVEF"]["interval"] == pytest.approx(measure(result)["LVEF"].interval, abs=1e-3)
    assert len(document["bands"]["LV_mL"]) == 2
    again = measure(replace(result, provenance=document["provenance"]))
    assert again["LVEF"].interval == measure(result)["LVEF"].interval
    bare = replace(result, provenance={})
    assert report_document(bare, measure(bare))["provenance"]["intervals"] == UNFITTED


def test_an_echo_view_keeps_its_measures_as_they_are(measured: Measures, result: Result):
    echo = replace(measured, by_name={"LVEF": Measure(55.0, "%")}, beats=(Beat(0, 4, 100.0, 45.0, 55.0),))
    assert carry_over(echo, {}, UNFITTED, result.cine) is echo
