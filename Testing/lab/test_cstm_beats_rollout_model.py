"""The forward pass of a rollout, in the order of propagation."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from a_beat import a_beat_study
from tiny_network import TINY, a_network

from medvos.models.cstm.network import Entry, Memory
from medvos_lab.cstm_beats import batches as beat_batches
from medvos_lab.cstm_beats.batches import RolloutBatches
from medvos_lab.cstm_beats.rollout_model import MixedLoss, RolloutModel, mixed_loss
from medvos_lab.cstm_beats.rollout_plan import along_the_stack, around_the_beat
from medvos_lab.losses import masks_of


@pytest.mark.parametrize("plan", [around_the_beat(4, 1), along_the_stack(1, 1)])
def test_a_rollout_predicts_what_has_a_loss_and_learns_from_it(tmp_path, monkeypatch, plan):
    monkeypatch.setattr(beat_batches, "sample_plan", lambda _: plan)
    batch = RolloutBatches([a_beat_study(tmp_path)], 2, 64)(0)
    network = a_network(replace(TINY, motion=True))
    predictions = RolloutModel(network)(batch)
    assert sorted(predictions) == [frame for frame, step in enumerate(plan.steps, 1) if step.weight]
    loss = mixed_loss(MixedLoss(network), batch)
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


@pytest.mark.parametrize("plan", [around_the_beat(4, 1), along_the_stack(1, 1)])
def test_a_decoder_that_learns_alone_has_no_gradients_through_the_memory(tmp_path, monkeypatch, plan):
    monkeypatch.setattr(beat_batches, "sample_plan", lambda _: plan)
    network = a_network(replace(TINY, motion=True))
    for encoder in (network.key_encoder, network.value_encoder):
        encoder.requires_grad_(False)
    model = MixedLoss(network).train()
    assert not network.key_encoder.training
    assert not network.value_encoder.training
    assert network.decoder.training
    written = []
    encode_masks = network.encode_masks
    monkeypatch.setattr(network, "encode_masks", lambda f, m: written.append(m) or encode_masks(f, m))
    mixed_loss(model, RolloutBatches([a_beat_study(tmp_path)], 2, 64)(0)).backward()
    assert len(written) > 1
    assert not any(masks.requires_grad for masks in written)
    assert network.decoder.logits.weight.grad.abs().sum() > 0
