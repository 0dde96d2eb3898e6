"""The group of the panel with the facts of the person and the choice of ED and ES."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from engine.cine_files import write_stack
from widget.conftest import Desktop


@pytest.fixture
def segmented(faked: Desktop) -> Desktop:
    """The small patient, segmented without a fault."""
    return faked


def enter(desktop: Desktop, edit: object, text: str) -> None:
    """Type into a field and leave it, of which Qt tells twice where a message takes the focus."""
    edit.text = text
    edit.editingFinished.emit()
    edit.editingFinished.emit()
    desktop.wait(lambda: not desktop.session.busy)
    desktop.pass_time()


def row(desktop: Desktop, name: str) -> list[str]:
    """The visible cells of a measure; empty where its row is hidden."""
    table = desktop.ui.measureTable
    for number in range(table.rowCount):
        if table.item(number, 0).text() == name and not table.isRowHidden(number):
            return [table.item(number, column).text() for column in range(table.columnCount)]
    return []


def test_the_group_is_filled_from_the_dicom_files(desktop: Desktop, tmp_path: Path):
    write_stack(tmp_path / "x", PatientSex="F", PatientAge="050Y", PatientSize=1.7, PatientWeight=65, phases=10)
    desktop.dialogs.folder = str(tmp_path / "x")
    desktop.click(desktop.ui.openFolderButton)
    ui = desktop.ui
    assert [ui.sexBox.currentIndex, ui.ageEdit.text, ui.heightEdit.text, ui.weightEdit.text] == [1, "50", "170", "65"]
    assert ui.heartRateEdit.text == "75" and "1.75 m" in ui.factsLabel.text
    assert not ui.edBox.enabled and ui.edBox.count == 11


def test_a_heart_rate_that_is_cleared_is_that_of_the_cine_again(segmented: Desktop):
    ui, own = segmented.ui, row(segmented, "CO")
    stated = ui.heartRateEdit.text
    assert own and float(stated)
    enter(segmented, ui.heartRateEdit, "120")
    assert row(segmented, "CO") != own
    enter(segmented, ui.heartRateEdit, "")
    assert row(segmented, "CO") == own and ui.heartRateEdit.text == stated
    enter(segmented, ui.heartRateEdit, " ")
    assert row(segmented, "CO") == own and ui.heartRateEdit.text == stated
    enter(segmented, ui.ageEdit, "50")
    enter(segmented, ui.ageEdit, "")
    assert ui.ageEdit.text == "" and segmented.session.subject.subject.age_years is None


def test_what_is_given_shows_indexed_values_and_ranges(segmented: Desktop):
    ui = segmented.ui
    assert row(segmented, "LVEDVI") == []
    enter(segmented, ui.heightEdit, "170")
    enter(segmented, ui.weightEdit, "65,5")
    assert float(row(segmented, "LVEDVI")[1]) > 0
    columns = ui.measureTable.columnCount
    enter(segmented, ui.ageEdit, "50")
    ui.sexBox.currentIndex = 2
    ui.sexBox.activated.emit(2)
    segmented.wait(lambda: not segmented.session.busy)
    segmented.pass_time()
    assert ui.measureTable.columnCount == columns + 1
    assert " to " in row(segmented, "LVEF")[-1] and "men of" in ui.measureLabel.text
    assert "doi" in ui.measureLabel.toolTip
    assert not segmented.dialogs.messages


def test_a_known_shunt_explains_ventricles_that_eject_different_volumes(segmented: Desktop):
    ui = segmented.ui
    assert "no shunt or regurgitation is stated" in ui.measureLabel.text and not ui.shuntCheckBox.checked
    ui.shuntCheckBox.checked = True
    ui.shuntCheckBox.toggled.emit(True)
    segmented.wait(lambda: not segmented.session.busy)
    segmented.pass_time()
    assert segmented.session.subject.subject.known_shunt
    assert "a shunt or a regurgitation is stated to be known" in ui.measureLabel.text
    assert not segmented.dialogs.messages


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("heightEdit", "tall", "no number"),
        ("ageEdit", "400", "age"),
        ("heightEdit", "1.75", "height in cm"),
        ("weightEdit", "700", "weight in kg"),
        ("heartRateEdit", "500", "heart rate"),
    ],
)
def test_what_cannot_be_is_said_once_and_taken_back(segmented: Desktop, field: str, text: str, sentence: str):
    edit = getattr(segmented.ui, field)
    before = edit.text
    enter(segmented, edit, text)
    (message,) = segmented.dialogs.messages
    assert sentence in message and edit.text == before


def test_what_hardly_can_be_is_said_beside_the_measures_as_on_the_command_line(segmented: Desktop):
    ui = segmented.ui
    enter(segmented, ui.heartRateEdit, "250")
    assert "heart rate is 250 beats a minute" in ui.measureLabel.text and float(row(segmented, "CO")[1]) > 0
    enter(segmented, ui.heightEdit, "90")
    enter(segmented, ui.weightEdit, "95")
    assert "a height of 90 cm and a weight of 95 kg" in ui.measureLabel.text.lower()
    assert not segmented.dialogs.messages


def test_ed_and_es_are_chosen_and_an_impossible_choice_is_taken_back(segmented: Desktop):
    ui, session = segmented.ui, segmented.session
    found = session.measurement.phases()
    other = (found["ED"] + 1) % session.subject.count
    ui.edBox.currentIndex = other + 1
    ui.edBox.activated.emit(other + 1)
    segmented.wait(lambda: not session.busy)
    segmented.pass_time()
    assert session.measurement.phases()["ED"] == other
    segmented.click(ui.undoButton)
    assert ui.edBox.currentIndex == 0
    ui.edBox.currentIndex = found["ES"] + 1
    ui.edBox.activated.emit(found["ES"] + 1)
    segmented.pass_time()
    assert "same phase" in segmented.dialogs.messages[0] and ui.edBox.currentIndex == 0


def test_the_facts_of_one_cine_are_not_those_of_the_next(segmented: Desktop):
    enter(segmented, segmented.ui.heightEdit, "170")
    first = segmented.session.browser
    segmented.click(segmented.ui.sampleButton)
    segmented.pass_time()
    assert segmented.ui.heightEdit.text == ""
    segmented.ui.cineSelector.setCurrentNode(first)
    segmented.pass_time()
    assert segmented.ui.heightEdit.text == "170"
    segmented.wait(lambda: not segmented.session.busy)
    segmented.pass_time()
    assert np.isfinite(float(row(segmented, "LVEF")[1]))


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_what_python_takes_for_a_number_and_a_person_does_not_is_refused(opened: Desktop, text: str):
    enter(opened, opened.ui.ageEdit, text)
    assert all("is no number" in message for message in opened.dialogs.messages) and opened.dialogs.messages
