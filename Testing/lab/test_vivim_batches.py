"""Batches of clips."""

from __future__ import annotations

import pytest
import torch
from training_studies import a_cavity_study, a_study

from medvos_lab.vivim import batches
from medvos_lab.vivim.batches import VivimBatches
from medvos_lab.vivim.heart_studies import load_hearts

SIDE = 64


@pytest.fixture
def stream(tmp_path) -> VivimBatches:
    studies = [a_study(), a_study(phases=6, source="synthetic"), a_cavity_study()]
    return VivimBatches(load_hearts(studies, tmp_path), 12, SIDE)


def test_a_batch_has_about_the_same_number_of_frames_whatever_their_clips(stream):
    lengths = set()
    for step in range(12):
        batch = stream(step)
        b, t = batch.targets.shape[:2]
        lengths.add(t)
        assert batch.clips.shape == (b, t, 3, SIDE, SIDE)
        assert 10 <= b * t <= 12
    assert lengths == set(batches.LENGTHS)


def test_a_step_always_has_the_same_batch(stream):
    first, again, next_one = stream(3), stream(3), stream(4)
    assert torch.equal(first.clips, again.clips) and torch.equal(first.targets, again.targets)
    assert first.clips.shape != next_one.clips.shape or not torch.equal(first.clips, next_one.clips)


def test_what_was_not_drawn_is_said_to_be_unknown(stream, monkeypatch):
    monkeypatch.setattr(batches, "FRACTIONS", {"acdc": 0.0, "sunnybrook": 1.0, "synthetic": 0.0})
    assert stream(0).known.tolist() == [[True, False, False, True]] * len(stream(0).known)
    monkeypatch.setattr(batches, "FRACTIONS", {"acdc": 1.0, "sunnybrook": 0.0, "synthetic": 0.0})
    assert stream(0).known.all()
