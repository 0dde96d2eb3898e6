"""The order of a rollout is the engine's."""

from __future__ import annotations

import numpy as np
import pytest
from a_beat import ED, ES, PHASES, a_beat_study

from medvos_lab.cstm_beats import rollout_plan
from medvos_lab.cstm_beats.rollout_plan import (
    GRADIENT_PHASES,
    along_the_stack,
    around_the_beat,
    sample_plan,
    sample_rollout,
)


def test_through_time_each_frame_sees_the_seed_and_the_frame_before():
    plan = around_the_beat(between=3, back=1)
    assert [step.memory for step in plan.steps[:4]] == [(0,), (0, 1), (0, 2), (0, 3)]


def test_on_the_return_memory_has_no_drawing():
    plan = around_the_beat(between=2, back=2)
    target = 3
    back = plan.steps[target:]
    assert [step.memory for step in back] == [(target,), (target, 4), (target, 5)]
    assert not any(0 in step.memory or step.carried for step in back)
    assert plan.places[-1] == ("start", 0) and back[-1].weight > 0


def test_along_z_each_frame_sees_the_seed_and_its_phase_in_the_slice_before():
    plan = along_the_stack(between=1, slices=2)
    beyond = [(phase, distance) for distance in (1, 2) for phase in ("start", "target")]
    assert plan.places == (("start", 0), ("between", 0), ("target", 0), *beyond)
    assert [step.memory for step in plan.steps[2:]] == [(0, 0), (0, 2), (0, 3), (0, 4)]


def test_masks_are_carried_to_all_but_the_seed_s_phase():
    for plan in (along_the_stack(2, 2), around_the_beat(3, 1)):
        target = plan.places.index(("target", 0))
        for (kind, _), step in zip(plan.places[1 : target + 1], plan.steps, strict=False):
            assert step.carried == (kind != "start")
    stack = along_the_stack(2, 2)
    assert [step.carried for step in stack.steps[-4:]] == [False, True, False, True]


def test_gradients_are_truncated_before_the_target():
    steps = around_the_beat(between=6, back=1).steps
    assert [step.learns for step in steps[:7]] == [False] * (6 - GRADIENT_PHASES) + [True] * (GRADIENT_PHASES + 1)
    assert all(step.learns for step in steps if step.weight)


def test_memory_never_looks_ahead():
    rng = np.random.default_rng(0)
    for _ in range(50):
        plan = sample_plan(rng)
        assert len(plan.places) == len(plan.steps) + 1 <= 12
        assert all(max(step.memory) < frame for frame, step in enumerate(plan.steps, 1))


@pytest.mark.parametrize("seed", range(12))
def test_a_walk_goes_one_way_around_the_beat(seed: int, tmp_path):
    plan = around_the_beat(between=3, back=2)
    rollout = sample_rollout(a_beat_study(tmp_path), plan, np.random.default_rng(seed))
    assert rollout is not None and set(rollout.slices) == {rollout.slices[0]}
    assert (rollout.phases[0], rollout.phases[4]) in ((ED, ES), (ES, ED)) and rollout.phases[-1] == rollout.start
    forward = [(phase - rollout.start) % PHASES for phase in rollout.phases[:-1]]
    backward = [(rollout.start - phase) % PHASES for phase in rollout.phases[:-1]]
    assert forward == sorted(forward) or backward == sorted(backward)
    assert not {ED, ES} & {*rollout.phases[1:4], *rollout.phases[5:7]}


def test_along_z_it_stays_in_the_slices_that_have_every_phase(tmp_path):
    study = a_beat_study(tmp_path)
    assert study.slices == range(1, 4)
    for seed in range(20):
        rollout = sample_rollout(study, along_the_stack(1, 2), np.random.default_rng(seed))
        if rollout is not None:
            assert set(rollout.slices) <= set(study.slices) and abs(rollout.slices[-1] - rollout.slices[0]) == 2


def test_half_of_the_walks_along_z_reach_an_end_of_the_heart_or_the_slice_beyond(tmp_path, monkeypatch):
    study = a_beat_study(tmp_path)
    monkeypatch.setattr(rollout_plan, "ENDS_FRACTION", 1.0)
    monkeypatch.setattr(type(study), "labels", lambda self, phase, z, crop_only: np.array([z in (1, 2)]))
    for seed in range(20):
        rollout = sample_rollout(study, along_the_stack(1, 1), np.random.default_rng(seed))
        assert rollout is not None
        assert (rollout.slices[0], rollout.slices[-1]) in ((2, 1), (1, 2), (2, 3))
    found = [sample_rollout(study, along_the_stack(1, 2), np.random.default_rng(seed)) for seed in range(20)]
    assert {(rollout.slices[0], rollout.slices[-1]) for rollout in found} == {(1, 3)}
