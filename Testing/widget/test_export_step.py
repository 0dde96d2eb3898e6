"""The export buttons of the panel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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
