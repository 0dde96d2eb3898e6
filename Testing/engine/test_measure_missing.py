"""Why measures are not known, in words."""

from __future__ import annotations

from medvos.measure.function import NO_MVO
from medvos.measure.measures import Measure
from medvos.measure.missing import missing


def test_measures_that_one_reason_keeps_away_share_a_sentence():
    measures = {
        "LVEF": Measure(None, "%", reason="no LV."),
        "LVSV": Measure(None, "mL", reason="no LV."),
        "LVM": Measure(90.0, "g"),
    }
    assert missing(measures) == ["LVEF, LVSV not known: no LV."]


def test_obstruction_is_missed_only_where_it_was_looked_for():
    assert missing({"MVO": Measure(None, "mL", reason=NO_MVO)}) == []
    assert missing({"MVO": Measure(None, "mL", reason="no wall")}) == ["MVO not known: no wall."]
