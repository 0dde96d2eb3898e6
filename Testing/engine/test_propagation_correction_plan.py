"""What is predicted again after a correction, and what it costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_network import a_cine, a_seed, heart_slice

from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.propagation.correction_plan import changed, check_previous, plan_corrections, with_drawings_of
from medvos.propagation.cost import cheapest_plan, cost_of_corrections
from medvos.result import Result

CINE = a_cine(5, 9)
MAIN = (1, 4)


def a_result(*seeds: tuple[int, int]) -> Result:
    """The same heart in every frame, grown from `seeds`."""
    labels = np.broadcast_to(heart_slice(), CINE.shape).copy()
    drawn = np.zeros(CINE.shape[:2], bool)
    for place in seeds:
        drawn[place] = True
    return Result(CINE, labels, np.zeros(CINE.shape, np.float32), np.zeros(drawn.shape, np.float32), drawn)


def corrected(*places: tuple[int, int], main: tuple[int, int] = MAIN) -> Seed:
    """The main seed as it was, and other hearts at `places`."""
    seed = a_seed(CINE, main, *places)
    for place in places:
        seed.labels[place] = heart_slice(centre=(30, 36))
    return seed


def test_a_correction_concerns_its_slice_and_the_two_beside_it():
    plan = plan_corrections(corrected((3, 6)), a_result(MAIN))
    assert plan.start == MAIN
    assert plan.corrected == {(3, 6): 5}
    assert plan.sides == {5: (4, 6), 7: (6, None)}
    assert plan.slices == [5, 6, 7]
    assert plan.memory_slices == [4, 5]


def test_towards_the_other_end_it_is_the_same():
    plan = plan_corrections(corrected((0, 1)), a_result(MAIN))
    assert plan.sides == {0: (1, None), 2: (3, 1)}


def test_at_the_end_of_the_stack_and_beside_the_main_seed_there_is_one_neighbour():
    plan = plan_corrections(corrected((0, 8), (2, 3)), a_result(MAIN))
    assert plan.sides == {2: (3, None), 7: (6, 8)}


def test_a_slice_between_two_corrections_is_reached_from_both():
    plan = plan_corrections(corrected((0, 6), (2, 8)), a_result(MAIN))
    assert plan.sides[7] == (6, 8)


def test_neighbours_that_are_both_corrected_are_led_again_from_the_main_seed_outwards():
    plan = plan_corrections(corrected((0, 2), (0, 3), (2, 5), (2, 6)), a_result(MAIN))
    assert list(plan.corrected) == [(0, 3), (2, 5), (0, 2), (2, 6)]


def test_of_several_corrected_phases_the_fullest_leads():
    seed = corrected((0, 6), (2, 6))
    seed.labels[0, 6][seed.labels[0, 6] == 1] = 0
    assert plan_corrections(seed, a_result(MAIN)).corrected == {(2, 6): 5}


def test_slices_drawn_as_they_were_ask_for_nothing():
    seed = a_seed(CINE, MAIN, (2, 6), (0, 1))
    plan = plan_corrections(seed, a_result(MAIN))
    assert plan.slices == []
    assert not changed(seed, a_result(MAIN)).any()


@pytest.mark.parametrize(
    "seed",
    [
        corrected((3, 4)),  # another phase of the main slice
        corrected((1, 4), main=(1, 4)),  # the main seed itself
        a_seed(CINE, (0, 2)),  # the main seed was given up
    ],
)
def test_a_change_at_the_root_asks_for_everything(seed):
    assert plan_corrections(seed, a_result(MAIN)) is None


def test_giving_up_a_correction_asks_for_everything():
    assert plan_corrections(a_seed(CINE, MAIN), a_result(MAIN, (2, 7))) is None


def test_a_result_of_another_cine_is_refused():
    other = replace(a_result(MAIN), labels=np.zeros((5, 3, 72, 72), np.uint8))
    with pytest.raises(InputError, match="a result of this cine"):
        plan_corrections(corrected((0, 1)), other)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"uncertainty": np.zeros(CINE.shape[1:], np.float32)}, "start without it"),
        ({"uncertainty": np.full(CINE.shape, np.nan, np.float32)}, "uncertainty .* within 0 and 1"),
        ({"slice_scores": np.full(CINE.shape[:2], 77, np.float32)}, "slice scores .* within 0 and 1"),
        ({"slice_scores": np.full(CINE.shape[:2], np.nan, np.float32)}, "slice scores .* within 0 and 1"),
    ],
)
def test_a_result_that_no_propagation_has_made_is_refused(part, said):
    check_previous(a_result(MAIN))
    with pytest.raises(InputError, match=said):
        check_previous(replace(a_result(MAIN), **part))


@pytest.mark.parametrize("z", [1, 3, 9, 11])
def test_one_correction_costs_under_half_of_the_whole(z):
    labels = np.zeros((20, 12, 72, 72), np.uint8)
    drawn = np.zeros((20, 12), bool)
    drawn[0, 6] = True
    labels[0, 6] = heart_slice()
    first = Result(CINE, labels, labels.astype(np.float32), drawn.astype(np.float32), drawn)
    seed = Seed(labels.copy(), drawn.copy())
    assert cost_of_corrections(seed, first)[0] == 0
    seed.labels[4, z], seed.drawn[4, z] = heart_slice(), True
    some, everything = cost_of_corrections(seed, first)
    assert 0 < some < everything / 2


@pytest.mark.parametrize("slices", [2, 3, 4, 5, 9])
@pytest.mark.parametrize("phases", [2, 5, 20])
def test_only_corrections_that_reach_every_slice_give_way_to_the_whole(slices: int, phases: int):
    cine = a_cine(phases, slices)
    drawn = np.zeros((phases, slices), bool)
    drawn[0, slices // 2] = True
    labels = np.zeros(cine.shape, np.uint8)
    labels[0, slices // 2] = heart_slice()
    first = Result(cine, labels, labels.astype(np.float32), drawn.astype(np.float32), drawn)
    others = [z for z in range(slices) if z != slices // 2]
    for count in range(1, len(others) + 1):
        seed = Seed(labels.copy(), drawn.copy())
        for z in others[:count]:
            seed.labels[1, z], seed.drawn[1, z] = heart_slice(), True
        some, everything = cost_of_corrections(seed, first)
        plan = cheapest_plan(seed, first)
        followed = plan_corrections(seed, first)
        if len({slices // 2, *followed.slices}) < slices:  # what was looked at in the others stays
            assert plan == followed
        else:
            assert some <= everything and (plan is None) == (some == everything)


def test_what_was_drawn_at_other_phases_stays_drawn():
    before = a_result(MAIN, (3, 6), (3, 2))
    found = with_drawings_of(before, corrected((3, 5), main=(3, 6)))
    # The seed says which slices of its own phase are drawn.
    assert np.argwhere(found.drawn).tolist() == [[1, 4], [3, 5], [3, 6]]
    np.testing.assert_array_equal(found.labels[MAIN], before.labels[MAIN])
    np.testing.assert_array_equal(found.labels[3, 5], heart_slice(centre=(30, 36)))
    assert not found.labels[3, 2].any()
