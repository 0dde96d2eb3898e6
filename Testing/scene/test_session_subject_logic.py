"""Facts of the person and the choice of ED and ES, over a real scene."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from session_fakes import FakeRunner, finished
from session_user import User

from medvos.cine.cine import Source
from medvos.errors import InputError
from medvos.measure.measure import measure
from medvos.measure.subject import Subject, subject_of
from MedVOSSegmentLib.scene.logics import Logics

SOMEONE = Subject("F", 50, 170.0, 65.0)


def shown(user: User, column: int = 1) -> dict[str, str]:
    table = user.session.measurement.table
    return {table.GetCellText(row, 0): table.GetCellText(row, column) for row in range(table.GetNumberOfRows())}


def attributes_of(scene: Any) -> str:
    nodes = [scene.GetNthNode(number) for number in range(scene.GetNumberOfNodes())]
    texts = [node.GetName() or "" for node in nodes]
    for node in nodes:
        texts += [node.GetAttribute(name) or "" for name in node.GetAttributeNames()]
    return "\n".join(texts)


def test_facts_give_indexed_values_and_reference_ranges(done: User):
    session = done.session
    assert session.subject.subject.sex is None
    assert session.measurement.measures()["LVEDVI"]["value"] is None and not session.measurement.ranges()
    session.subject.give(replace(session.subject.subject, sex="F", age_years=50, height_cm=170.0, weight_kg=65.0))
    done.settle()
    expected = measure(done.truth, done.cine, subject=SOMEONE)
    measures = session.measurement.measures()
    assert measures["LVEDVI"]["value"] == pytest.approx(expected["LVEDVI"].value, abs=1e-3)
    assert measures["LVEDVI"]["interval"] is not None
    assert session.measurement.ranges().keys() == expected.normal.keys()
    column = session.measurement.table.GetNumberOfColumns() - 1
    assert session.measurement.table.GetColumnName(column) == "Normal"
    verdict = session.measurement.ranges()["LVEF"]["verdict_text"]
    assert verdict and shown(done, column)["LVEF"].endswith(verdict) and shown(done, column)["CO"] == ""


def test_the_measures_of_the_propagation_are_kept_beside_them(done: User):
    before = done.session.measurement.measures()["LVEF"]
    done.session.subject.give(SOMEONE)
    done.settle()
    assert done.session.measurement.measures()["LVEF"] == before


def test_another_heart_rate_changes_the_output(done: User):
    before = done.session.measurement.measures()["CO"]["value"]
    rate = done.session.subject.subject.heart_rate
    done.session.subject.give(replace(done.session.subject.subject, heart_rate=2 * rate))
    done.settle()
    assert done.session.measurement.measures()["CO"]["value"] == pytest.approx(2 * before, rel=1e-3)


def test_what_the_dicom_files_state_is_taken(user: User, synthetic_browser: Any):
    stated = Source("/scans/7", "dicom", sex="M", age_years=61, height_cm=180.0, weight_kg=80.0, heart_rate=70.0)
    session = user.session
    session.close()
    session.cines.remember_source(synthetic_browser, stated)
    session.cines.open(synthetic_browser)
    assert session.subject.subject == Subject("M", 61, 180.0, 80.0, 70.0)
    session.subject.give(SOMEONE)
    session.close()
    session.cines.open(synthetic_browser)
    assert session.subject.subject == SOMEONE


def test_nothing_of_them_is_saved_with_the_scene(done: User, logics: Logics):
    done.session.subject.give(Subject("F", 87, 171.25, 66.75, 77.0))
    done.settle()
    done.session.close()
    text = attributes_of(logics.scene)
    for secret in ("171.25", "66.75", "height_cm", "age_years"):
        assert secret not in text


def test_an_export_has_the_facts(done: User, tmp_path: Path):
    done.session.subject.give(SOMEONE)
    done.settle()
    done.session.export.export("results", tmp_path)
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["measures"]["LVEDVI"]["value"] is not None and report["normal"]["ranges"]["LVEF"]["verdict_text"]


def test_ed_and_es_are_chosen_undone_and_exported(done: User, tmp_path: Path):
    session = done.session
    found = session.measurement.phases()
    ed = (found["ED"] + 1) % session.subject.count
    before = session.measurement.measures()["LVEDV"]["value"]
    session.subject.choose(ed, None)
    done.settle()
    assert session.measurement.phases() == {"ED": ed, "ES": found["ES"]}
    assert session.review.named_phases()["ED"] == ed
    expected = measure(done.truth, done.cine, ed=ed)
    measures = session.measurement.measures()
    assert measures["LVEDV"]["value"] == pytest.approx(expected["LVEDV"].value, abs=1e-3) != before
    session.export.export("results", tmp_path)
    assert json.loads((tmp_path / "report.json").read_text())["phases"]["ED"] == ed
    session.undo()
    done.settle()
    assert session.subject.chosen == (None, None) and session.measurement.phases() == found


def test_a_choice_is_saved_with_the_scene(done: User, synthetic_browser: Any):
    done.session.subject.choose(1, None)
    done.settle()
    done.session.close()
    done.session.cines.open(synthetic_browser)
    assert done.session.subject.chosen == (1, None)
    assert done.session.measurement.phases()["ED"] == 1


@pytest.mark.parametrize(("ed", "es", "sentence"), [(2, 2, "same phase"), (99, None, "phase 99"), (-3, None, "-3")])
def test_an_impossible_choice_changes_nothing(done: User, ed: int, es: int | None, sentence: str):
    before = done.session.measurement.phases()
    with pytest.raises(InputError, match=sentence):
        done.session.subject.choose(ed, es)
    assert done.session.subject.chosen == (None, None) and done.session.measurement.phases() == before


def test_a_choice_that_an_edit_made_impossible_gives_way_with_a_doubt(done: User):
    session = done.session
    found = session.measurement.phases()
    session.subject.choose(found["ED"], (found["ES"] + 1) % session.subject.count)
    done.settle()
    for z in range(1, session.cine.shape[1]):
        done.erase((found["ED"], z))
    done.settle()
    assert session.measurement.phases()["ED"] != found["ED"]
    assert any("chosen" in doubt for doubt in session.measurement.doubts())


def test_without_a_cine_or_a_result_there_is_nothing_to_give_or_choose(drawn: User):
    assert drawn.session.subject.can_give and not drawn.session.subject.can_choose
    with pytest.raises(InputError, match="segmented"):
        drawn.session.subject.choose(0, 1)
    drawn.session.close()
    assert not drawn.session.subject.can_give and drawn.session.subject.subject == Subject()
    with pytest.raises(InputError, match="open"):
        drawn.session.subject.give(SOMEONE)


def test_facts_of_files_that_become_known_reach_the_measures(done: User, synthetic_browser: Any):
    stated = Source("/scans/7", "dicom", sex="F", age_years=50, height_cm=170.0, weight_kg=65.0, heart_rate=70.0)
    done.session.cines.remember_source(synthetic_browser, stated)
    done.settle()
    assert done.session.measurement.measures()["LVEDVI"]["value"] is not None
    assert done.session.measurement.ranges()


def test_a_heart_rate_that_was_cleared_is_not_used(drawn: User):
    done = drawn
    done.session.propagation.propagate()
    end = finished(done.cine, done.truth)
    end.outcome.measures["LVPER"] = {"value": 400.0, "interval": None, "unit": "mL/s", "reason": None}
    done.hear(end)
    done.settle()
    measures = done.session.measurement.measures()
    assert measures["CO"]["value"] is not None and measures["LVPER"]["value"] == 400.0
    done.session.subject.give(replace(done.session.subject.subject, heart_rate=None))
    done.settle()
    measures = done.session.measurement.measures()
    assert measures["CO"]["value"] is None and measures["LVPER"]["value"] is None


def test_the_dicom_report_has_the_facts(done: User, tmp_path: Path, synthetic_browser):
    (tmp_path / "images").mkdir()
    source = Source(str(tmp_path / "images"), "dicom", heart_rate=70.0)
    done.session.cines.remember_source(synthetic_browser, source)
    done.session.export._runner = runner = FakeRunner()
    done.session.subject.give(SOMEONE)
    done.session.export.start("dicom-sr", tmp_path)
    assert subject_of(runner.job.task.result().cine) == SOMEONE
    done.session.subject.give(Subject())
    done.session.export.start("dicom-sr", tmp_path)
    assert subject_of(runner.job.task.result().cine) == Subject()


def test_phases_chosen_for_one_result_are_not_those_of_the_next(done: User):
    done.session.subject.choose(1, None)
    done.settle()
    done.segment()
    assert done.session.subject.chosen == (None, None)
    assert any("those that you chose were of the segments before" in message for message in done.messages)
