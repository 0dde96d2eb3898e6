"""Structures of the reader's own in a cine: carried by motion where the network loses them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_network import a_cine, a_network, a_seed, store_network

from medvos.cine.seed import Seed
from medvos.models.store import resolve
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.own_structures import WEIGHT, carried_sentences, carried_where_lost
from medvos.propagation.propagate import propagate
from medvos.propagation.region import Region
from medvos.propagation.slice_motion import SliceMotion
from medvos.propagation.slice_result import SliceResult
from medvos.structures import LV

OWN = 7


@pytest.fixture(autouse=True)
def a_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.getbasetemp() / "own_structures"
    if not folder.exists():
        store_network(folder, a_network())
    monkeypatch.setenv("MEDVOS_MODELS", str(folder))


def still_cine():
    """A cine that does not move."""
    cine = a_cine()
    return type(cine)(np.repeat(cine.array[:1], len(cine.array), 0), cine.affine, cine.times, cine.period)


def seed_with_own(cine, *phases: int) -> Seed:
    seed = a_seed(cine, *((phase, 1) for phase in phases))
    for phase in phases:
        seed.labels[phase, 1, -9:-3, -9:-3] = OWN
    return seed


@pytest.fixture
def loses_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network never finds the structure: its probability is next to nothing."""
    from medvos.propagation import memory_fallback as module

    whole = module.in_style

    def without(result, *rest):
        result = whole(result, *rest)
        probabilities = result.probabilities.clone()
        probabilities[:, 0] += probabilities[:, 4]
        probabilities[:, 4] = 0
        return type(result)(result.z, probabilities, result.spread, result.presence)

    monkeypatch.setattr(module, "in_style", without)


def test_it_stays_where_the_images_stand_still_and_the_result_says_so(loses_own):
    cine = still_cine()
    seed = seed_with_own(cine, 0)
    result = propagate(cine, seed, model="tiny", device="cpu")
    for labels in result.labels[:, 1]:
        assert (labels == OWN)[-9:-3, -9:-3].mean() > 0.9
    assert not (result.labels[:, [0, 2]] == OWN).any()
    (doubt,) = result.provenance["doubts"]
    assert doubt.startswith("The network does not know structure 7 as it was drawn in slice 2")
    assert result.provenance["carried"] == {"1": [OWN]}
    assert np.isfinite(result.uncertainty).all() and result.uncertainty.max() <= 1


def test_probabilities_still_add_up_to_one(loses_own, monkeypatch: pytest.MonkeyPatch):
    from medvos.propagation import propagate as module

    seen = []
    whole = module.assemble
    monkeypatch.setattr(module, "assemble", lambda *given: (seen.extend(given[2]), whole(*given))[1])
    cine = still_cine()
    propagate(cine, seed_with_own(cine, 0), model="tiny", device="cpu")
    for result in seen:
        assert torch.allclose(result.probabilities.sum(1), torch.ones(()), atol=1e-4)
        assert result.probabilities.min() >= 0


def test_what_a_certain_network_gives_up_goes_to_the_background(monkeypatch: pytest.MonkeyPatch):
    """The structure is found everywhere at one phase, and lost at the others."""
    from medvos.propagation import memory_fallback
    from medvos.propagation import propagate as module

    def sure(result, *_):
        probabilities = torch.zeros_like(result.probabilities)
        probabilities[:, 0] = 1
        probabilities[1, [0, 4]] = torch.tensor([0.0, 1.0])[:, None, None]
        return type(result)(result.z, probabilities, result.spread, result.presence)

    seen = []
    whole = module.assemble
    monkeypatch.setattr(memory_fallback, "in_style", sure)
    monkeypatch.setattr(module, "assemble", lambda *given: (seen.extend(given[2]), whole(*given))[1])
    cine = still_cine()
    result = propagate(cine, seed_with_own(cine, 0), model="tiny", device="cpu")
    assert result.provenance["carried"] == {"1": [OWN]}
    assert torch.allclose(seen[1].probabilities.sum(1), torch.ones(()), atol=1e-4)
    assert not (result.labels[1, 1, :40, :40] == OWN).any() and (result.labels[1, 1, -8:-4, -8:-4] == OWN).all()


def test_a_correction_elsewhere_keeps_what_was_said(loses_own):
    cine = still_cine()
    first = propagate(cine, seed_with_own(cine, 0), model="tiny", device="cpu")
    labels, drawn = first.labels.copy(), first.seeds.copy()
    drawn[2, 3] = True
    labels[2, 3, :6, :6] = LV
    second = propagate(cine, Seed(labels * drawn[..., None, None], drawn), model="tiny", device="cpu", previous=first)
    assert any("structure 7 as it was drawn in slice 2" in doubt for doubt in second.provenance["doubts"])


def test_the_three_structures_of_the_heart_are_never_carried(monkeypatch: pytest.MonkeyPatch):
    assert resolve("tiny", "cstm")
    cine = still_cine()
    result = propagate(cine, a_seed(cine, (0, 1)), model="tiny", device="cpu")
    assert "carried" not in result.provenance


def test_a_correction_of_the_slice_itself_takes_back_what_was_said(loses_own):
    cine = still_cine()
    seed = seed_with_own(cine, 0)
    seed.labels[0, 3, -9:-3, -9:-3] = OWN
    seed = Seed(seed.labels, seed.labels.any((2, 3)))
    first = propagate(cine, seed, model="tiny", device="cpu")
    assert set(first.provenance["carried"]) == {"1", "3"}
    labels, drawn = first.labels.copy(), first.seeds.copy()
    drawn[:, 3] = True
    labels[:, 3, -9:-3, -9:-3] = OWN
    labels[1:, 3, :4, :4] = LV
    second = propagate(cine, Seed(labels * drawn[..., None, None], drawn), model="tiny", device="cpu", previous=first)
    assert second.provenance["carried"] == {"1": [OWN]}
    assert not any("slice 4" in doubt for doubt in second.provenance["doubts"])


def still_slice(phases: int, *at: tuple[int, int | None]) -> tuple[SliceResult, PropagationInputs, SliceMotion]:
    """One slice that stands still, half background and half LV; drawn at phases ``at``, with OWN from these columns."""
    side = 16
    frames = torch.rand(side, side, generator=torch.Generator().manual_seed(0)).expand(phases, 1, side, side)
    masks, drawn = torch.zeros(phases, 1, 4, side, side), np.zeros((phases, 1), bool)
    for phase, column in at:
        drawn[phase] = True
        masks[phase, 0, 2, 12:] = 1
        if column is not None:
            masks[phase, 0, 3, :8, column : column + 4] = 1
    probabilities = torch.zeros(phases, 5, side, side)
    probabilities[:, [0, 3]] = 0.5
    numbers = np.array([0, 1, 2, 3, OWN], np.uint8)
    inputs = PropagationInputs(Region(0, 0, side, side, side), frames, masks, drawn, (at[0][0], 0), numbers)
    result = SliceResult(0, probabilities, torch.zeros(phases, side, side), torch.zeros(phases, 4))
    return result, inputs, SliceMotion(frames)


def test_each_phase_gets_the_nearest_drawing_that_has_it_round_the_beat():
    kept, labels = carried_where_lost(*still_slice(10, (1, 0), (3, None), (6, 8)))
    assert labels == (OWN,)
    is_left = [bool(own[4, 2] > own[4, 10]) for own in kept.probabilities[:, 4]]
    assert is_left == [True, True, True, True, False, False, False, False, False, True]


def test_it_takes_from_all_others_alike_and_is_said_to_be_there():
    result, inputs, motion = still_slice(8, (0, 4))
    kept, _ = carried_where_lost(result, inputs, motion)
    inside = kept.probabilities[5, :, 4, 6]
    assert inside[4] == pytest.approx(WEIGHT) and inside[0] == inside[3] == pytest.approx((1 - WEIGHT) / 2)
    torch.testing.assert_close(kept.probabilities[:, :, 10], result.probabilities[:, :, 10])
    assert (kept.presence[:, 3] >= WEIGHT).all() and not kept.presence[:, :3].any()
    assert not result.probabilities[:, 4].any() and not result.presence.any()  # what was given is as it was


def test_one_sentence_names_all_slices_of_a_structure():
    several, single = carried_sentences({4: [7], 1: [7, 9], 3: [7]})
    assert "structure 7 as it was drawn in slices 2, 4 and 5: " in several and "these slices alone" in several
    assert "structure 9 as it was drawn in slice 2: " in single and "this slice alone" in single


def test_what_the_network_takes_for_an_unknown_structure_in_other_slices_is_removed(monkeypatch: pytest.MonkeyPatch):
    """It loses the drawing, and finds it in a slice where nothing is drawn."""
    from medvos.propagation import memory_fallback as module

    whole = module.in_style

    def elsewhere(result, *rest):
        result = whole(result, *rest)
        probabilities = result.probabilities.clone()
        probabilities[:, 0] += probabilities[:, 4]
        probabilities[:, 4] = 0
        if result.z == 2:
            probabilities[:, :, :20] = 0
            probabilities[:, 4, :20] = 1
        return type(result)(result.z, probabilities, result.spread, result.presence)

    monkeypatch.setattr(module, "in_style", elsewhere)
    cine = still_cine()
    result = propagate(cine, seed_with_own(cine, 0), model="tiny", device="cpu")
    assert (result.labels[:, 1] == OWN).any() and not (result.labels[:, 2] == OWN).any()
    assert np.isfinite(result.uncertainty).all()
