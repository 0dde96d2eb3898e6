"""The commands of the lab where the lab is installed, and where only the engine is, as in 3D Slicer."""

from __future__ import annotations

import os
import site
import subprocess
import sys
from pathlib import Path

import pytest
from extension.checkout import MODULE

ENGINE = MODULE / "medvos"
# Runs code with an import path that the test chooses; `-S` keeps installed packages, and so their entry points, out.
PROGRAM = "import sys; sys.path[:] = sys.argv.pop(1).split({sep!r}); {code}"
COMMAND = "from medvos.cli.main import main; sys.exit(main())"


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site packages without any metadata of medvos and without the lab, as 3D Slicer's have it."""
    folder = tmp_path_factory.mktemp("libraries")
    for place in site.getsitepackages():
        for path in Path(place).iterdir():
            if not path.name.startswith(("medvos", "_medvos", "MedVOS", "__editable__")) and path.suffix != ".pth":
                (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def slicer_copy(tmp_path_factory: pytest.TempPathFactory, libraries: Path):
    """Runs ``medvos`` in a process that has the engine and its libraries alone."""
    folder = tmp_path_factory.mktemp("engine")
    (folder / "medvos").symlink_to(ENGINE)
    standard = [path for path in sys.path if path.startswith(sys.base_prefix) and "site-packages" not in path]
    path = os.pathsep.join([str(folder), *standard, str(libraries)])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def run(*arguments: str, code: str = COMMAND) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", "-c", PROGRAM.format(sep=os.pathsep, code=code), path, *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, timeout=120)

    return run


@pytest.mark.parametrize("arguments", [("train",), ("train", "cstm"), ("bench",), ("bench", "speed", "--out", "x")])
def test_without_the_lab_its_commands_say_in_one_sentence_where_they_are(slicer_copy, arguments):
    done = slicer_copy(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert (
        line.startswith(f"medvos: `medvos {arguments[0]}` is part of the lab")
        and "install that with pip install . in a checkout" in line
    )


def test_without_the_lab_the_help_lists_its_commands(slicer_copy):
    done = slicer_copy("--help")
    assert done.returncode == 0
    names = [line.strip(" │|").partition(" ")[0] for line in done.stdout.splitlines()]
    assert {"train", "bench", "propagate", "segment", "models"} <= set(names)
    for command in ("train", "bench"):
        assert "not installed here" in " ".join(slicer_copy(command, "--help").stdout.split())


def test_without_the_lab_the_other_commands_work(slicer_copy, tmp_path: Path):
    assert slicer_copy("--version").stdout.startswith("medvos ")
    assert "cstm" in slicer_copy("models").stdout
    refused = slicer_copy("info", str(tmp_path / "nothing.nii.gz"))
    assert refused.returncode == 2 and len(refused.stderr.splitlines()) == 1


def test_the_process_without_the_lab_finds_neither_it_nor_entry_points(slicer_copy):
    assert "No module named 'medvos_lab'" in slicer_copy(code="import medvos_lab").stderr
    points = "from importlib.metadata import entry_points; print(list(entry_points(group='medvos.commands')))"
    assert slicer_copy(code=points).stdout == "[]\n"


def an_installed_lab(folder: Path, code: str) -> str:
    """Code for `slicer_copy` that installs a lab with this code in `folder` and runs ``medvos``."""
    (folder / "medvos-9.dist-info").mkdir()
    (folder / "medvos-9.dist-info" / "METADATA").write_text("Name: medvos\nVersion: 9\n")
    (folder / "medvos-9.dist-info" / "entry_points.txt").write_text("[medvos.commands]\ntrain = medvos_lab.cli:train\n")
    if code:
        (folder / "medvos_lab").mkdir()
        (folder / "medvos_lab" / "__init__.py").touch()
        (folder / "medvos_lab" / "cli.py").write_text(code)
    return f"sys.path.append({str(folder)!r}); {COMMAND}"


@pytest.mark.parametrize(
    ("code", "reported"),
    [
        ("import medvos_lab.loops", "No module named 'medvos_lab.loops'"),
        ("import cycler_of_nobody", "No module named 'cycler_of_nobody'"),
        ("from json import beat", "cannot import name 'beat' from 'json'"),
        ("raise TypeError('another version of medvos')", "another version of medvos"),
    ],
)
def test_a_broken_lab_is_not_reported_as_missing(slicer_copy, tmp_path: Path, code: str, reported: str):
    program = an_installed_lab(tmp_path, code)
    done = slicer_copy("train", "cstm", code=program)
    assert done.returncode and reported in done.stderr and "not installed here" not in done.stderr
    assert "cannot be imported" in " ".join(slicer_copy("train", "--help", code=program).stdout.split())
    assert "cstm" in slicer_copy("models", code=program).stdout


def test_metadata_that_names_a_lab_which_is_not_there_means_that_it_is_missing(slicer_copy, tmp_path: Path):
    done = slicer_copy("train", code=an_installed_lab(tmp_path, ""))
    assert done.returncode == 2 and "not installed here" in done.stderr


def test_with_the_lab_its_commands_are_its_own():
    path = os.pathsep.join([str(MODULE), str(MODULE.parent / "MedVOSLab")])
    for command in ("train", "bench"):
        done = subprocess.run(
            [sys.executable, "-m", "medvos", command, "--help"],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        assert done.returncode == 0 and "not installed here" not in " ".join(done.stdout.split())
