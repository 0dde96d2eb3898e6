"""The notes of a release are its section of the changelog, and only for the version of the package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from extension.checkout import ROOT

import medvos

SCRIPT = ROOT / "Utilities" / "release_notes.py"


def notes(tag: str, script: Path = SCRIPT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(script), tag], capture_output=True, text=True)


def test_the_present_version_has_notes_without_those_of_its_neighbours():
    done = notes(f"v{medvos.__version__}")
    assert done.returncode == 0, done.stderr
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert done.stdout.strip() in changelog
    assert "### " in done.stdout and "## [" not in done.stdout


@pytest.mark.parametrize("tag", ["v9.9.9", medvos.__version__, "main"])
def test_a_tag_of_another_version_stops_the_release(tag: str):
    done = notes(tag)
    assert done.returncode == 1
    assert "does not name the version" in done.stderr


def test_a_version_without_a_dated_section_stops_the_release(tmp_path: Path):
    script = tmp_path / "Utilities" / SCRIPT.name
    for path, text in (
        (script, SCRIPT.read_text(encoding="utf-8")),
        (tmp_path / "MedVOSSegment" / "medvos" / "version.py", '__version__ = "1.0.0"\n'),
        (tmp_path / "CHANGELOG.md", "## [Unreleased]\n\n### Added\n\n- 1.0.0\n\n[Unreleased]: https://example.org\n"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    done = notes("v1.0.0", script)
    assert done.returncode == 1
    assert "no section [1.0.0]" in done.stderr
