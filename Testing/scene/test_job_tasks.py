from __future__ import annotations

import errno
import json
from itertools import pairwise
from pathlib import Path

import clip_case
import numpy as np
import pytest

from medvos.cine.cine import Cine
from medvos.cine.fractions import STEPS
from medvos.cine.read import open_clip, read
from medvos.cine.seed import read_seed
from medvos.cine.write import write_nifti
from medvos.errors import InputError
from medvos.measure.correction import FORMER
from medvos.report.read_results import read_result
from medvos.report.write_results import write_results
from medvos.result import Result
from medvos.structures import MVO
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job import tasks
from MedVOSSegmentLib.job.tasks import ObstructionTask, PreviousResult, PropagationTask, ProposalTask

PROVENANCE = {
    "model": "mvo",
    "weights_sha256": "ab",
    "terms": "for tests",
    "device": "cpu",
    "seconds": 1.0,
    "notice": "Mind.",
}


def test_the_arguments_name_what_is_in_the_folder(small_heart: SyntheticHeart, tmp_path: Path):
    arguments = PropagationTask(small_heart.cine, small_heart.labels, "cstm-research", "cpu").hand_over(tmp_path)
    assert arguments[:2] == ["propagate", "cine.nrrd"]
    options = dict(zip(arguments[2::2], arguments[3::2], strict=True))
    cine = read(tmp_path / arguments[1])
    np.testing.assert_array_equal(cine.array, small_heart.cine.array)
    np.testing.assert_array_equal(read_seed(tmp_path / options["--seed"], cine).labels, small_heart.labels)
    assert (options["--model"], options["--device"]) == ("cstm-research", "cpu")
    assert "--previous" not in options


def test_the_engine_knows_a_proposal_that_was_not_changed(small_heart: SyntheticHeart, tmp_path: Path):
    task = PropagationTask(small_heart.cine, small_heart.labels, proposals=("4711", "4712"))
    arguments = task.hand_over(tmp_path)
    given = [after for before, after in pairwise(arguments) if before == "--proposal"]
    assert given == ["4711", "4712"]


def test_the_engine_reads_the_previous_result_back(small_heart: SyntheticHeart, tmp_path: Path):
    rng = np.random.default_rng(0)
    scores = rng.random(small_heart.labels.shape[:2], np.float32)
    previous = PreviousResult(
        small_heart.labels,
        rng.random(small_heart.labels.shape, np.float32),
        scores,
        scores > 0.8,
        {"intervals": {"fitted_on": "a test", "LV": [1.0, 16.0, 0.3]}, FORMER: {"LVEF": [50.0, 60.0]}},
    )
    arguments = PropagationTask(small_heart.cine, small_heart.labels, previous=previous).hand_over(tmp_path)
    result = read_result(tmp_path / arguments[arguments.index("--previous") + 1], small_heart.cine)
    np.testing.assert_array_equal(result.labels, previous.labels)
    np.testing.assert_allclose(result.uncertainty, previous.uncertainty, atol=0.5 / STEPS + 1e-6)
    np.testing.assert_allclose(result.slice_scores, previous.slice_scores, atol=1e-6)
    np.testing.assert_array_equal(result.seeds, previous.seeds)
    assert {**previous.provenance}.items() <= result.provenance.items()


def test_a_clip_without_a_seed_is_handed_over_to_be_segmented(tmp_path: Path):
    clip = clip_case.clip()
    arguments = PropagationTask(clip, None, "echo-lv", "cpu").hand_over(tmp_path)
    assert arguments[:2] == ["segment", "cine.nrrd"] and "--seed" not in arguments and "--no-video" in arguments
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cine.nrrd"]
    received = open_clip(tmp_path / "cine.nrrd")
    np.testing.assert_array_equal(np.stack(list(received.steady())), clip.array[:, 0])
    assert received.white == 255 and not received.source.spacing_known
    grid = received.grid(clip.shape[0])
    np.testing.assert_allclose(grid.affine, clip.affine)
    np.testing.assert_allclose(grid.times, clip.times)
    assert grid.is_echo


def test_a_drawn_clip_is_a_clip_for_the_engine_too(tmp_path: Path):
    assert "--no-video" in PropagationTask(clip_case.clip(), clip_case.labels(), "tcmn", "cpu").hand_over(tmp_path)
    assert read(tmp_path / "cine.nrrd").is_echo


def test_a_stack_is_no_clip_for_the_engine(small_heart: SyntheticHeart, tmp_path: Path):
    PropagationTask(small_heart.cine, small_heart.labels).hand_over(tmp_path)
    assert not read(tmp_path / "cine.nrrd").is_echo
    with pytest.raises(InputError, match="not an ultrasound clip"):
        open_clip(tmp_path / "cine.nrrd")


def test_a_seed_on_another_grid_is_refused(small_cine: Cine):
    with pytest.raises(InputError, match="another grid"):
        PropagationTask(small_cine, np.zeros((2, 2, 2, 2), np.uint8))


def test_no_room_for_the_previous_result_is_an_error_of_the_system(
    small_heart: SyntheticHeart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tasks, "save", full)
    scores = np.zeros(small_heart.labels.shape[:2], np.float32)
    previous = PreviousResult(small_heart.labels, small_heart.labels.astype(np.float32), scores, scores > 0)
    with pytest.raises(OSError, match="No space left"):
        PropagationTask(small_heart.cine, small_heart.labels, previous=previous).hand_over(tmp_path)


def test_the_arguments_of_a_proposal_name_the_cine_and_the_place(small_heart: SyntheticHeart, tmp_path: Path):
    arguments = ProposalTask(small_heart.cine, 2, 3, "cstm-research", "cpu").hand_over(tmp_path)
    assert arguments[0] == "propose"
    np.testing.assert_array_equal(read(tmp_path / arguments[1]).array, small_heart.cine.array)
    options = dict(zip(arguments[2::2], arguments[3::2], strict=True))
    assert (options["--phase"], options["--slice"]) == ("2", "3")
    assert (options["--model"], options["--device"]) == ("cstm-research", "cpu")


def test_the_outcome_of_a_proposal_is_the_drawing_of_that_slice(small_heart: SyntheticHeart, tmp_path: Path):
    proposal = ProposalTask(small_heart.cine, 2, 3)
    arguments = proposal.hand_over(tmp_path)
    write_nifti(tmp_path / arguments[arguments.index("--out") + 1], small_heart.labels, small_heart.cine)
    labels = proposal.collect(tmp_path)
    np.testing.assert_array_equal(labels, small_heart.labels[2, 3])
    assert labels.dtype == np.uint8


@pytest.fixture
def result(small_heart: SyntheticHeart) -> Result:
    labels = small_heart.labels.copy()
    labels[0, 3][labels[0, 3] == 2] = MVO
    sure, scores = np.zeros(labels.shape, np.float32), np.zeros(labels.shape[:2], np.float32)
    return Result(small_heart.cine, labels, sure, scores, scores > 0, PROVENANCE, sure + np.float32(0.5))


def test_the_arguments_of_an_obstruction_name_the_cine_and_its_heart(small_heart: SyntheticHeart, tmp_path: Path):
    arguments = ObstructionTask(small_heart.cine, small_heart.labels, "mvo", "cpu").hand_over(tmp_path)
    assert arguments[0] == "segment"
    cine = read(tmp_path / arguments[1])
    options = dict(zip(arguments[2::2], arguments[3::2], strict=True))
    np.testing.assert_array_equal(read_seed(tmp_path / options["--myocardium"], cine).labels, small_heart.labels)
    assert (options["--model"], options["--device"], options["--progress"]) == ("mvo", "cpu", "json")


def test_its_outcome_is_the_mask_the_probability_and_the_notice(result: Result, tmp_path: Path):
    write_results(result, tmp_path / "out")
    found = ObstructionTask(result.cine, result.labels, "mvo").collect(tmp_path)
    np.testing.assert_array_equal(found.mask, result.labels == MVO)
    assert (found.probability == 0.5).all() and found.provenance == PROVENANCE and found.notice == "Mind."


def test_an_obstruction_without_a_notice_is_refused(result: Result, tmp_path: Path):
    write_results(result, tmp_path / "out")
    report = tmp_path / "out" / "report.json"
    document = json.loads(report.read_text(encoding="utf-8"))
    del document["provenance"]["notice"]
    report.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(KeyError):
        ObstructionTask(result.cine, result.labels, "mvo").collect(tmp_path)
