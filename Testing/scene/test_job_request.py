from __future__ import annotations

import errno
from pathlib import Path

import nibabel
import numpy as np
import pytest

from medvos.cine.cine import Cine
from medvos.cine.read import read
from medvos.cine.seed import read_seed
from medvos.errors import InputError
from medvos.report.previous import read_result
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.request import Previous, Request


def test_the_arguments_name_what_is_in_the_folder(small_heart: SyntheticHeart, tmp_path: Path):
    arguments = Request(small_heart.cine, small_heart.labels, "cstm-research", "cpu").hand_over(tmp_path)
    assert arguments[:2] == ["propagate", "cine.nrrd"]
    options = dict(zip(arguments[2::2], arguments[3::2], strict=True))
    cine = read(tmp_path / arguments[1])
    np.testing.assert_array_equal(cine.array, small_heart.cine.array)
    np.testing.assert_array_equal(read_seed(tmp_path / options["--seed"], cine).labels, small_heart.labels)
    assert (options["--model"], options["--device"]) == ("cstm-research", "cpu")
    assert "--previous" not in options


def test_the_engine_reads_the_previous_result_back(small_heart: SyntheticHeart, tmp_path: Path):
    rng = np.random.default_rng(0)
    scores = rng.random(small_heart.labels.shape[:2], np.float32)
    previous = Previous(small_heart.labels, rng.random(small_heart.labels.shape, np.float32), scores, scores > 0.8)
    arguments = Request(small_heart.cine, small_heart.labels, previous=previous).hand_over(tmp_path)
    result = read_result(tmp_path / arguments[arguments.index("--previous") + 1], small_heart.cine)
    np.testing.assert_array_equal(result.labels, previous.labels)
    np.testing.assert_array_equal(result.uncertainty, previous.uncertainty)
    np.testing.assert_allclose(result.slice_scores, previous.slice_scores, atol=1e-6)
    np.testing.assert_array_equal(result.seeds, previous.seeds)


def test_a_seed_on_another_grid_is_refused(small_cine: Cine):
    with pytest.raises(InputError, match="another grid"):
        Request(small_cine, np.zeros((2, 2, 2, 2), np.uint8))


def test_no_room_for_the_previous_result_is_an_error_of_the_system(
    small_heart: SyntheticHeart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(nibabel, "save", full)
    scores = np.zeros(small_heart.labels.shape[:2], np.float32)
    previous = Previous(small_heart.labels, small_heart.labels.astype(np.float32), scores, scores > 0)
    with pytest.raises(OSError, match="No space left"):
        Request(small_heart.cine, small_heart.labels, previous=previous).hand_over(tmp_path)
