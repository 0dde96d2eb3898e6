"""A cine segmented without a drawing; in place of a network one that reads the labels off the picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_vivim import Reader, a_case_that_is_its_own_truth

from medvos.cine.cine import Source
from medvos.errors import InputError
from medvos.evaluate.metrics import dice
from medvos.models.store import ModelInfo
from medvos.segmentation import short_axis
from medvos.segmentation.short_axis import VivimInference, segment_heart

CPU = torch.device("cpu")
INFO = ModelInfo("reader", Path("reader.safetensors"), "0", "for tests", "", {}, network="vivim")


@pytest.fixture(autouse=True)
def a_network_that_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short_axis, "load_vivim", lambda *_: Reader())


@pytest.mark.parametrize("centre", [(80, 80), (50, 104), (110, 52)])
def test_the_heart_is_found_wherever_it_lies(centre):
    case = a_case_that_is_its_own_truth(centre)
    result = segment_heart(case.cine, INFO, "cpu")
    for label in (1, 2, 3):
        assert dice(result.labels == label, case.labels == label) > 0.97
    assert not result.labels[:, 5].any() and not result.seeds.any()
    assert result.uncertainty.shape == case.labels.shape
    assert result.slice_scores.shape == (4, 6)


def test_a_single_slice_is_enough():
    case = a_case_that_is_its_own_truth()
    cine = replace(case.cine, array=case.cine.array[:, 2:3])
    assert dice(segment_heart(cine, INFO, "cpu").labels > 0, case.labels[:, 2:3] > 0) > 0.97


def test_the_network_looks_again_round_what_it_found():
    case = a_case_that_is_its_own_truth((50, 104))
    region = VivimInference.of(case.cine, Reader(), CPU).region
    rows, cols = np.nonzero(case.labels.any((0, 1)))
    assert abs(region.y + region.height / 2 - (rows.min() + rows.max()) / 2) < 4
    assert abs(region.x + region.width / 2 - (cols.min() + cols.max()) / 2) < 4


def test_progress_is_told_and_can_stop_the_work():
    told = []
    cine = a_case_that_is_its_own_truth().cine
    segment_heart(cine, INFO, "cpu", told.append)
    assert [one.done for one in told] == [4, 8, 12, 16, 20, 24] and told[-1].total == 24

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        segment_heart(cine, INFO, "cpu", stop)


def test_what_shows_no_heart_is_refused():
    cine = a_case_that_is_its_own_truth().cine
    with pytest.raises(InputError, match="No heart"):
        segment_heart(replace(cine, array=np.zeros_like(cine.array)), INFO, "cpu")
    with pytest.raises(InputError, match="one phase"):
        segment_heart(replace(cine, array=cine.array[:1], times=cine.times[:1]), INFO, "cpu")
    with pytest.raises(InputError, match="spacing"):
        segment_heart(replace(cine, affine=np.diag([0.01, 0.01, 8.0, 1.0])), INFO, "cpu")


def test_a_clip_is_refused_with_the_model_that_it_needs():
    cine = a_case_that_is_its_own_truth().cine
    with pytest.raises(InputError, match="echo-lv"):
        segment_heart(replace(cine, array=cine.array[:, :1], source=Source(kind="video")), INFO, "cpu")
