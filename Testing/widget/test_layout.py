"""The panel is as narrow as Slicer's: nothing is cut off or covered, in a large font and with every step open."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget
from scene import clip_case
from scene.session_fakes import FakeRunner, an_outcome, finished
from widget import patient
from widget.conftest import Desktop
from widget.layout_faults import faults
from widget.standins.pythonqt import unwrap

from MedVOSSegmentLib.job.events import Finished

STEPS = ("cineStep", "seedStep", "propagateStep", "reviewStep", "measureStep", "exportStep")
# Beside the panel's scroll bar.
NARROW = 350


@pytest.fixture(params=[100, 150])
def font_percent(request: pytest.FixtureRequest, qt_application: QApplication) -> Iterator[int]:
    style, before = qt_application.style().objectName(), qt_application.font()
    qt_application.setStyle("Fusion")
    qt_application.setFont(QFont("Liberation Sans", 10 * request.param // 100))
    yield request.param
    qt_application.setFont(before)
    qt_application.setStyle(style)


@pytest.fixture
def reviewed(font_percent: int, opened: Desktop, started: FakeRunner, small_patient) -> Desktop:
    """A heart that is segmented and corrected on one slice."""
    patient.draw(opened.session, small_patient.labels)
    opened.pass_time()
    opened.click(opened.ui.propagateButton)
    started.job.events.append(finished(opened.session.cine, small_patient.labels))
    opened.wait(lambda: not opened.session.busy)
    opened.session.go_to(2, 2)
    patient.erase(opened.session, "RV")
    opened.pass_time(0.3)
    return opened


def lasting_faults(panel: QWidget, desktop: Desktop) -> list[str]:
    """The faults that remain once the panel is laid out, which takes a busy machine longer."""
    end = time.monotonic() + 5
    while faults(panel) and time.monotonic() < end:
        desktop.pass_time(0.1)
    return faults(panel)


def open_steps(desktop: Desktop, names: tuple[str, ...]) -> None:
    for name in STEPS:
        getattr(desktop.ui, name).collapsed = name not in names
    desktop.pass_time(0.3)


@pytest.mark.parametrize("width", [NARROW, 450, 600])
def test_nothing_is_cut_off_or_covered(reviewed: Desktop, width: int):
    reviewed.window.set_panel_width(width)
    panel = unwrap(reviewed.ui.MedVOSSegment)
    for names in (*((name,) for name in STEPS), STEPS):
        open_steps(reviewed, names)
        assert panel.width() <= reviewed.window.area.viewport().width(), names
        assert lasting_faults(panel, reviewed) == [], names


CELL_SIDES = 6  # of a style: without them a word ends in "..."


def test_all_columns_of_the_measures_are_in_sight_in_a_narrow_panel(reviewed: Desktop):
    table = unwrap(reviewed.ui.measureTable)
    sizes = []
    for width in (NARROW, 600, NARROW):
        reviewed.window.set_panel_width(width)
        open_steps(reviewed, ("measureStep",))
        reviewed.wait(lambda: table.horizontalHeader().length() <= table.viewport().width(), 5)
        reviewed.pass_time()
        assert table.horizontalHeader().length() <= table.viewport().width(), width
        for row in [row for row in range(table.rowCount()) if not table.isRowHidden(row)]:
            for column in range(4):
                text, room = table.item(row, column).text(), table.columnWidth(column)
                assert table.fontMetrics().horizontalAdvance(text) + CELL_SIDES <= room, (width, text)
        sizes.append(table.font().pointSizeF())
    assert sizes[1] == reviewed.window.font().pointSizeF()


def test_the_column_of_normal_values_is_in_sight_too(reviewed: Desktop):
    ui, table = reviewed.ui, unwrap(reviewed.ui.measureTable)
    ui.sexBox.currentIndex = 2
    ui.ageEdit.text = "60"
    ui.ageEdit.editingFinished.emit()
    reviewed.wait(lambda: not reviewed.session.busy)
    assert ui.measureTable.columnCount == 5
    for width in (NARROW, 600):
        reviewed.window.set_panel_width(width)
        open_steps(reviewed, ("measureStep",))
        reviewed.wait(lambda: table.horizontalHeader().length() <= table.viewport().width(), 5)
        assert table.horizontalHeader().length() <= table.viewport().width(), width


def test_what_is_hidden_while_its_step_is_closed_stays_hidden(reviewed: Desktop):
    ui = reviewed.ui
    for step, widget in ((ui.reviewStep, ui.correctionsLabel), (ui.measureStep, ui.measureTable)):
        step.collapsed = True
        widget.visible = False
        step.collapsed = False
        assert not widget.visible


LOOP = ("reviewMap", "previousButton", "nextButton", "acceptButton", "correctButton", "edButton", "esButton")


def in_sight(desktop: Desktop, widget: QWidget, room: int = 0) -> bool:
    """Whether all of a widget, and some ``room`` below it, lies in the part of the panel that is seen."""
    viewport = desktop.window.area.viewport()
    top = widget.mapTo(viewport, QPoint(0, 0)).y()
    return widget.isVisible() and top >= 0 and top + widget.height() + room <= viewport.height()


def test_the_whole_correction_loop_is_in_sight_in_a_small_window(reviewed: Desktop, font_percent: int):
    if font_percent > 100:
        pytest.skip("a small window with a large font scrolls")
    reviewed.window.resize(1280, 760)
    reviewed.window.set_panel_width(410)
    for collapsed in (True, False):
        reviewed.ui.reviewStep.collapsed = collapsed
        reviewed.pass_time(0.3)
    for name in (*LOOP, "undoButton", "redoButton"):
        assert in_sight(reviewed, unwrap(getattr(reviewed.ui, name))), name
    editor = unwrap(reviewed.ui.segmentEditor)
    for name in ("EffectsGroupBox", "SegmentsTableResizableFrame"):
        # A stack of more slices has a higher map.
        higher = max(0, sys.modules["MedVOSSegmentWidgets.review_map"].TALLEST - 12 * reviewed.session.cine.shape[1])
        assert in_sight(reviewed, editor.findChild(QWidget, name), room=higher), name
    assert not editor.findChild(QWidget, "UndoRedoGroupBox").isVisible()


def test_the_editor_and_the_player_go_with_the_user(reviewed: Desktop):
    ui, editor = reviewed.ui, unwrap(reviewed.ui.segmentEditor)
    tools = (editor, unwrap(ui.playerBox))
    assert all(unwrap(ui.reviewStep).isAncestorOf(tool) and tool.isVisible() for tool in tools)
    ui.seedStep.collapsed = False
    reviewed.pass_time()
    assert all(unwrap(ui.seedStep).isAncestorOf(tool) and tool.isVisible() for tool in tools)
    assert tools[1].y() > editor.y()
    ui.seedStep.collapsed = True
    reviewed.pass_time()
    assert all(unwrap(ui.reviewStep).isAncestorOf(tool) and tool.isVisible() for tool in tools)
    assert tools[1].y() > editor.y()
    ui.reviewStep.collapsed = True
    reviewed.pass_time()
    assert unwrap(ui.headerSlot).isAncestorOf(unwrap(ui.playerBox)) and ui.playerBox.visible
    ui.seedStep.collapsed = False
    reviewed.pass_time()
    assert tools[1].y() > editor.y()


def test_a_run_scrolls_to_its_progress_and_its_end_back_to_the_review(
    reviewed: Desktop, started: FakeRunner, small_patient
):
    ui, area = reviewed.ui, reviewed.window.area
    reviewed.window.resize(1280, 760)
    for collapsed in (True, False):
        ui.reviewStep.collapsed = collapsed
        reviewed.pass_time(0.3)
    assert area.verticalScrollBar().value() > 0
    reviewed.click(ui.correctButton)
    reviewed.pass_time(0.3)
    for name in ("progressBar", "progressLabel", "cancelButton"):
        assert in_sight(reviewed, unwrap(getattr(ui, name))), name
    started.job.events.append(finished(reviewed.session.cine, small_patient.labels))
    reviewed.wait(lambda: not reviewed.session.busy)
    reviewed.pass_time(0.3)
    assert in_sight(reviewed, unwrap(ui.reviewMap)) and in_sight(reviewed, unwrap(ui.correctButton))


def test_nothing_of_a_clip_is_cut_off_or_covered(font_percent: int, desktop: Desktop, started: FakeRunner):
    desktop.widget.choose(desktop.widget.logic.show(clip_case.clip(), "Clip"))
    desktop.pass_time()
    desktop.click(desktop.ui.propagateButton)
    outcome = an_outcome(desktop.session.cine, clip_case.labels())
    started.job.events.append(Finished(replace(outcome, provenance=outcome.provenance | {"seeds": []})))
    desktop.wait(lambda: not desktop.session.busy)
    desktop.window.set_panel_width(NARROW)
    open_steps(desktop, STEPS)
    panel = unwrap(desktop.ui.MedVOSSegment)
    assert panel.width() <= desktop.window.area.viewport().width()
    assert lasting_faults(panel, desktop) == []
