from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from medvos.cine.read import read
from medvos.cine.seed import read_seed
from medvos.report.write_results import write_results
from medvos.result import Result
from medvos.structures import MVO
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.obstruction import ObstructionRequest

TOLD = {
    "model": "mvo",
    "weights_sha256": "ab",
    "terms": "for tests",
    "device": "cpu",
    "seconds": 1.0,
    "notice": "Mind.",
}


@pytest.fixture
def result(small_heart: SyntheticHeart) -> Result:
    labels = small_heart.labels.copy()
    labels[0, 3][labels[0, 3] == 2] = MVO
    sure, scores = np.zeros(labels.shape, np.float32), np.zeros(labels.shape[:2], np.float32)
    return Result(small_heart.cine, labels, sure, scores, scores > 0, TOLD, sure + np.float32(0.5))


def test_the_arguments_name_the_cine_and_its_heart(small_heart: SyntheticHeart, tmp_path: Path):
    arguments = ObstructionRequest(small_heart.cine, small_heart.labels, "mvo", "cpu").hand_over(tmp_path)
    assert arguments[0] == "segment"
    cine = read(tmp_path / arguments[1])
    options = dict(zip(arguments[2::2], arguments[3::2], strict=True))
    np.testing.assert_array_equal(read_seed(tmp_path / options["--myocardium"], cine).labels, small_heart.labels)
    assert (options["--model"], options["--device"], options["--progress"]) == ("mvo", "cpu", "json")


def test_the_outcome_is_where_it_was_found_its_chance_and_its_notice(result: Result, tmp_path: Path):
    write_results(result, tmp_path / "out")
    found = ObstructionRequest(result.cine, result.labels, "mvo").collect(tmp_path)
    np.testing.assert_array_equal(found.mask, result.labels == MVO)
    assert (found.probability == 0.5).all() and found.provenance == TOLD and found.notice == "Mind."


def test_a_result_that_says_no_notice_is_none(result: Result, tmp_path: Path):
    write_results(result, tmp_path / "out")
    report = tmp_path / "out" / "report.json"
    document = json.loads(report.read_text(encoding="utf-8"))
    del document["provenance"]["notice"]
    report.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(KeyError):
        ObstructionRequest(result.cine, result.labels, "mvo").collect(tmp_path)
