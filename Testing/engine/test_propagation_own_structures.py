"""Structures of the reader's own in a cine: carried by motion where the network loses them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_network import a_cine, a_network, a_seed, store_network

from medvos.cine.seed import Seed
from medvos.models.store import resolve
from medvos.propagation.propagate import propagate
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
