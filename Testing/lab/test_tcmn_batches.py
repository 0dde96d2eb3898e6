from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from a_beat import a_beat
from tiny_echo import some_pairs
from training_studies import a_cavity_study, a_study

from medvos.structures import LA, LV, MYO
from medvos_lab.motion.pair_clips import PairSource
from medvos_lab.tcmn import batches as module
from medvos_lab.tcmn.batches import FollowedPairs, TcmnBatches, TcmnSources
from medvos_lab.tcmn.mix import KINDS, USUAL, Mix

STILL = np.zeros((6, 2, 14, 14), np.float16)


def sources() -> TcmnSources:
    pairs = {
        "echonet": FollowedPairs(PairSource(some_pairs(6, 48), STILL), (LV,)),
        "camus": FollowedPairs(PairSource(some_pairs(6, 48, every=True), STILL), (LV, MYO, LA)),
    }
    return TcmnSources(pairs, [a_study(source="synthetic"), a_cavity_study()], [a_beat()])


def batches(seed: int = 0, size: int = 4, leaps_from: int | None = None) -> TcmnBatches:
    return TcmnBatches(sources(), size, 48, seed, leaps_from)


def only(kind: str, **changes: float) -> Mix:
    return replace(USUAL, fractions={each: float(each == kind) for each in KINDS}, **changes)


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
    monkeypatch.setattr(module, "USUAL", only("echonet", sectors=0.0))
    batch = batches()(1)
    for frames, targets in zip(batch.images.flatten(0, 1), batch.targets.flatten(0, 1), strict=True):
        inside = targets == 1
        assert frames[inside].mean() < frames[~inside & (frames > -2)].mean() - 0.3


def test_every_kind_of_sample_is_made(monkeypatch):
    for kind in KINDS:
        monkeypatch.setattr(module, "USUAL", only(kind))
        batch = batches()(2)
        assert (batch.targets > 0).any() and batch.images.isfinite().all()
        assert batch.judged.all() or kind == "beats"


@pytest.mark.parametrize(
    ("structures", "least", "most"), [((LV,), 1.0, 1.0), ((MYO,), 0.0, 0.2), ((LV, MYO, LA), 0.2, 0.7)]
)
def test_structures_of_a_vendor_are_followed_and_none_that_is_left_out(structures, least, most, monkeypatch):
    """The LV is dark, its wall and the atrium are about as bright as what surrounds them."""
    monkeypatch.setattr(module, "USUAL", only("camus", two_structures=0.0, halves=0.0, sectors=0.0))
    camus = FollowedPairs(sources().pairs["camus"].source, structures)
    made = [TcmnBatches(TcmnSources({"camus": camus}), 4, 48)(step) for step in range(6)]
    seen = [
        (image[target == 1].mean() < image[(target == 0) & (image > -2)].mean() - 0.3).item()
        for batch in made
        for image, target in zip(batch.images[:, 0], batch.targets[:, 0], strict=True)
        if (target == 1).any()
    ]
    assert least <= np.mean(seen) <= most


def test_the_frames_between_the_ends_of_a_beat_are_real_and_not_judged(monkeypatch):
    monkeypatch.setattr(module, "USUAL", only("beats", at_once=0.0))
    batch = batches()(0)
    assert batch.judged.tolist() == [[True, False, True]] * 4
    monkeypatch.setattr(module, "USUAL", only("beats", at_once=1.0))
    assert batches()(0).judged.all()


def test_a_batch_follows_from_seed_and_step_alone():
    assert torch.equal(batches()(3).images, batches()(3).images)
    assert not torch.equal(batches()(3).images, batches()(4).images)
    assert not torch.equal(batches()(3).images, batches(seed=1)(3).images)


def test_the_mix_changes_at_its_step_and_not_before():
    usual, late = batches(size=6), batches(size=6, leaps_from=5)
    assert torch.equal(usual(4).images, late(4).images)
    assert not all(torch.equal(usual(step).targets, late(step).targets) for step in range(5, 9))
