from __future__ import annotations

import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from session_fakes import an_outcome

from medvos.cine.cine import Source
from medvos.errors import InputError
from medvos.measure.doubt import Doubt
from medvos.measure.measure import measure
from medvos.report.document import measures_document
from medvos.result import Result
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.session.label_cache import fingerprint
from MedVOSSegmentLib.session.propagation_exchange import cost_of_corrections
from MedVOSSegmentLib.session.results import NONE, Results
from MedVOSSegmentLib.session.state import Findings


@pytest.fixture
def blank(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> HeartEdit:
    return HeartEdit(heart_nodes, small_heart.cine)


@pytest.fixture
def edit(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> HeartEdit:
    """Segmented, with a result that is as the segments are."""
    heart_nodes.set_labels(small_heart.labels)
    edit = HeartEdit(heart_nodes, small_heart.cine)
    out = an_outcome(small_heart.cine, small_heart.labels)
    measured = fingerprint(edit.cache.marks)
    findings = Findings(
        out.slice_scores, out.measures, measured, out.phases, out.provenance, "cstm", "cpu", 9.0, out.uncertainty
    )
    edit.do("propagation", replace(edit.state, findings=findings, marks=edit.cache.marks.copy()))
    return edit


def empty_slice(edit: HeartEdit, phase: int, z: int) -> None:
    labels = edit.cache.labels[phase].copy()
    labels[z] = 0
    edit.cache.update_phase(phase, labels)


def test_without_a_result_there_are_no_numbers(blank: HeartEdit):
    results = Results(blank)
    results.show()
    assert results.document == NONE and results.table is None and results.chart is None


def test_the_numbers_of_the_result_come_with_their_intervals(edit: HeartEdit, small_heart: SyntheticHeart):
    document = Results(edit).document
    truth = measure(small_heart.labels, small_heart.cine)
    assert document["measures"]["LVEF"]["value"] == pytest.approx(truth["LVEF"].value, abs=1e-3)
    assert document["measures"]["LVEF"]["interval"] == [50.0, 60.0]
    assert document["phases"] == {"ED": truth.ed, "ES": truth.es}


def test_after_a_correction_the_numbers_follow_with_their_intervals(edit: HeartEdit):
    results = Results(edit)
    before = results.document["measures"]["LVEDV"]["value"]
    empty_slice(edit, results.document["phases"]["ED"], 5)
    after = results.document["measures"]
    assert after["LVEDV"]["value"] < before
    low, high = after["LVEF"]["interval"]
    assert low < after["LVEF"]["value"] < high
    assert [low, high] != [50.0, 60.0]


def test_what_the_user_accepts_makes_the_numbers_surer(edit: HeartEdit):
    results = Results(edit)
    edit.do("acceptance", edit.state.accepting(0, 2, True))
    low, high = results.document["measures"]["LVEDV"]["interval"]
    for z in range(edit.cine.shape[1]):
        edit.do("acceptance", edit.state.accepting(results.document["phases"]["ED"], z, True))
    one = results.document["measures"]["LVEDV"]
    surer_low, surer_high = one["interval"]
    assert surer_high - surer_low < high - low
    assert surer_low < one["value"] < surer_high  # a reader's error remains


def test_doubts_and_verdicts_are_those_of_a_report_of_the_same_result(edit: HeartEdit):
    es = measure(edit.cache.labels, edit.cine).es
    scores = np.zeros_like(edit.state.findings.scores)
    scores[es, 3:5] = 0.9
    findings = replace(edit.state.findings, scores=scores)
    edit.do("scores", replace(edit.state, findings=findings))
    results = Results(edit)
    results.subject = subject = replace(results.subject, sex="M", age_years=50)
    document = results.document
    nothing = np.zeros_like(edit.own)
    whole = Result(edit.cine, edit.cache.labels, edit.uncertainty(), scores, nothing, findings.provenance)
    expected = measures_document(measure(whole, subject=subject))
    assert any("The unreliable contours there are" in doubt for doubt in document["doubts"])
    assert document["doubts"] == expected["doubts"] and document["held"] == expected["held"]
    assert document["grade"] == expected["grade"]


def test_what_the_report_doubts_the_panel_doubts_by_the_same_sequence(edit: HeartEdit, monkeypatch: pytest.MonkeyPatch):
    one = Doubt("one that only this sequence adds", holds=("LVEF",))
    monkeypatch.setattr(import_module("medvos.measure.trust"), "opinion_doubts", lambda *_: [one])
    whole = Results(edit).export_task("results", Path()).result()
    for doubts in (measure(whole).doubts, Results(edit).document["doubts"]):
        assert one.sentence in doubts


def test_the_table_and_the_plot_are_brought_up_to_date_in_place(edit: HeartEdit):
    results = Results(edit)
    results.show()
    table, chart = results.table, results.chart
    values = [table.GetCellText(row, 1) for row in range(table.GetNumberOfRows())]
    empty_slice(edit, results.document["phases"]["ED"], 3)
    results.show()
    assert results.table is table and results.chart is chart
    assert [table.GetCellText(row, 1) for row in range(table.GetNumberOfRows())] != values


def test_when_the_result_is_undone_the_table_is_empty(edit: HeartEdit):
    results = Results(edit)
    results.show()
    edit.undo()
    results.show()
    assert results.table.GetNumberOfRows() == 0


def test_an_export_is_of_what_the_segments_hold(edit: HeartEdit, tmp_path: Path):
    empty_slice(edit, 2, 3)
    before = edit.cache.labels.copy()
    task = Results(edit).export_task("volumes", tmp_path)
    empty_slice(edit, 2, 4)
    np.testing.assert_array_equal(task.result().labels, before)
    assert not before[2, 3].any() and before[2, 4].any() and not edit.cache.labels[2, 4].any()


def test_what_the_user_settled_is_sure_in_the_export(edit: HeartEdit, tmp_path: Path):
    edit.do("acceptance", edit.state.accepting(5, 5, True))
    result = Results(edit).export_task("report", tmp_path).result()
    assert result.slice_scores[5, 5] == 0 and not result.uncertainty[5, 5].any()
    assert result.slice_scores[5, 4] > 0 and result.uncertainty[5, 4].all()
    assert edit.state.findings.uncertainty[5, 5].all()


def test_an_export_knows_the_dicom_files_where_they_are_known(edit: HeartEdit, tmp_path: Path):
    tasks = (
        Results(edit).export_task("dicom-seg", tmp_path, Source("/scans/7", "dicom", digest="ab")),
        Results(edit).export_task("dicom-seg", tmp_path),
    )
    known, unknown = (task.result().cine.source for task in tasks)
    assert (known.path, known.kind, known.digest) == ("/scans/7", "dicom", "ab")
    assert unknown == edit.cine.source and known.heart_rate == unknown.heart_rate


def test_without_a_result_there_is_nothing_to_export(blank: HeartEdit, tmp_path: Path):
    with pytest.raises(InputError, match="nothing to export yet"):
        Results(blank).export_task("report", tmp_path)


def test_the_cost_of_corrections_follows_the_corrections(edit: HeartEdit):
    results = Results(edit)
    for z in (1, 4):
        labels = edit.cache.labels[2].copy()
        labels[z] = np.roll(labels[z], 4, axis=0)
        edit.cache.update_phase(2, labels)
        # The drawing that all grew from is on slice 3.
        edit.state = replace(edit.state, drawn=np.arange(36).reshape(6, 6) == 3)
        assert results.cost(edit.state.findings) == cost_of_corrections(edit, edit.state.findings)
    assert results.cost(edit.state.findings).frames > 0


def test_the_segments_are_measured_before_a_call_that_shows_them(edit: HeartEdit, monkeypatch: pytest.MonkeyPatch):
    results, measured = Results(edit), []
    measure_now = Results._measured
    monkeypatch.setattr(Results, "_measured", lambda self, found: measured.append(1) or measure_now(self, found))
    while not measured:
        assert not results.step(time.monotonic() + 60)
    assert results.step(time.monotonic() + 60)
    results.show()
    assert len(measured) == 1 and results.table.GetNumberOfRows()
    edit.do("acceptance", edit.state.accepting(5, 5, True))
    assert not results.step(time.monotonic() + 60)
