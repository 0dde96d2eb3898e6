"""Measures as a report stated them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from export_case import obstructed

from medvos.cine.cine import Source
from medvos.errors import InputError
from medvos.measure.measure import measure
from medvos.measure.subject import Subject
from medvos.report.document import measures_document
from medvos.report.restored import restored_measures
from medvos.result import Result


def test_all_that_was_stated_comes_back(a_result: Result, tmp_path: Path):
    stated = measures_document(measure(a_result, subject=Subject("F", 44, 165, 60)))
    (tmp_path / "report.json").write_text(json.dumps(stated))
    restored = restored_measures(tmp_path)
    assert measures_document(restored) == stated
    assert restored.normal["LVEF"].verdict == stated["normal"]["ranges"]["LVEF"]["verdict"]


def test_a_phase_without_labels_is_no_number(a_result: Result, tmp_path: Path):
    labels = a_result.labels.copy()
    labels[2] = 0
    (tmp_path / "report.json").write_text(json.dumps(measures_document(measure(labels, a_result.cine))))
    curve = restored_measures(tmp_path).volumes_ml["LV"]
    assert np.isnan(curve[2]) and np.isfinite(curve[[0, 1, 3]]).all()


def test_the_curve_of_a_clip_in_percent_is_not_taken_for_millilitres(a_result: Result, tmp_path: Path):
    film = replace(a_result.cine, array=a_result.cine.array[:, 3:4], source=Source(kind="video", spacing_known=False))
    stated = measures_document(measure(a_result.labels[:, 3:4], film))
    (tmp_path / "report.json").write_text(json.dumps(stated))
    restored = restored_measures(tmp_path)
    assert measures_document(restored) == stated
    assert list(restored.percent) == ["LV"] and not restored.volumes_ml


def test_beats_of_a_film_come_back(a_result: Result, tmp_path: Path):
    told = measures_document(measure(a_result)) | {"beats": [{"ed": 0, "es": 2, "edv": None, "esv": None, "ef": 51.0}]}
    (tmp_path / "report.json").write_text(json.dumps(told))
    assert restored_measures(tmp_path).beats[0].ef == 51.0


def test_a_damaged_report_is_refused(tmp_path: Path):
    (tmp_path / "report.json").write_text('{"measures": {}}')
    with pytest.raises(InputError, match=r"report\.json cannot be read"):
        restored_measures(tmp_path)


def test_obstruction_comes_back_segment_by_segment(a_result: Result, tmp_path: Path):
    stated = measures_document(measure(obstructed(a_result)))
    (tmp_path / "report.json").write_text(json.dumps(stated))
    assert stated["obstructed"] and measures_document(restored_measures(tmp_path)) == stated
