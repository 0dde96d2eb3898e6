"""Packages that a fresh Slicer lacks are asked for before any work begins, and no step fails for want of one."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine.echo_files import sector_images, write_film
from widget.conftest import Desktop
from widget.standins import packages

from MedVOSSegmentLib.job.runner import Runner

# Of the requirements, what Slicer does not bring, but PyTorch.
FRESH = {
    "safetensors": "safetensors",
    "imagecodecs": "imagecodecs",
    "nibabel": "nibabel",
    "pynrrd": "nrrd",
    "scikit-image": "skimage",
    "matplotlib": "matplotlib",
    "av": "av",
    "jinja2": "jinja2",
    "typer": "typer",
    "rich": "rich",
    "highdicom": "highdicom",
    "reportlab": "reportlab",
}


@pytest.fixture
def fresh(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> packages.Packages:
    return packages.hide(monkeypatch, FRESH)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list:
    tasks: list = []
    monkeypatch.setattr(Runner, "start", lambda _, task: tasks.append(task))
    return tasks


def test_a_clip_is_opened_once_what_it_needs_is_installed(desktop: Desktop, fresh, tmp_path: Path):
    desktop.dialogs.file = str(tmp_path / "clip.avi")
    with pytest.MonkeyPatch.context() as installed:
        installed.setattr("sys.meta_path", [finder for finder in __import__("sys").meta_path if finder is not fresh])
        write_film(tmp_path / "clip.avi", sector_images(8))
    desktop.click(desktop.ui.openFileButton)
    (question,) = desktop.dialogs.asked
    assert "av" in question
    assert {line.partition(">=")[0] for line in fresh.installed} == {*FRESH} - {"highdicom", "reportlab"}
    assert desktop.session.is_clip and not desktop.dialogs.messages


def test_a_proposal_asks_before_the_process_starts(desktop: Desktop, small_patient, fresh, started):
    desktop.click(desktop.ui.sampleButton)
    assert not desktop.dialogs.asked and desktop.session.cine is not None
    desktop.click(desktop.ui.findPlaceButton)
    assert not desktop.dialogs.asked
    desktop.dialogs.answer = False
    desktop.click(desktop.ui.proposeButton)
    assert len(desktop.dialogs.asked) == 1 and "Nothing was installed" in desktop.dialogs.messages[0]
    assert not started and "pip" not in desktop.dialogs.messages[0]


def test_an_advice_of_the_engine_to_type_pip_is_put_in_words_of_slicer(desktop: Desktop, monkeypatch):
    from medvos.errors import InputError

    def refuse() -> None:
        raise InputError("The PDF needs the package reportlab, which is not installed: pip install 'reportlab>=4.2'.")

    monkeypatch.setattr(desktop.session.seed, "go_to_place", refuse)
    desktop.widget.panel._seed.on_find_place()
    (text,) = desktop.dialogs.messages
    assert text.endswith("which is not installed: start again and agree to its installation.")
