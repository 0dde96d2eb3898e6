"""The player, ED and ES, the walk through the worst slices, and the keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from widget import patient
from widget.conftest import Desktop
from widget.standins.pythonqt import unwrap


@pytest.fixture
def segmented(faked: Desktop) -> Desktop:
    """The small patient, segmented by a stand-in for the second process."""
    faked.pass_time(0.3)
    faked.window.activateWindow()
    QApplication.processEvents()
    return faked


def press(desktop: Desktop, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(desktop.window, key, modifier)
    desktop.pass_time()


def test_the_cine_is_in_the_toolbar_and_in_the_panel_at_the_rate_of_the_beat(desktop: Desktop, small_patient):
    import slicer

    assert not desktop.ui.playerBox.visible
    desktop.click(desktop.ui.sampleButton)
    browser, cine = desktop.session.browser, desktop.session.cine
    assert slicer.modules.sequences.in_toolbar is browser
    for widget in (desktop.ui.playWidget, desktop.ui.seekWidget):
        assert unwrap(widget).browser() is browser
    assert browser.GetPlaybackRateFps() == pytest.approx(1000 * len(cine.times) / cine.period)
    assert desktop.ui.playerBox.visible
    assert not desktop.ui.edButton.enabled and not desktop.ui.esButton.enabled


def test_ed_and_es_stand_in_one_row(desktop: Desktop, small_patient):
    desktop.click(desktop.ui.sampleButton)
    desktop.window.resize(350, 1200)
    desktop.pass_time()
    for one, other in ((desktop.ui.edButton, desktop.ui.esButton), (desktop.ui.undoButton, desktop.ui.redoButton)):
        assert unwrap(one).y() == unwrap(other).y()


def test_buttons_that_record_stay_hidden_where_another_program_records_the_cine(desktop: Desktop, small_patient):
    desktop.click(desktop.ui.sampleButton)
    browser = desktop.session.browser
    browser.SetRecording(browser.GetMasterSequenceNode(), True)
    desktop.pass_time()
    widget = unwrap(desktop.ui.playWidget)
    buttons = [widget.findChild(QPushButton, f"pushButton_{name}") for name in ("VcrRecord", "Snapshot", "VcrNext")]
    assert [button.isVisible() for button in buttons] == [False, False, True]


def test_a_browser_of_another_program_is_played_at_the_rate_of_the_beat(desktop: Desktop, small_patient):
    browser = desktop.widget.logic.show(small_patient.cine)
    browser.SetPlaybackRateFps(100.0)
    desktop.widget.choose(browser)
    desktop.pass_time()
    assert browser.GetPlaybackRateFps() == pytest.approx(1000 * patient.SHAPE[0] / small_patient.cine.period)


def test_ed_and_es_are_shown_without_leaving_the_slice(segmented: Desktop):
    named, slice_index = segmented.session.measurement.phases(), segmented.session.place[1]
    for name, button in (("ES", segmented.ui.esButton), ("ED", segmented.ui.edButton)):
        segmented.click(button)
        assert segmented.session.place == (named[name], slice_index)


def test_the_next_worst_follows_the_one_in_view_also_after_it_was_accepted(segmented: Desktop):
    ui, review = segmented.ui, segmented.session.review
    ranked = [place[:2] for place in review.uncertain_slices()]
    seen = []
    for _ in range(3):
        segmented.click(ui.nextButton)
        seen.append(segmented.session.place)
    assert seen == ranked[:3]
    segmented.click(ui.previousButton)
    assert segmented.session.place == ranked[1]
    segmented.click(ui.acceptButton)
    segmented.click(ui.nextButton)
    assert segmented.session.place == ranked[2]
    segmented.click(ui.previousButton)
    assert segmented.session.place == ranked[0]


def test_keys_walk_accept_play_and_undo(segmented: Desktop):
    session = segmented.session
    ranked, named = [place[:2] for place in session.review.uncertain_slices()], session.measurement.phases()
    press(segmented, Qt.Key.Key_N)
    press(segmented, Qt.Key.Key_N)
    assert session.place == ranked[1]
    press(segmented, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert session.place == ranked[0]
    press(segmented, Qt.Key.Key_A)
    assert session.review.is_accepted(ranked[0])
    press(segmented, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not session.review.is_accepted(ranked[0])
    press(segmented, Qt.Key.Key_Y)
    assert session.review.is_accepted(ranked[0])
    press(segmented, Qt.Key.Key_E)
    assert session.place[0] == named["ES"]
    press(segmented, Qt.Key.Key_D)
    assert session.place[0] == named["ED"]
    press(segmented, Qt.Key.Key_K)
    segmented.wait(lambda: session.place[0] != named["ED"])
    press(segmented, Qt.Key.Key_K)
    assert not session.browser.GetPlaybackActive()
    assert unwrap(segmented.ui.segmentEditor).undone == 0


def test_keys_are_the_panels_only_while_the_module_is_open(segmented: Desktop):
    place = segmented.session.place
    segmented.widget.exit()
    for key in (Qt.Key.Key_N, Qt.Key.Key_E, Qt.Key.Key_Z):
        press(segmented, key)
    assert segmented.session.place == place and segmented.session.can_undo
    segmented.widget.enter()
    press(segmented, Qt.Key.Key_N)
    assert segmented.session.place != place


def test_map_and_list_are_reached_and_used_by_keys(segmented: Desktop):
    table, session = unwrap(segmented.ui.reviewMap), segmented.session
    session.go_to(1, 2)
    segmented.pass_time()
    table.setFocus()
    assert table.hasFocus()
    QTest.keyClick(table, Qt.Key.Key_Right)
    segmented.pass_time()
    assert session.place == (2, 2)
    QTest.keyClick(table, Qt.Key.Key_Down)
    segmented.pass_time()
    assert session.place == (2, 1)  # towards the apex, which is the first slice
    worst = unwrap(segmented.ui.worstList)
    worst.setFocus()
    worst.setCurrentRow(1)
    QTest.keyClick(worst, Qt.Key.Key_Return)
    segmented.pass_time()
    assert session.place == session.review.uncertain_slices()[1][:2]
