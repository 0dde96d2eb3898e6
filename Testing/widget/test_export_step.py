"""The export buttons of the panel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scene.session_fakes import FakeRunner
from widget import patient
from widget.conftest import Desktop

from medvos.cine.cine import Source
from medvos.errors import InputError
from MedVOSSegmentLib.job.events import Finished
from MedVOSSegmentLib.job.runner import Runner


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


@pytest.fixture
def exporter(segmented: Desktop) -> FakeRunner:
    """Stands in for the second process of exports."""
    segmented.session.export._runner = fake = FakeRunner()
    return fake


def test_an_export_is_written_beside_a_window_that_goes_on(segmented: Desktop, exporter: FakeRunner):
    ui, button = segmented.ui, button_of(segmented, "Surfaces (STL)")
    segmented.click(button)
    assert exporter.job.task.name == "stl" and str(exporter.job.task.target) == segmented.dialogs.folder
    assert ui.busyBox.visible and ui.progressLabel.text == "Writing: Surfaces (STL)"
    assert not button.enabled and ui.exportLabel.text == "" and ui.propagateButton.enabled
    segmented.session.go_to(3, 1)
    segmented.pass_time()
    assert ui.busyBox.visible
    exporter.job.events.append(Finished([Path(segmented.dialogs.folder) / f"{number}.stl" for number in range(80)]))
    segmented.wait(lambda: not ui.busyBox.visible)
    assert ui.exportLabel.text == f"80 files in {Path(segmented.dialogs.folder).name}"
    assert all(part in ui.exportLabel.toolTip for part in (segmented.dialogs.folder, "79.stl")) and button.enabled
    segmented.click(ui.openExportButton)
    assert segmented.dialogs.opened == [segmented.dialogs.folder]


def test_an_export_can_be_cancelled_and_leaves_the_folder_as_it_was(segmented: Desktop):
    ui, folder = segmented.ui, Path(segmented.dialogs.folder)
    (folder / "report.pdf").write_bytes(b"of before")
    before = {path.name for path in folder.iterdir()}
    segmented.click(button_of(segmented, "Report (PDF)"))
    assert ui.cancelButton.visible
    segmented.click(ui.cancelButton)
    segmented.wait(lambda: not ui.busyBox.visible)
    assert ui.exportLabel.text == "Cancelled: nothing was written." and not ui.openExportButton.visible
    segmented.pass_time(0.5)
    assert {path.name for path in folder.iterdir()} == before
    assert (folder / "report.pdf").read_bytes() == b"of before" and not segmented.dialogs.messages
    assert button_of(segmented, "Report (PDF)").enabled


def test_beside_a_segmentation_cancel_is_for_the_segmentation(
    segmented: Desktop, exporter: FakeRunner, started: FakeRunner
):
    ui = segmented.ui
    segmented.click(button_of(segmented, "Surfaces (STL)"))
    segmented.click(ui.propagateButton)
    assert not ui.progressLabel.text.startswith("Writing")
    segmented.click(ui.cancelButton)
    assert started.job.is_cancelled and not exporter.job.is_cancelled
    segmented.wait(lambda: not segmented.session.busy)
    segmented.pass_time()
    assert ui.progressLabel.text == "Writing: Surfaces (STL)"
    segmented.click(ui.cancelButton)
    assert exporter.job.is_cancelled


def test_an_export_ends_with_the_module(segmented: Desktop, exporter: FakeRunner):
    segmented.click(button_of(segmented, "Surfaces (STL)"))
    segmented.widget.panel.close()
    assert exporter.job.is_closed


def test_an_export_that_ends_after_a_change_of_cine_belongs_to_the_first(
    segmented: Desktop, exporter: FakeRunner, small_heart, monkeypatch, tmp_path: Path
):
    added = []
    ui, session, step = segmented.ui, segmented.session, segmented.widget.panel._export
    monkeypatch.setattr(step, "_add_to_database", lambda files, source: added.append(source) or "They are there.")
    (tmp_path / "images").mkdir()
    source = Source(str(tmp_path / "images"), "dicom")
    session.cines.remember_source(session.browser, source)
    segmented.wait(lambda: not session.busy)
    segmented.pass_time()
    segmented.click(button_of(segmented, "DICOM report"))
    segmented.widget.choose(segmented.widget.logic.show(small_heart.cine, "Another"))
    segmented.pass_time()
    assert ui.busyBox.visible and not added
    exporter.job.events.append(Finished([tmp_path / "sr"]))
    segmented.wait(lambda: not ui.busyBox.visible)
    assert added == [source]
    ui.exportStep.collapsed = False
    segmented.pass_time()
    assert ui.exportLabel.text == f"1 file in {tmp_path.name}. They are there" and ui.openExportButton.visible
    assert not button_of(segmented, "DICOM report").enabled


def test_an_export_that_fails_does_not_leave_the_words_of_the_one_before(segmented: Desktop):
    ui = segmented.ui
    segmented.click(button_of(segmented, "Volumes (CSV)"))
    segmented.wait(lambda: not ui.busyBox.visible)
    assert ui.exportLabel.text.startswith("1 file in") and ui.openExportButton.visible
    segmented.session.export._runner = Runner(Path("NoPython"))
    segmented.click(button_of(segmented, "Report (HTML)"))
    segmented.wait(lambda: bool(segmented.dialogs.messages))
    assert ui.exportLabel.text == "Nothing was written." and not ui.openExportButton.visible
    (message,) = segmented.dialogs.messages
    assert message.startswith("The Python program NoPython cannot be started") and message.count(".") == 1
    assert button_of(segmented, "Report (HTML)").enabled


def test_what_the_user_draws_while_an_export_is_written_is_not_in_it(segmented: Desktop, exporter: FakeRunner):
    before = segmented.session.nodes.labels()
    segmented.click(button_of(segmented, "Surfaces (STL)"))
    segmented.session.go_to(2, 2)
    patient.erase(segmented.session, "RV")
    segmented.pass_time()
    assert np.array_equal(exporter.job.task.result().labels, before)
    assert not np.array_equal(segmented.session.nodes.labels(), before)
