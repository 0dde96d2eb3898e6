from __future__ import annotations

import numpy as np
import pytest
from session_fakes import finished
from session_user import CORRECTION, SEED, User

from medvos.errors import InputError


def test_without_any_drawing_left_there_is_nothing_to_follow(done: User):
    done.erase(SEED)
    assert done.session.review.corrections() == [SEED] and done.session.review.cost_of_corrections().frames == 0
    assert not done.session.review.can_propagate_corrections
    with pytest.raises(InputError, match="stays empty, and no slice is drawn"):
        done.session.review.propagate_corrections()
    assert not done.labels[SEED].any()


def test_a_correction_is_found_priced_and_followed(done: User):
    assert done.session.review.cost_of_corrections().frames == 0
    with pytest.raises(InputError, match="Nothing was corrected"):
        done.session.review.propagate_corrections()
    mine = np.roll(done.truth[CORRECTION], 5, axis=0)
    done.erase(CORRECTION)
    done.draw(CORRECTION, mine)
    done.session.review.accept(4, 4)
    assert done.session.review.corrections() == [CORRECTION]
    assert CORRECTION not in [place[:2] for place in done.session.review.uncertain_slices()]
    cost = done.session.review.cost_of_corrections()
    assert 0 < cost.fraction < 1 and cost.seconds == pytest.approx(100 * cost.fraction)
    done.session.review.propagate_corrections()
    task = done.runner.job.task
    assert np.argwhere(task.seed_labels.any((2, 3))).tolist() == [list(SEED), list(CORRECTION), [4, 4]]
    assert np.argwhere(task.previous.seeds).tolist() == [list(SEED)]
    new = done.truth.copy()
    new[:, 2] = 1
    new[CORRECTION] = mine
    done.hear(finished(done.cine, new, seconds=30.0))
    np.testing.assert_array_equal(done.labels, new)
    assert done.session.review.corrections() == []
    assert np.argwhere(done.session.heart.state.drawn).tolist() == [list(SEED), list(CORRECTION)]
    done.draw((3, 4), np.roll(done.truth[3, 4], 9, axis=1))
    cost = done.session.review.cost_of_corrections()
    assert cost.fraction > 0 and cost.seconds == pytest.approx(100 * cost.fraction)


def test_accepted_slices_are_locked_and_leave_the_list(done: User):
    worst = done.session.review.uncertain_slices()[0][:2]
    done.session.review.accept(*worst)
    assert worst not in [place[:2] for place in done.session.review.uncertain_slices()]
    done.session.review.unaccept(*worst)
    assert done.session.review.uncertain_slices()[0][:2] == worst


def test_nothing_can_be_accepted_before_there_is_a_result(drawn: User):
    with pytest.raises(InputError, match="nothing to accept yet"):
        drawn.session.review.accept(0, 0)


def test_the_table_follows_an_acceptance(done: User):
    worst = done.session.review.uncertain_slices()[0][:2]
    for act in (done.session.review.accept, done.session.review.unaccept):
        act(*worst)
        done.settle()
        table = done.session.measurement.table
        row = next(n for n in range(table.GetNumberOfRows()) if table.GetCellText(n, 0) == "LVEDV")
        interval = done.session.measurement.measures()["LVEDV"]["interval"]
        expected = "" if interval is None else f"{interval[0]:.1f} to {interval[1]:.1f}"
        assert table.GetCellText(row, 2) == expected
