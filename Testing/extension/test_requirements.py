"""Slicer installs what the package asks for, and every advice to install names the same versions."""

from __future__ import annotations

import importlib.util
import re
import tomllib

from extension.checkout import MODULE, ROOT, tracked

from medvos.packages import needs
from MedVOSSegmentLib.install import TORCH, requirements, without_pip
from MedVOSSegmentLib.session.exports import FOR_DICOM, FOR_PDF

PINNED_TORCH = re.compile(r"\btorch==([\d.]+\d)")


def test_slicer_installs_the_requirements_and_those_of_exports_but_that_of_cohorts():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cohorts = [line for line in project["dependencies"] if line.startswith("dask")]
    assert sorted([*requirements(), *FOR_PDF, *FOR_DICOM, *cohorts]) == sorted(project["dependencies"])


def test_pytorch_is_left_to_its_extension_and_nothing_is_pinned():
    text = (MODULE / "requirements.txt").read_text(encoding="utf-8")
    assert TORCH not in text
    assert "==" not in text


def test_the_advice_to_install_a_package_has_the_pins_of_the_project():
    """Run ``python Utilities/write_pins.py`` where this fails."""
    spec = importlib.util.spec_from_file_location("write_pins", ROOT / "Utilities" / "write_pins.py")
    write_pins = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(write_pins)
    assert write_pins.written_pins() == (MODULE / "medvos" / "pins.py").read_text(encoding="utf-8")
    assert "pip install 'highdicom>=0.27,<1'" in needs("A DICOM export", "highdicom")
    assert without_pip(needs("PDF", "bidi")).endswith("start again and agree to its installation.")


def test_every_advice_to_install_names_the_torch_that_ci_measures_with():
    files = [path for path in tracked() if path.suffix != ".safetensors"]
    found = {path: set(PINNED_TORCH.findall(path.read_text(encoding="utf-8", errors="ignore"))) for path in files}
    pins = {path.relative_to(ROOT).as_posix(): versions for path, versions in found.items() if versions}
    assert {"README.md", "CONTRIBUTING.md", "Dockerfile", ".ci/run", ".github/workflows/ci.yml"} <= pins.keys()
    assert len(pins[".ci/run"]) == 1
    assert all(versions == pins[".ci/run"] for versions in pins.values()), pins
