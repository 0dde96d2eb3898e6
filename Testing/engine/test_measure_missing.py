"""Why measures are not known, in words."""

from __future__ import annotations

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
    unknown = {"MVO": Measure(None, "mL", reason="in whatever words")}
    assert missing(unknown) == []
    unknown = {name: Measure(None, "", reason="no wall") for name in ("MVO", "MVOM")}
    assert missing(unknown) == ["MVO, MVOM not known: no wall."]
