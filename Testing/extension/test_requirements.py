"""Slicer installs what the package asks for."""

from __future__ import annotations

import tomllib

from extension.checkout import MODULE, ROOT

from MedVOSSegmentLib.install import TORCH, requirements
from MedVOSSegmentLib.session.exports import FOR_DICOM, FOR_PDF


def test_the_requirements_are_those_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert sorted(requirements()) == sorted(project["dependencies"])


def test_pytorch_is_left_to_its_extension_and_nothing_is_pinned():
    text = (MODULE / "requirements.txt").read_text(encoding="utf-8")
    assert TORCH not in text
    assert "==" not in text


def test_the_requirements_of_exports_are_the_extras_of_the_package():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert (list(FOR_PDF), list(FOR_DICOM)) == (extras["report"], extras["dicom"])
