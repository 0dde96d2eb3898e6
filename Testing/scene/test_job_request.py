from __future__ import annotations

import errno
from pathlib import Path

import clip_case
import nibabel
import numpy as np
import pytest

from medvos.cine.cine import Cine
from medvos.cine.read import open_clip, read
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


def test_a_clip_without_a_seed_is_handed_over_to_be_segmented(tmp_path: Path):
    clip = clip_case.clip()
    arguments = Request(clip, None, "echo-lv", "cpu").hand_over(tmp_path)
    assert arguments[:2] == ["segment", "cine.nrrd"] and "--seed" not in arguments
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cine.nrrd"]
    received = open_clip(tmp_path / "cine.nrrd")
    np.testing.assert_array_equal(np.stack(list(received.steady())), clip.array[:, 0])
    assert received.white == 255 and not received.source.spacing_known
    grid = received.grid(clip.shape[0])
    np.testing.assert_allclose(grid.affine, clip.affine)
    np.testing.assert_allclose(grid.times, clip.times)
    assert grid.is_echo


def test_a_drawn_clip_is_a_clip_for_the_engine_too(tmp_path: Path):
    Request(clip_case.clip(), clip_case.labels(), "tcmn", "cpu").hand_over(tmp_path)
    assert read(tmp_path / "cine.nrrd").is_echo


def test_a_stack_is_no_clip_for_the_engine(small_heart: SyntheticHeart, tmp_path: Path):
    Request(small_heart.cine, small_heart.labels).hand_over(tmp_path)
    assert not read(tmp_path / "cine.nrrd").is_echo
    with pytest.raises(InputError, match="not an ultrasound clip"):
        open_clip(tmp_path / "cine.nrrd")


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
