"""Commands that are timed in a process of their own; that they give a time is tested with the benchmarks of speed."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from medvos.errors import InputError
from medvos.evaluate.timed_command import timed_command


def test_a_command_that_fails_is_no_time(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    lost = tmp_path / "lost.nii.gz"
    with pytest.raises(InputError, match="'medvos propagate' failed"):
        timed_command("propagate", lost, "--seed", lost, "--out", tmp_path / "out", device=torch.device("cpu"))
    assert "lost.nii.gz" in capfd.readouterr().err
