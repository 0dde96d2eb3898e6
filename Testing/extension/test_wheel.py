"""The wheel, built from the source distribution, has the engine, the lab and the weights, and it works."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections import Counter
from configparser import ConfigParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from extension.checkout import MODULE, RESOURCES, ROOT, shipped

import medvos

if "CI" not in os.environ:  # there a missing package is an error, not a reason to skip
    for package in ("hatchling", "twine", "check_wheel_contents"):
        pytest.importorskip(package, reason="the distributions are built and checked with it")
METADATA = f"medvos-{medvos.__version__}.dist-info"


SDIST = f"medvos-{medvos.__version__}"


def run(*arguments: str | Path, cwd: Path = ROOT, **variables: str) -> str:
    """Run Python with `arguments` and return what it prints; the test fails with that text where it fails."""
    environment = {**os.environ, "PYTHONWARNINGS": "default", **variables}
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    run("-m", "hatchling", "build", "--target", "sdist", "--directory", folder)
    (path,) = folder.iterdir()
    return path


@pytest.fixture(scope="module")
def wheel_file(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as archive:
        archive.extractall(source, filter="data")
    run("-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=source / SDIST)
    (path,) = folder.iterdir()
    return path


@pytest.fixture(scope="module")
def wheel(wheel_file: Path) -> ZipFile:
    return ZipFile(wheel_file)


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
    assert points["console_scripts"]["medvos"] == "medvos.__main__:main"
    assert set(points["medvos.commands"]) == {"train", "bench"}


def test_it_says_its_licence_and_its_types(wheel: ZipFile):
    metadata = wheel.read(f"{METADATA}/METADATA").decode()
    assert "License-Expression: Apache-2.0" in metadata
    assert "Classifier: Typing :: Typed" in metadata
    assert f"{METADATA}/licenses/LICENSE.txt" in wheel.namelist()


def test_the_source_distribution_has_the_sources_and_the_weights_and_neither_tests_nor_images(sdist: Path):
    with tarfile.open(sdist) as archive:
        names = {name.removeprefix(f"{SDIST}/") for name in archive.getnames()}
    others = {name for name in names if not name.startswith(("MedVOSSegment/medvos/", "MedVOSLab/medvos_lab/"))}
    weights = {f"MedVOSResources/Models/{name}" for name in shipped(RESOURCES / "Models")}
    texts = {"README.md", "CHANGELOG.md", "LICENSE.txt", "CITATION.cff", "pyproject.toml", "PKG-INFO", ".gitignore"}
    assert others == weights | texts


def test_the_registry_would_take_both(sdist: Path, wheel_file: Path):
    run("-m", "twine", "check", "--strict", sdist, wheel_file)
    run("-m", "check_wheel_contents", wheel_file)


def test_it_segments_where_it_is_installed_without_the_checkout(wheel_file: Path, tmp_path: Path):
    place = tmp_path / "site"
    options = ("--no-deps", "--no-index", "--no-compile", "--quiet", "--disable-pip-version-check")
    run("-m", "pip", "install", *options, "--target", place, wheel_file)
    program = (
        "import medvos, numpy as np; from medvos.synth.heart import synthetic_heart;"
        "heart = synthetic_heart(0, shape=(3, 4, 96, 96)); drawn = np.zeros_like(heart.labels);"
        "drawn[0, 2] = heart.labels[0, 2];"
        "result = medvos.propagate(heart.cine, medvos.seed_from_array(drawn, heart.cine), device='cpu');"
        "print(medvos.__file__, (result.labels == 3).any((2, 3)).sum())"
    )
    # Isolated from the checkout: an editable installation would be found after the place of the wheel.
    file, images = run("-W", "error", "-c", program, cwd=tmp_path, PYTHONPATH=str(place)).split()
    assert Path(file).is_relative_to(place)
    assert int(images) >= 6
