"""The group of buttons for whole slices and for papillary muscles."""

from __future__ import annotations

import numpy as np
from scene import clip_case
from widget import patient
from widget.conftest import Desktop

from medvos.structures import LV, MYO


def test_the_buttons_wait_for_a_slice_and_a_drawing(desktop: Desktop, small_patient):
    ui = desktop.ui
    assert not ui.noVentricleButton.enabled and not ui.musclesOutButton.enabled
    desktop.click(ui.sampleButton)
    desktop.click(ui.findPlaceButton)
    assert ui.noVentricleButton.enabled and not ui.musclesOutButton.enabled
    patient.draw(desktop.session, small_patient.labels)
    desktop.pass_time()
    assert ui.musclesOutButton.enabled and ui.musclesInButton.enabled


def test_a_slice_is_emptied_at_this_phase_or_at_all(opened: Desktop, small_patient):
    ui, session = opened.ui, opened.session
    patient.draw(session, small_patient.labels)
    opened.pass_time()
    phase, z = session.place
    opened.click(ui.noVentricleButton)
    assert not session.nodes.labels()[phase, z].any()
    assert ui.reviewMap.item(z, phase).text() != "" and ui.reviewMap.item(z, (phase + 1) % 6).text() == ""
    opened.click(ui.undoButton)
    opened.wait(lambda: not session.busy)
    assert session.nodes.labels()[phase, z].any()
    opened.click(ui.noVentricleBeatButton)
    assert session.review.cells().drawn[:, z].all() and not session.nodes.labels()[:, z].any()


def test_muscles_are_converted_or_a_sentence_says_why_not(opened: Desktop, small_patient):
    ui, session = opened.ui, opened.session
    patient.draw(session, small_patient.labels)
    opened.pass_time()
    place = session.place
    labels, image = session.nodes.labels()[place], session.cine.array[place]
    image[labels == LV], image[labels == MYO] = 200.0, 60.0
    opened.click(ui.musclesOutButton)
    assert "stay as they are drawn" in opened.dialogs.messages[0]
    rows, columns = np.nonzero(labels == LV)
    y, x = int(rows.mean()), int(columns.mean())
    image[y - 1 : y + 3, x - 1 : x + 3] = 55.0
    opened.click(ui.musclesOutButton)
    assert session.nodes.labels()[place][y, x] == MYO and "Slices converted: 1." in ui.messageLabel.text
    opened.click(ui.musclesInButton)
    assert session.nodes.labels()[place][y, x] == LV


def test_a_clip_has_no_such_buttons(desktop: Desktop):
    desktop.widget.choose(desktop.widget.logic.show(clip_case.clip(), "Clip"))
    desktop.pass_time()
    assert desktop.ui.sliceGroup.isHidden()
