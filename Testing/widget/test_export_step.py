"""The export buttons of the panel."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from widget import patient
from widget.conftest import Desktop

from medvos.cine.cine import Source
from medvos.errors import InputError


@pytest.mark.parametrize(
    ("label", "package"), [("Report (PDF)", "reportlab"), ("DICOM segmentation", "highdicom"), ("Surfaces (STL)", "")]
)
def test_packages_of_an_export_alone_are_asked_for_when_it_is_chosen(
    desktop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, label: str, package: str
):
    asked = []

    def declined(lacking: list[str], *_: object) -> None:
        asked.extend(lacking)
        raise InputError("Nothing was installed.")

    monkeypatch.setattr("MedVOSSegmentLib.install.install", declined)
    monkeypatch.setattr("MedVOSSegmentLib.install._installed", lambda line: False)
    monkeypatch.setattr("MedVOSSegmentLib.install._found", set())
    folder = tmp_path / "exports"
    folder.mkdir()
    desktop.dialogs.folder = str(folder)
    (button,) = (each for each in desktop.ui.exportButtons.children() if getattr(each, "text", "") == label)
    button.enabled = True
    desktop.click(button)
    assert any(line.startswith(package) for line in asked)
    assert any(line.startswith(("reportlab", "highdicom")) for line in asked) == bool(package)
    assert "Nothing was installed." in desktop.dialogs.messages[-1]
    assert not list(folder.iterdir())


@pytest.fixture
def segmented(faked: Desktop, tmp_path: Path) -> Desktop:
    """A heart that a stand-in for the second process has segmented, and a folder that the user will choose."""
    faked.ui.exportStep.collapsed = False
    faked.dialogs.folder = str(tmp_path)
    return faked


def button_of(desktop: Desktop, label: str) -> Any:
    (found,) = (each for each in desktop.ui.exportButtons.children() if getattr(each, "text", "") == label)
    return found


def test_an_export_is_written_beside_a_window_that_goes_on(segmented: Desktop, monkeypatch: pytest.MonkeyPatch):
    gate, threads = threading.Event(), []

    def slow(name: str, result: Any, folder: Path, phases: Any) -> list[Path]:
        threads.append(threading.current_thread())
        assert gate.wait(30)
        return [folder / f"{number}.stl" for number in range(80)]

    monkeypatch.setattr("MedVOSSegmentLib.session.results.export", slow)
    ui, button = segmented.ui, button_of(segmented, "Surfaces (STL)")
    segmented.click(button)
    assert threads and threads[0] is not threading.main_thread()
    assert ui.busyBox.visible and "Surfaces (STL)" in ui.progressLabel.text and not ui.cancelButton.visible
    assert not button.enabled and ui.exportLabel.text == ""
    segmented.session.go_to(3, 1)
    segmented.pass_time()
    assert ui.busyBox.visible
    gate.set()
    segmented.wait(lambda: not ui.busyBox.visible)
    assert ui.exportLabel.text == f"80 files in {segmented.dialogs.folder}"
    assert "79.stl" in ui.exportLabel.toolTip and button.enabled
    segmented.click(ui.openExportButton)
    assert segmented.dialogs.opened == [segmented.dialogs.folder]


def test_the_thread_that_writes_gets_half_of_the_time_of_the_window(segmented: Desktop, monkeypatch):
    panel, gate = sys.modules["MedVOSSegmentWidgets.panel"], threading.Event()
    tick_ms = sys.modules["MedVOSSegmentWidgets.clock"].TICK_MS
    monkeypatch.setattr("MedVOSSegmentLib.session.results.export", lambda *_: gate.wait(30) and [])
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(1000 * seconds)
        time.sleep(seconds)

    monkeypatch.setattr(panel, "time", SimpleNamespace(sleep=sleep))
    segmented.click(button_of(segmented, "Surfaces (STL)"))
    slept.clear()
    segmented.pass_time(0.3)
    assert slept and min(slept) >= tick_ms / 2
    gate.set()
    segmented.wait(lambda: not segmented.ui.busyBox.visible)
    slept.clear()
    segmented.pass_time(0.3)
    assert slept and max(slept) <= tick_ms / 20


def test_an_export_that_ends_after_a_change_of_cine_belongs_to_the_first(
    segmented: Desktop, small_heart, monkeypatch, tmp_path: Path
):
    gate, added = threading.Event(), []
    monkeypatch.setattr(
        "MedVOSSegmentLib.session.results.export",
        lambda name, result, folder, phases: gate.wait(30) and [folder / "sr"],
    )
    ui, session, step = segmented.ui, segmented.session, segmented.widget.panel._export
    monkeypatch.setattr(step, "_add_to_database", lambda files, source: added.append(source) or "They are there.")
    source = Source(str(tmp_path), "dicom")
    session.cines.remember_source(session.browser, source)
    segmented.wait(lambda: not session.busy)
    segmented.pass_time()
    segmented.click(button_of(segmented, "DICOM report"))
    segmented.widget.choose(segmented.widget.logic.show(small_heart.cine, "Another"))
    segmented.pass_time()
    assert ui.busyBox.visible and not added
    gate.set()
    segmented.wait(lambda: not ui.busyBox.visible)
    assert added == [source]
    ui.exportStep.collapsed = False
    segmented.pass_time()
    assert ui.exportLabel.text == f"1 file in {tmp_path}. They are there" and ui.openExportButton.visible
    assert not button_of(segmented, "DICOM report").enabled


def test_an_export_that_fails_does_not_leave_the_words_of_the_one_before(segmented: Desktop, monkeypatch):
    ui = segmented.ui
    segmented.click(button_of(segmented, "Volumes (CSV)"))
    segmented.wait(lambda: not ui.busyBox.visible)
    assert ui.exportLabel.text.startswith("1 file in") and ui.openExportButton.visible

    def fail(*_: object) -> None:
        raise InputError("The export cannot be written.")

    monkeypatch.setattr("MedVOSSegmentLib.session.results.export", fail)
    segmented.click(button_of(segmented, "Report (HTML)"))
    segmented.wait(lambda: bool(segmented.dialogs.messages))
    assert ui.exportLabel.text == "Nothing was written." and not ui.openExportButton.visible
    assert segmented.dialogs.messages == ["The export cannot be written."]
    assert button_of(segmented, "Report (HTML)").enabled


def test_what_the_user_draws_while_an_export_is_written_is_not_in_it(segmented: Desktop, monkeypatch):
    exported = []
    monkeypatch.setattr(
        "MedVOSSegmentLib.session.results.export", lambda name, result, folder, phases: exported.append(result)
    )
    write = segmented.session.export.prepare("stl", segmented.dialogs.folder)
    before = segmented.session.nodes.labels()
    segmented.session.go_to(2, 2)
    patient.erase(segmented.session, "RV")
    segmented.pass_time()
    write()
    assert np.array_equal(exported[0].labels, before)
    assert not np.array_equal(segmented.session.nodes.labels(), before)
