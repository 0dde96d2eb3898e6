"""The export buttons of the panel."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from widget import patient
from widget.conftest import Desktop

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
