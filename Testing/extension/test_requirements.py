"""Slicer installs what the package asks for."""

from __future__ import annotations

import tomllib

from extension.checkout import MODULE, ROOT

from MedVOSSegmentLib.install import TORCH, requirements


def test_the_requirements_are_those_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert sorted(requirements()) == sorted(project["dependencies"])


def test_pytorch_is_left_to_its_extension_and_nothing_is_pinned():
    text = (MODULE / "requirements.txt").read_text(encoding="utf-8")
    assert TORCH not in text
    assert "==" not in text
