"""What can happen between pressing the button and the result."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from widget import patient
from widget.conftest import Desktop

from MedVOSSegmentLib.device_probe import FoundDevice


@pytest.fixture
def drawn(opened: Desktop, small_patient) -> Desktop:
    """One slice is drawn as the exact answer has it."""
    patient.draw(opened.session, small_patient.labels)
    opened.pass_time()
    return opened


def test_an_empty_seed_is_refused_with_a_sentence(opened: Desktop):
    opened.click(opened.ui.propagateButton)
    assert "Nothing is drawn yet" in opened.dialogs.messages[0]
    assert opened.session.progress is None


def test_an_odd_seed_is_asked_about_and_the_answer_counts(opened: Desktop, small_patient):
    patient.draw(opened.session, small_patient.labels, only="LV")
    opened.dialogs.answer = False
    opened.click(opened.ui.propagateButton)
    assert "Only LV is drawn" in opened.dialogs.asked[0]
    assert opened.session.progress is None


def test_packages_are_asked_for_at_first_use_and_nothing_starts_without_them(drawn: Desktop, monkeypatch):
    monkeypatch.setattr("MedVOSSegmentLib.install.missing", lambda wanted: ["torch>=2.4", "rich>=13"])
    monkeypatch.setitem(sys.modules, "PyTorchUtils", SimpleNamespace())
    drawn.dialogs.answer = False
    drawn.click(drawn.ui.propagateButton)
    assert "torch, rich" in drawn.dialogs.asked[0]
    assert "Nothing was installed" in drawn.dialogs.messages[0]
    assert drawn.session.progress is None


def test_cancelling_leaves_the_scene_as_it_was(drawn: Desktop):
    before = drawn.session.nodes.labels()
    drawn.click(drawn.ui.propagateButton)
    drawn.click(drawn.ui.cancelButton)
    drawn.wait(lambda: not drawn.session.busy)
    drawn.pass_time()
    assert np.array_equal(drawn.session.nodes.labels(), before)
    assert "Cancelled" in drawn.ui.messageLabel.text
    assert drawn.ui.propagateButton.enabled and not drawn.ui.cancelButton.enabled


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
def test_a_killed_process_leaves_the_scene_as_it_was_and_says_so(drawn: Desktop):
    before = drawn.session.nodes.labels()
    drawn.click(drawn.ui.propagateButton)
    drawn.wait(lambda: drawn.session.progress is not None and drawn.session.progress.total > 0)
    for child in children_of(os.getpid()):
        os.kill(child, signal.SIGKILL)
    drawn.wait(lambda: not drawn.session.busy)
    drawn.pass_time()
    assert np.array_equal(drawn.session.nodes.labels(), before)
    assert "unexpectedly" in drawn.ui.messageLabel.text


def test_while_one_is_running_no_other_can_be_started(drawn: Desktop):
    drawn.click(drawn.ui.propagateButton)
    ui = drawn.ui
    for button in (ui.propagateButton, ui.proposeButton, ui.correctButton, ui.undoButton):
        assert not button.enabled


def test_what_the_process_writes_is_shown_on_demand(drawn: Desktop):
    drawn.ui.propagateStep.collapsed = False
    drawn.ui.logButton.click()
    assert drawn.ui.logText.visible and "Weights" in drawn.ui.termsLabel.text and drawn.ui.termsLabel.visible
    drawn.ui.logButton.click()
    assert not drawn.ui.logText.visible


@pytest.mark.real_device
def test_the_panel_says_what_will_compute_and_on_which_terms(opened: Desktop):
    opened.wait(lambda: "will be used" in opened.ui.deviceLabel.text)
    opened.pass_time()
    assert "processor" in opened.ui.deviceLabel.text or "graphics card" in opened.ui.deviceLabel.text
    assert "Weights" in opened.ui.termsLabel.text


def test_a_chosen_device_is_kept_with_the_scene_and_used(opened: Desktop):
    ui = opened.ui
    ui.deviceComboBox.currentIndex = [ui.deviceComboBox.itemText(n) for n in range(4)].index("Processor")
    opened.pass_time()
    assert opened.module.MedVOSSegmentLogic().getParameterNode().device.value == "cpu"
    opened.wait(lambda: "The processor will be used" in ui.deviceLabel.text)


def test_a_proposal_can_be_had_and_taken_back(opened: Desktop):
    opened.click(opened.ui.proposeButton)
    opened.wait(lambda: not opened.session.busy)
    opened.pass_time()
    assert opened.ui.messageLabel.text
    if opened.session.nodes.labels().any():
        opened.click(opened.ui.undoButton)
        opened.wait(lambda: not opened.session.busy)
        assert not opened.session.nodes.labels().any()


def children_of(parent: int) -> list[int]:
    """Process ids, from /proc."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


def test_once_pytorch_is_installed_the_device_is_looked_for_again(drawn: Desktop, monkeypatch):
    answers = [FoundDevice(None), FoundDevice("cuda", "NVIDIA H100")]
    probe = SimpleNamespace(poll=lambda: answers.pop(0), close=lambda: None)
    monkeypatch.setattr(sys.modules["MedVOSSegmentWidgets.device_watch"], "DeviceProbe", lambda python: probe)
    drawn.widget.panel._device._probe = probe
    drawn.pass_time()
    assert "PyTorch is not installed yet" in drawn.ui.deviceLabel.text
    drawn.click(drawn.ui.propagateButton)
    drawn.click(drawn.ui.cancelButton)
    assert "NVIDIA H100" in drawn.ui.deviceLabel.text
