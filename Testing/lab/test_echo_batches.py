from __future__ import annotations

import numpy as np
import torch
from tiny_echo import a_film, some_pairs

from medvos.structures import LA, LV, MYO
from medvos_lab.echo.batches import EchoBatches
from medvos_lab.motion.pair_clips import PairSource


def batches(seed: int = 0, k: int = 3) -> EchoBatches:
    still = np.zeros((6, 2, 14, 14), np.float16)
    sources = [(PairSource(some_pairs(6), still), 3), (PairSource(some_pairs(6, every=True), still), 2)]
    return EchoBatches(sources, (LV, MYO, LA), [a_film()], k, 2, 48, 0.5, seed)


def test_a_batch_has_labelled_clips_and_two_views_of_unlabelled_ones():
    batch = batches()(0)
    assert batch.clips.shape == (5, 3, 48, 48) and batch.masks.shape == (5, 3, 48, 48)
    assert batch.unlabelled.shape == (2, 2, 3, 48, 48)
    assert batch.masks[:, 0].any((1, 2)).all()


def test_each_source_says_which_structures_it_draws():
    batch = batches()(0)
    assert batch.known.tolist() == [[True, False, False]] * 3 + [[True, True, True]] * 2
    assert not batch.masks[~batch.known].any()
    assert all(batches()(step).masks[3:, 1].any() for step in range(3))


def test_nothing_is_drawn_where_nothing_is_seen():
    for step in range(12):
        batch = batches()(step)
        assert not batch.clips[:, 1][batch.masks[:, 0]].eq(0).all()
        black = (batch.clips == 0).all(1)[:, None] & batch.masks
        # A dark LV can be below the reject level, a grey wall cannot.
        assert black[:, 1:].sum() <= 0.02 * max(batch.masks[:, 1:].sum(), 1)


def test_student_and_teacher_see_the_same_place_in_different_grey():
    student, teacher = batches()(0).unlabelled
    assert not torch.allclose(student, teacher)
    for for_student, for_teacher in zip(student, teacher, strict=True):
        assert torch.corrcoef(torch.stack([for_student.flatten(), for_teacher.flatten()]))[0, 1] > 0.6


def test_the_lv_is_dark_under_its_mask():
    batch = batches()(1)
    middle = batch.clips[:, 1]
    for frame, mask in zip(middle, batch.masks[:, 0], strict=True):
        assert frame[mask].mean() < 0.6 * frame[~mask & (frame > 0)].mean()


def test_a_batch_follows_from_seed_and_step_alone():
    assert torch.equal(batches()(3).clips, batches()(3).clips)
    assert not torch.equal(batches()(3).clips, batches()(4).clips)
    assert not torch.equal(batches()(3).clips, batches(seed=1)(3).clips)


def test_single_frames_can_be_asked_for():
    batch = batches(k=1)(0)
    assert batch.clips.shape == (5, 1, 48, 48) and batch.unlabelled.shape == (2, 2, 1, 48, 48)
