from __future__ import annotations

from MedVOSSegmentLib.session.step import Step, reachable


def test_at_first_there_is_only_the_seed():
    assert reachable(drawn=False, running=False, done=False) == {Step.SEED}


def test_a_drawing_opens_the_propagation():
    assert reachable(drawn=True, running=False, done=False) == {Step.SEED, Step.PROPAGATE}


def test_a_result_opens_everything():
    assert reachable(drawn=True, running=False, done=True) == set(Step)


def test_while_it_runs_there_is_nothing_else():
    assert reachable(drawn=True, running=True, done=True) == {Step.PROPAGATE}
