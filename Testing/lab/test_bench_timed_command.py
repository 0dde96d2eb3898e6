"""Commands that are timed in a process of their own; that they give a time is tested with the benchmarks of speed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import torch

from medvos.errors import InputError
from medvos_lab.bench.timed_command import timed, timed_command


def test_a_command_that_fails_is_no_time(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    lost = tmp_path / "lost.nii.gz"
    with pytest.raises(InputError, match="'medvos propagate' failed"):
        timed_command("propagate", lost, "--seed", lost, "--out", tmp_path / "out", device=torch.device("cpu"))
    assert "lost.nii.gz" in capfd.readouterr().err


def test_memory_of_the_process_that_asks_is_not_counted():
    held = bytearray(os.urandom(1 << 20) * 200)
    own = timed([sys.executable, "-c", "bytearray(100_000_000)"])
    assert own.status == 0 and 100 < own.peak_mb < len(held) / 1e6


def test_compiled_modules_are_kept_as_on_a_user_s_computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (tmp_path / "module.py").write_text("VALUE = 1\n")
    timed([sys.executable, "-c", "import module"], {"PYTHONPATH": str(tmp_path)})
    assert list((tmp_path / "__pycache__").glob("module.*.pyc"))
