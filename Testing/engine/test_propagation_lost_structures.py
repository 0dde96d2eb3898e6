"""Drawn structures that vanish."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_network import a_cine, a_network, a_seed, store_network

from medvos.propagation import propagate as module
from medvos.propagation.lost_structures import lost_in_slices, lost_structures
from medvos.propagation.propagate import propagate
from medvos.structures import LA, LV


def test_a_structure_that_the_network_does_not_follow_is_said():
    labels, drawn = np.zeros((8, 20, 20), np.uint8), np.zeros(8, bool)
    labels[:, 2:8, 2:8] = LV
    labels[:3, 12:18, 12:18] = LA
    drawn[0] = True
    assert lost_structures(labels, drawn) == [
        "LA was drawn but is lost in 5 of 8 frames: draw it in more frames, or do not use its numbers."
    ]
    labels[:7, 12:18, 12:18] = LA
    assert lost_structures(labels, drawn) == []


def test_in_a_cine_only_structures_beside_the_heart_s_three_are_judged_in_their_slice():
    labels, drawn = np.zeros((8, 3, 20, 20), np.uint8), np.zeros((8, 3), bool)
    drawn[0, 1] = True
    labels[0, 1, 2:8, 2:8] = LV
    labels[:2, 1, 12:18, 12:18] = 7
    labels[:, 1, 2:6, 12:16] = 8
    (sentence,) = lost_in_slices(labels, drawn)
    assert sentence.startswith("Slice 2: structure 7 was drawn but is lost in 6 of 8 phases: draw it in more phases")


def test_a_structure_of_the_reader_s_own_that_is_lost_is_a_doubt_of_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    store_network(tmp_path, a_network())
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    cine = a_cine()
    seed = a_seed(cine, (0, 1))
    seed.labels[0, 1, :4, :4] = 7
    whole = module.assemble

    def loses(*given):
        maps = whole(*given)
        maps.labels[1:][maps.labels[1:] == 7] = 0
        return maps

    monkeypatch.setattr(module, "assemble", loses)
    result = propagate(cine, seed, model="tiny", device="cpu")
    assert result.provenance["doubts"][-1].startswith("Slice 2: structure 7 was drawn but is lost in ")
