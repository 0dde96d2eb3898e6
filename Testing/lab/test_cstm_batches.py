"""Batches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from training_studies import a_cavity_study, a_study

from medvos.structures import LV
from medvos_lab.cstm import batches as module
from medvos_lab.cstm.batches import TripletBatch, TripletBatches
from medvos_lab.studies import Study, ejection_fraction, study_weights


def batches(*studies, group: int = 3, seed: int = 0, size: int = 3) -> TripletBatches:
    return TripletBatches(list(studies), size, 48, group, seed)


def same(a: TripletBatch, b: TripletBatch) -> bool:
    return all(torch.equal(x, y) for x, y in ((a.images, b.images), (a.targets, b.targets), (a.seeded, b.seeded)))


def test_a_batch_depends_on_its_step_and_the_seed_alone():
    stream = batches(a_study(), a_cavity_study())
    first = stream(7)
    stream(8)
    torch.rand(3)
    assert same(stream(7), first)
    assert same(batches(a_study(), a_cavity_study())(7), first)
    assert not same(stream(8), first)
    assert not same(batches(a_study(), a_cavity_study(), seed=1)(7), first)


def test_shapes_and_greys_are_those_of_inference():
    batch = batches(a_study())(0)
    assert batch.images.shape == (3, 3, 3, 48, 48)
    assert batch.targets.shape == (3, 3, 48, 48)
    assert batch.seeded.shape == (3, 3)
    assert batch.targets.dtype == torch.int64
    assert -2 <= batch.images.min() <= batch.images.max() <= 2


def test_targets_carry_the_slot_of_their_structure(monkeypatch):
    stream = batches(a_study())
    monkeypatch.setattr(module, "assign_slots", lambda seen, *_: {label: label - 1 for label in seen})
    own = stream(0)
    monkeypatch.setattr(module, "assign_slots", lambda seen, *_: {label: 3 - label for label in seen})
    exchanged = stream(0)
    assert own.targets.any()
    assert torch.equal(exchanged.seeded, own.seeded.flip(1))
    assert torch.equal(exchanged.targets, torch.where(own.targets > 0, 4 - own.targets, 0))


@pytest.mark.parametrize("group", [1, 3])
def test_every_target_is_seeded_and_every_seeded_structure_is_on_the_seed(group):
    stream = batches(a_study(), a_cavity_study(), group=group)
    for step in range(12):
        batch = stream(step)
        for targets, seeded in zip(batch.targets, batch.seeded, strict=True):
            asked = {int(slot) + 1 for slot in seeded.nonzero()}
            assert asked
            assert set(targets[0].unique().tolist()) - {0} == asked
            assert set(targets.unique().tolist()) - {0} == asked


def test_a_cavity_study_never_teaches_where_other_structures_are():
    study = a_cavity_study()
    study.labels[study.labels == 0] = 2  # as if someone had written what nobody drew
    stream = batches(replace(study), size=6)
    for step in range(10):
        batch = stream(step)
        assert (batch.seeded.sum(1) == 1).all()
        assert (batch.seeded[:, LV - 1].float().mean() > 0.4) or batch.seeded.shape[1] > 3


def test_sources_are_drawn_by_their_shares():
    stream = batches(a_study(), a_cavity_study(), size=1)
    assert set(stream.by_source) == {"acdc", "sunnybrook"}
    full = sum(int(stream(step).seeded.sum()) > 1 for step in range(40))
    assert full > 20


def test_now_and_then_structures_are_spread_over_two_groups():
    stream = batches(a_study(), size=1)
    widths = {stream(step).seeded.shape[1] for step in range(80)}
    assert widths == {3, 6}


def test_hearts_that_all_but_empty_themselves_are_drawn_more_often():
    calm = a_study()
    vigorous = replace(
        calm, labels=np.where((calm.phases == 1)[:, None, None] & (calm.slices > 0)[:, None, None], 0, calm.labels)
    )
    assert ejection_fraction(calm) == 0
    assert ejection_fraction(vigorous) > 0.65
    weights = study_weights([calm, vigorous])
    assert weights.sum() == pytest.approx(1)
    assert weights[1] > 2 * weights[0]


def test_slices_that_were_not_drawn_in_every_phase_say_nothing_of_ejection():
    study = a_cavity_study()
    kept = (study.phases == 0) | (study.slices == 4)
    parts = [getattr(study, name)[kept] for name in ("images", "labels", "phases", "slices")]
    assert ejection_fraction(Study(*parts, (LV,), 1.0, "sunnybrook")) == 0
