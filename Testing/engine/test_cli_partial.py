from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_network import a_network, store_network

from medvos.cine.write import write_nifti
from medvos.cli.options import ProgressStyle
from medvos.cli.partial import slices_into
from medvos.errors import InputError
from medvos.synth.heart import SyntheticHeart

LABELS = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def test_a_slice_lies_under_its_number_and_nothing_lies_beside_it(tmp_path: Path):
    slices_into(tmp_path / "a" / "partial", ProgressStyle.NONE)(3, LABELS)
    (file,) = (tmp_path / "a" / "partial").iterdir()
    assert file.name == "slice-03.npy"
    np.testing.assert_array_equal(np.load(file), LABELS)


def test_as_json_a_line_tells_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    slices_into(tmp_path, ProgressStyle.JSON)(11, LABELS)
    assert json.loads(capsys.readouterr().out) == {"event": "slice", "slice": 11, "file": "slice-11.npy"}


@pytest.mark.parametrize("style", [ProgressStyle.NONE, ProgressStyle.BAR])
def test_otherwise_nothing_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str], style: ProgressStyle):
    slices_into(tmp_path, style)(11, LABELS)
    assert capsys.readouterr() == ("", "")


def test_a_folder_that_cannot_be_made_is_refused_before_the_work(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="choose another folder"):
        slices_into(tmp_path / "file" / "partial", ProgressStyle.NONE)


def test_every_slice_is_there_when_its_line_comes(
    environment: dict[str, str], a_heart: SyntheticHeart, a_cine_file: Path, tmp_path: Path
):
    store_network(tmp_path / "models", a_network())
    seed = np.zeros_like(a_heart.labels)
    seed[0, 3] = a_heart.labels[0, 3]
    write_nifti(tmp_path / "seed.nii.gz", seed, a_heart.cine)
    command = [
        sys.executable, "-m", "medvos", "propagate", a_cine_file, "--seed", tmp_path / "seed.nii.gz",
        "--out", tmp_path / "out", "--model", "tiny", "--device", "cpu",
        "--progress", "json", "--partial", tmp_path / "partial",
    ]  # fmt: skip
    env = {**environment, "MEDVOS_MODELS": str(tmp_path / "models")}
    seen = {}
    with subprocess.Popen(list(map(os.fspath, command)), stdout=subprocess.PIPE, text=True, env=env) as run:
        for line in map(json.loads, run.stdout):
            if line["event"] == "slice":
                assert not (tmp_path / "out").exists()
                seen[line["slice"]] = np.load(tmp_path / "partial" / line["file"])
    assert run.returncode == 0
    assert sorted(seen) == list(range(a_heart.labels.shape[1]))
    assert all(labels.shape == seed[:, 0].shape and labels.dtype == np.uint8 for labels in seen.values())
    np.testing.assert_array_equal(seen[3][0], seed[0, 3])
