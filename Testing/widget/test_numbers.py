"""The numbers, ED and ES that are shown are those of the heart in view, or it is said that they are not known yet."""

from __future__ import annotations

import pytest
from scene.session_fakes import FakeRunner, finished
from widget import patient
from widget.conftest import Desktop
from widget.standins.pythonqt import unwrap

from medvos.synth.heart import SyntheticHeart

UNKNOWN = "The numbers are computed when the segmentation has ended."


@pytest.fixture
def segmented(faked: Desktop) -> Desktop:
    """The small patient, segmented and measured."""
    faked.wait(lambda: not faked.session.busy)
    faked.pass_time()
    assert value(faked, "LVEDV") and names(faked) == {"ED", "ES", ""}
    return faked


def value(desktop: Desktop, name: str) -> str:
    """The value of a measure in the table; empty where no table is shown."""
    table = desktop.ui.measureTable
    if unwrap(table).isHidden():
        return ""
    rows = {table.item(row, 0).text(): table.item(row, 1).text() for row in range(table.rowCount)}
    return rows[name]


def names(desktop: Desktop) -> set[str]:
    """The names of phases above the map, and "" for those without one."""
    table = desktop.ui.reviewMap
    return {table.horizontalHeaderItem(phase).text() for phase in range(table.columnCount)}


def is_unknown(desktop: Desktop) -> bool:
    ui = desktop.ui
    buttons = (ui.edButton, ui.esButton, ui.curveButton)
    is_empty = not any(button.enabled for button in buttons) and names(desktop) == {""}
    return is_empty and not value(desktop, "LVEDV") and unwrap(ui.remarksButton).isHidden()


def cancel(desktop: Desktop) -> None:
    desktop.click(desktop.ui.cancelButton)
    desktop.wait(lambda: not desktop.session.busy)
    desktop.pass_time()


def give(desktop: Desktop, edit: object, text: str) -> None:
    edit.text = text
    edit.editingFinished.emit()
    desktop.pass_time()


def test_a_heart_that_is_segmented_again_before_it_was_measured_does_not_show_another_one(
    segmented: Desktop, started: FakeRunner, other_heart: SyntheticHeart
):
    ui, session, first, before = segmented.ui, segmented.session, segmented.session.browser, value(segmented, "LVEDV")
    segmented.widget.choose(segmented.widget.logic.show(other_heart.cine, "Other"))
    segmented.click(ui.findPlaceButton)
    patient.draw(session, other_heart.labels)
    segmented.pass_time()
    segmented.click(ui.propagateButton)
    started.job.events.append(finished(session.cine, other_heart.labels))
    segmented.wait(lambda: not session.busy)
    segmented.pass_time()
    assert value(segmented, "LVEDV") not in ("", before)
    ui.cineSelector.setCurrentNode(first)
    assert is_unknown(segmented) and ui.measureLabel.text == "The numbers are being computed."
    ui.propagateButton.click()
    segmented.pass_time(0.5)
    assert session.busy and is_unknown(segmented) and ui.measureLabel.text == UNKNOWN
    cancel(segmented)
    assert value(segmented, "LVEDV") == before and names(segmented) == {"ED", "ES", ""} and ui.edButton.enabled


def test_facts_that_are_given_during_a_run_hide_the_numbers_without_them(segmented: Desktop, started: FakeRunner):
    ui = segmented.ui
    give(segmented, ui.heightEdit, "180")
    give(segmented, ui.weightEdit, "80")
    segmented.wait(lambda: not segmented.session.busy)
    segmented.pass_time()
    before = value(segmented, "LVEDVI")
    segmented.click(ui.propagateButton)
    assert value(segmented, "LVEDVI") == before
    give(segmented, ui.weightEdit, "40")
    assert is_unknown(segmented) and ui.measureLabel.text == UNKNOWN
    cancel(segmented)
    assert float(value(segmented, "LVEDVI")) > float(before)


def test_an_edit_that_is_propagated_at_once_hides_the_numbers_from_before_it(segmented: Desktop, started: FakeRunner):
    ui, before = segmented.ui, value(segmented, "LVEDV")
    segmented.session.go_to(segmented.session.measurement.phases()["ED"], 3)
    segmented.pass_time()
    patient.erase(segmented.session, "LV")
    segmented.widget.panel.refresh()
    assert value(segmented, "LVEDV") == before and "from before your last change" in ui.measureLabel.text
    ui.correctButton.click()
    segmented.pass_time()
    assert segmented.session.busy and is_unknown(segmented)
    cancel(segmented)
    assert value(segmented, "LVEDV") != before


def test_numbers_that_nothing_has_changed_stay_during_a_run_and_say_of_when_they_are(
    segmented: Desktop, started: FakeRunner
):
    ui, before, text = segmented.ui, value(segmented, "LVEDV"), segmented.ui.measureLabel.text
    segmented.click(ui.propagateButton)
    assert value(segmented, "LVEDV") == before and ui.edButton.enabled and names(segmented) == {"ED", "ES", ""}
    assert "these numbers are from before it" in ui.measureLabel.text and "follow your corr" not in ui.measureLabel.text
    cancel(segmented)
    assert ui.measureLabel.text == text
