"""Batches of rollouts, on a hand-made beat."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from a_beat import ED, a_beat_study

from medvos.structures import LV
from medvos_lab.cstm_beats import batches as beat_batches
from medvos_lab.cstm_beats.batches import RolloutBatches, make_rollout
from medvos_lab.cstm_beats.rollout_plan import around_the_beat, sample_rollout


def test_a_batch_is_the_same_each_time_its_step_is_asked_for(tmp_path):
    batches = RolloutBatches([a_beat_study(tmp_path)], 2, 64)
    first, again, other = batches(3), batches(3), batches(4)
    torch.testing.assert_close(first.images, again.images)
    torch.testing.assert_close(first.carried, again.carried)
    assert first.plan == again.plan
    assert first.images.shape != other.images.shape or not torch.equal(first.images, other.images)
    assert first.images.shape[:3] == (2, len(first.plan.places), 3)
    assert first.carried.shape[1:3] == (len(first.plan.places), 4)


@pytest.fixture
def as_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No change of style or transform, and motion always."""
    monkeypatch.setattr(beat_batches, "WITHOUT_MUSCLES", 0.0)
    monkeypatch.setattr(beat_batches, "WITHOUT_MOTION", 0.0)
    monkeypatch.setattr(beat_batches, "vary_style", lambda labels, *_: labels)
    monkeypatch.setattr(beat_batches, "affine", lambda *_, **__: np.eye(2))
    monkeypatch.setattr(beat_batches, "displacement", lambda side, _: torch.zeros(side, side, 2))


@pytest.mark.usefixtures("as_drawn")
def test_carried_masks_follow_the_wall(tmp_path):
    study = a_beat_study(tmp_path)
    plan = around_the_beat(between=2, back=1)
    rollout = sample_rollout(study, plan, np.random.default_rng(0))
    assert rollout is not None and rollout.phases[0] == ED
    _, labels, carried = make_rollout(rollout, plan, 64, np.random.default_rng(1))
    truth = (labels == LV).sum((1, 2)).float()
    areas = carried[:, LV - 1].sum((1, 2))
    assert truth[3] < 0.6 * truth[0]
    assert areas[3].item() == pytest.approx(truth[3].item(), rel=0.35)
    assert not carried[0].any() and not carried[4:].any()  # the seed itself, and the return
