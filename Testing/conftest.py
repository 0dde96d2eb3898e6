"""Fixtures that several test files share: one small heart in memory and on disk, and the command in a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from forked_command import CommandServer
from medvos_command import ROOT, Medvos

from medvos.cine.write import write_nifti
from medvos.result import Result
from medvos.synth.heart import SyntheticHeart, synthetic_heart


@pytest.fixture(scope="session")
def a_heart() -> SyntheticHeart:
    return synthetic_heart(1, shape=(6, 6, 80, 80), spacing=(16.0, 3.0, 3.0), kind="healthy")


@pytest.fixture(scope="session")
def a_result(a_heart: SyntheticHeart) -> Result:
    """What a flawless propagation from slice 3 at phase 0 would give back, sure of all but the first slice."""
    uncertainty = np.zeros(a_heart.labels.shape, np.float32)
    uncertainty[:, 0] = 0.5
    scores = np.zeros(a_heart.labels.shape[:2], np.float32)
    scores[:, 0] = np.linspace(0.5, 0.9, len(scores))
    seeds = np.zeros(scores.shape, bool)
    seeds[0, 3] = True
    provenance = {"model": "cstm", "device": "cpu", "seconds": 1.5, "terms": "for anyone", "notes": []}
    return Result(a_heart.cine, a_heart.labels, uncertainty, scores, seeds, provenance)


@pytest.fixture(scope="session")
def a_cine_file(a_heart: SyntheticHeart, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cine") / "cine.nii.gz"
    write_nifti(path, a_heart.cine.array, a_heart.cine)
    return path


@pytest.fixture(scope="session")
def a_truth_file(a_heart: SyntheticHeart, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("truth") / "truth.nii.gz"
    write_nifti(path, a_heart.labels, a_heart.cine)
    return path


@pytest.fixture
def a_seed_file(a_heart: SyntheticHeart, tmp_path: Path) -> Path:
    """Slice 3 at phase 0 as a 3D label image."""
    labels = np.zeros(a_heart.labels.shape[1:], np.uint8)
    labels[3] = a_heart.labels[0, 3]
    path = tmp_path / "seed.nii.gz"
    write_nifti(path, labels, a_heart.cine)
    return path


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real data; tests that need it are skipped without it."""
    folder = Path(os.environ.get("MEDVOS_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no real data on this machine (MEDVOS_DATA)")
    return folder


@pytest.fixture
def single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks in float32 on every computer, for what is equal but for the rounding."""
    monkeypatch.setenv("MEDVOS_PRECISION", "single")


def environment_of_commands() -> dict[str, str]:
    """Return the environment of a process that runs this checkout's engine."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(ROOT / f) for f in ("MedVOSSegment", "MedVOSLab")),
        "OMP_NUM_THREADS": "1",
        "COLUMNS": "200",
    }


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """For a process that runs this checkout's engine."""
    return environment_of_commands()


@pytest.fixture(scope="session")
def medvos_process(environment: dict[str, str]) -> Medvos:
    """The command ``medvos`` in a process of its own, from the start of the interpreter."""

    def run(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "medvos", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, **{"env": environment, **options})

    return run


@pytest.fixture(scope="session")
def command_server() -> Iterator[CommandServer | None]:
    """Forks the command ``medvos``; None where the system does not permit it."""
    if sys.platform != "linux":
        yield None
        return
    with closing(CommandServer(environment_of_commands())) as server:
        yield server


@pytest.fixture(scope="session")
def medvos(environment: dict[str, str], medvos_process: Medvos, command_server: CommandServer | None) -> Medvos:
    """The command ``medvos`` in a process of its own that finds the libraries imported, where the system permits it."""
    if command_server is None:
        return medvos_process

    def run(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        if command_server.can_run(options.get("env", environment)) and options.keys() <= {"env", "cwd", "timeout"}:
            return command_server.run(list(map(str, arguments)), **{"timeout": 120, **options})
        return medvos_process(*arguments, **options)

    return run


@pytest.fixture
def forked_commands(command_server: CommandServer | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code under test that starts ``python -m medvos`` has a process that finds the libraries imported."""
    if command_server is not None:
        monkeypatch.setattr(sys, "executable", str(command_server.launcher))
