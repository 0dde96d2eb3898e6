from __future__ import annotations

from typing import Any

import pytest
from session_user import User

from medvos.measure.measure import measure

LAST = 5


def shown(table: Any) -> dict[str, float]:
    """The known values in the table of the scene."""
    rows = {table.GetCellText(row, 0): table.GetCellText(row, 1) for row in range(table.GetNumberOfRows())}
    return {name: float(value) for name, value in rows.items() if value}


def test_before_a_result_there_is_nothing_to_show(drawn: User):
    logic = drawn.session.measurement
    drawn.settle()
    assert (logic.measures(), logic.curves(), logic.beats(), logic.table, logic.chart) == ({}, {}, [], None, None)
    assert logic.phases() == {"ED": None, "ES": None}


def test_measures_curves_and_phases_are_those_of_the_segments(done: User):
    logic, truth = done.session.measurement, measure(done.truth, done.cine)
    assert logic.measures()["LVEF"]["value"] == pytest.approx(truth["LVEF"].value, abs=1e-3)
    assert logic.phases() == {"ED": truth.ed, "ES": truth.es}
    assert logic.curves()["LV_mL"] == pytest.approx(truth.volumes_ml["LV"], abs=1e-2)


def test_after_a_correction_they_are_busy_until_they_follow(done: User):
    logic = done.session.measurement
    ed = logic.phases()["ED"]
    before = shown(logic.table)
    assert not logic.is_busy
    done.erase((ed, LAST))
    assert logic.is_busy and shown(logic.table) == before
    done.settle()
    assert not logic.is_busy and shown(logic.table)["LVEDV"] < before["LVEDV"]
