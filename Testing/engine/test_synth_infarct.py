"""Simulated infarcts, and what they do to one slice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_mvo import a_core, a_ring

from medvos.synth.infarct import Infarct
from medvos.synth.infarct_slice import infarct_slice
from medvos.wall_ring import ring_of

RING = ring_of(a_ring(96, 20, 10), (1.1, 1.1))
PLAIN = Infarct(
    territory="LAD",
    shift=0.0,
    half_width=np.deg2rad(60),
    level=0.5,
    half_length=0.4,
    transmurality=1.0,
    severity=1.0,
    border=1.2,
    stunning=0.2,
    oedema=0.1,
    haemorrhage=0.2,
    core=a_core(),
    roughness=np.zeros(5),
)


def test_the_same_chance_gives_the_same_infarct():
    one, same = (Infarct.random(np.random.default_rng(3), [a_core()]) for _ in range(2))
    assert one.half_width == same.half_width and (one.core == same.core).all()
    assert Infarct.random(np.random.default_rng(3), []).core is None


@pytest.mark.parametrize(("territory", "degrees"), [("LAD", 52), ("RCA", -75), ("LCX", 170)])
def test_an_artery_supplies_its_own_part_of_the_ring(territory, degrees):
    found = infarct_slice(replace(PLAIN, territory=territory), RING, 0.5)
    middle = np.angle(np.exp(1j * RING.angle[found.infarct]).mean())
    assert np.rad2deg(np.angle(np.exp(1j * (middle - np.deg2rad(degrees))))) == pytest.approx(0, abs=6)


def test_dead_wall_lies_in_the_wall_and_the_core_in_dead_wall():
    found = infarct_slice(PLAIN, RING, 0.5)
    assert found.core.any()
    assert not (found.infarct & ~RING.wall).any() and not (found.core & ~found.infarct).any()


def test_a_wave_front_starts_at_the_endocardium():
    shallow = infarct_slice(replace(PLAIN, transmurality=0.4, core=None), RING, 0.5)
    assert shallow.infarct.any() and RING.depth[shallow.infarct].max() <= 0.4
    assert shallow.infarct.sum() < infarct_slice(PLAIN, RING, 0.5).infarct.sum()


def test_deeper_infarcts_move_less():
    lost = [
        infarct_slice(replace(PLAIN, transmurality=t), RING, 0.5).lost[RING.wall].mean() for t in (0.1, 0.3, 0.5, 0.7)
    ]
    assert lost[0] < lost[1] < lost[2] <= lost[3] + 1e-6


def test_the_opposite_wall_and_what_lies_far_outside_move_as_before():
    found = infarct_slice(PLAIN, RING, 0.5)
    opposite = RING.wall & (np.abs(np.angle(np.exp(1j * (RING.angle - np.deg2rad(52 + 180))))) < 0.5)
    assert found.lost[opposite].max() < 0.05
    assert found.lost[RING.outward > 25].max() < 0.05
    assert found.lost[found.infarct].mean() > 0.6


def test_the_infarct_is_brighter_and_the_core_darker():
    found = infarct_slice(PLAIN, RING, 0.5)
    assert found.gain[found.infarct & ~found.core].mean() > 1.02
    assert found.gain[found.core].mean() < 0.95
    assert found.gain[~RING.wall & (RING.outward > 4)].max() == pytest.approx(1, abs=1e-3)


def test_beyond_its_ends_there_is_no_infarct():
    found = infarct_slice(PLAIN, RING, 0.95)
    assert not found.infarct.any() and not found.lost.any() and (found.gain == 1).all()


def test_slices_of_the_core_are_laid_along_the_infarct():
    assert infarct_slice(PLAIN, RING, 0.5).core.any()
    assert not infarct_slice(PLAIN, RING, 0.15).core.any() and not infarct_slice(PLAIN, RING, 0.85).core.any()
    assert not infarct_slice(replace(PLAIN, core=None), RING, 0.5).core.any()
