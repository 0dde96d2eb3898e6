from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from tiny_echo import some_pairs
from training_studies import a_cavity_study, a_study

from medvos_lab.tcmn import batches as module
from medvos_lab.tcmn.batches import TcmnBatches
from medvos_lab.tcmn.mix import USUAL


def batches(seed: int = 0, size: int = 4, leaps_from: int | None = None) -> TcmnBatches:
    velocities = np.zeros((6, 2, 14, 14), np.float16)
    studies = [a_study(source="synthetic"), a_cavity_study()]
    return TcmnBatches(some_pairs(6, 48), velocities, studies, size, 48, seed, leaps_from)


def test_a_batch_has_three_frames_and_says_which_slots_the_first_one_shows():
    for step in range(8):
        batch = batches()(step)
        slots = batch.seeded.shape[1]
        assert batch.images.shape == batch.targets.shape == (4, 3, 48, 48)
        assert slots in (1, 2) and batch.targets.max() <= slots
        assert batch.seeded[:, 0].any()
        for targets, seeded in zip(batch.targets, batch.seeded, strict=True):
            assert [bool((targets[0] == slot + 1).any()) for slot in range(slots)] == seeded.tolist()


def test_pictures_are_as_at_inference():
    images = batches()(0).images
    assert images.min() >= -2 and images.max() <= 2
    assert (images[:, 0].amax((1, 2)) == 2).all()


def test_the_lv_is_dark_under_its_mask(monkeypatch):
    monkeypatch.setattr(module, "USUAL", replace(USUAL, fractions=(1.0, 0.0, 0.0)))
    batch = batches()(1)
    for frames, targets in zip(batch.images.flatten(0, 1), batch.targets.flatten(0, 1), strict=True):
        inside = targets == 1
        assert frames[inside].mean() < frames[~inside & (frames > -2)].mean() - 0.3


def test_every_kind_of_sample_is_made(monkeypatch):
    for fractions in np.eye(3):
        monkeypatch.setattr(module, "USUAL", replace(USUAL, fractions=tuple(fractions)))
        batch = batches()(2)
        assert (batch.targets > 0).any() and batch.images.isfinite().all()


def test_a_batch_follows_from_seed_and_step_alone():
    assert torch.equal(batches()(3).images, batches()(3).images)
    assert not torch.equal(batches()(3).images, batches()(4).images)
    assert not torch.equal(batches()(3).images, batches(seed=1)(3).images)


def test_the_mix_changes_at_its_step_and_not_before():
    usual, late = batches(size=6), batches(size=6, leaps_from=5)
    assert torch.equal(usual(4).images, late(4).images)
    assert not all(torch.equal(usual(step).targets, late(step).targets) for step in range(5, 9))
