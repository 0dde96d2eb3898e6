"""The wheel carries the engine, the lab and the weights, all of their files and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from configparser import ConfigParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from extension.checkout import MODULE, RESOURCES, ROOT, shipped

import medvos

if "CI" not in os.environ:  # there a missing hatchling is an error, not a reason to skip
    pytest.importorskip("hatchling", reason="the wheel is built with hatchling")
METADATA = f"medvos-{medvos.__version__}.dist-info"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    (path,) = folder.iterdir()
    return ZipFile(path)


def inside(folder: Path, package: str) -> list[str]:
    return [f"{package}/{name}" for name in shipped(folder)]


def test_it_holds_every_file_of_both_packages_and_of_the_weights_once_and_nothing_else(wheel: ZipFile):
    expected = [
        *inside(MODULE / "medvos", "medvos"),
        *inside(ROOT / "MedVOSLab" / "medvos_lab", "medvos_lab"),
        *inside(RESOURCES / "Models", "medvos/weights"),
    ]
    found = Counter(name for name in wheel.namelist() if not name.startswith(METADATA))
    assert found == Counter(expected)


@pytest.mark.parametrize(
    "pattern",
    [
        "medvos/py.typed",
        "medvos_lab/py.typed",
        "medvos/report/page.html.j2",
        "medvos/report/report.schema.json",
        "medvos/cohort/cohort.html.j2",
        "medvos/measure/reference_ranges.csv",
        "medvos/weights/manifest.json",
        "medvos/weights/*.safetensors",
        "medvos_lab/**/card.md.j2",
    ],
)
def test_what_is_read_at_run_time_is_in_it(wheel: ZipFile, pattern: str):
    assert any(Path(name).match(pattern) for name in wheel.namelist())


def test_its_commands_are_those_of_the_engine_and_the_lab(wheel: ZipFile):
    points = ConfigParser()
    points.read_string(wheel.read(f"{METADATA}/entry_points.txt").decode())
    assert points["console_scripts"]["medvos"] == "medvos.cli.main:main"
    assert set(points["medvos.commands"]) == {"train", "bench"}


def test_it_says_its_licence_and_its_types(wheel: ZipFile):
    metadata = wheel.read(f"{METADATA}/METADATA").decode()
    assert "License-Expression: Apache-2.0" in metadata
    assert "Classifier: Typing :: Typed" in metadata
    assert f"{METADATA}/licenses/LICENSE.txt" in wheel.namelist()
