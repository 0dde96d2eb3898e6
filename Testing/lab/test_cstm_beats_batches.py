"""Batches of rollouts and their forward pass, on a hand-made beat."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from a_beat import ED, ES, PHASES, a_beat, a_beat_study
from tiny_network import TINY, a_network

from medvos.models.cstm.network import Entry, Memory
from medvos.structures import LV, MYO
from medvos_lab.cstm_beats import batches as beat_batches
from medvos_lab.cstm_beats.batches import RolloutBatches, make_rollout
from medvos_lab.cstm_beats.papillary import without_muscles
from medvos_lab.cstm_beats.rollout_model import MixedLoss, RolloutModel
from medvos_lab.cstm_beats.rollout_plan import along_the_stack, around_the_beat, sample_rollout
from medvos_lab.cstm_beats.studies import beat_studies
from medvos_lab.losses import masks_of


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


@pytest.mark.usefixtures("as_drawn")
def test_targets_between_ed_and_es_are_between_them(tmp_path):
    study = a_beat_study(tmp_path)
    chains = study.chain(ED, 2), study.chain(ES, 2)
    labels = study.labels(ED, 2), study.labels(ES, 2)
    areas = (study.interpolated(chains, labels, list(range(PHASES))) == LV).sum((1, 2))
    assert areas[ED] == (labels[0] == LV).sum() and areas[ES] == (labels[1] == LV).sum()
    assert (np.diff(areas[: ES + 1].astype(int)) <= 0).all()


def test_dark_parts_of_the_cavity_become_wall_in_every_frame_or_in_none():
    labels = np.full((2, 20, 20), LV, np.uint8)
    images = np.ones((2, 20, 20), np.float32)
    images[:, 5:9, 5:9] = 0
    drawn = without_muscles(images, labels, 0.5)
    assert drawn is not None and (drawn[:, 6, 6] == MYO).all() and (drawn[:, 15, 15] == LV).all()
    images[1] = 0
    assert without_muscles(images, labels, 0.5) is None


@pytest.mark.parametrize("plan", [around_the_beat(4, 1), along_the_stack(1, 1)])
def test_a_rollout_predicts_what_has_a_loss_and_learns_from_it(tmp_path, monkeypatch, plan):
    monkeypatch.setattr(beat_batches, "sample_plan", lambda _: plan)
    batch = RolloutBatches([a_beat_study(tmp_path)], 2, 64)(0)
    network = a_network(replace(TINY, motion=True))
    predictions = RolloutModel(network)(batch)
    assert sorted(predictions) == [frame for frame, step in enumerate(plan.steps, 1) if step.weight]
    loss = MixedLoss(network)(batch, 1.0)
    loss.backward()
    assert network.decoder.motion is not None
    assert all(c.weight.grad.abs().sum() > 0 for c in network.decoder.motion.out)
    assert network.value_encoder.stem.to8[0][0].weight.grad.abs().sum() > 0


def test_frames_before_the_truncation_are_the_engine_s_soft_predictions(tmp_path, monkeypatch):
    """The seed's slice of a rollout through every phase is one direction of the engine around the beat."""
    plan = around_the_beat(between=3, back=1)
    monkeypatch.setattr(beat_batches, "sample_plan", lambda _: plan)
    batch = RolloutBatches([a_beat_study(tmp_path)], 1, 64)(1)
    network = a_network(replace(TINY, motion=True)).eval()
    with torch.no_grad():
        found = RolloutModel(network)(batch)[4].logits
        frames = [network.encode_frame(batch.images[:, i]) for i in range(5)]
        seed = Entry.of(frames[0], network.encode_masks(frames[0], masks_of(batch.targets[:, 0], 3)))
        newest: list[Entry] = []
        for i in range(1, 5):
            logits = network.segment(frames[i], Memory.of([seed, *newest]), batch.seeded, batch.carried[:, i]).logits
            newest = [Entry.of(frames[i], network.encode_masks(frames[i], logits.softmax(1)[:, 1:]))]
    torch.testing.assert_close(found, logits, atol=1e-4, rtol=1e-4)


def test_a_crop_that_misses_the_heart_is_left_out(tmp_path):
    beat = a_beat()
    beside = replace(beat, corner=(1, 0, 40), frames=beat.frames[:, :, :20, :20])
    assert [study.beat is beat for study in beat_studies([beside, beat], tmp_path, TINY)] == [True]
