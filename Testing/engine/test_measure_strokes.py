"""Ventricles that eject different volumes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from medvos.measure.doubt import with_doubts
from medvos.measure.function import from_volumes
from medvos.measure.held import with_held
from medvos.measure.measures import Measure, Measures, Normal
from medvos.measure.strokes import stroke_doubts
from medvos.measure.verdict import verdict_of, verdict_sentences, verdict_text
from medvos.structures import LV, RV

UNITS = {"LVEF": "%", "RVEF": "%"}


def a_heart(
    lv: tuple[float, float],
    rv: tuple[float, float],
    unsure: tuple[float, float] = (0.0, 0.0),
    shunt: bool = False,
    held: tuple[str, ...] = (),
    **ranges,
) -> Measures:
    """Measures of ventricles with these volumes at ED and ES, resting on unreliable contours by so much, judged."""
    volumes = {LV: np.array([lv], float), RV: np.array([rv], float)}
    parts = {"L": unsure[0], "R": unsure[1]}
    by_name = {
        name: Measure(float(value[0]), UNITS.get(name, "mL"), unreliable=parts.get(name[0]))
        for name, value in from_volumes(volumes, 2).items()
    }
    normal = {name: Normal(*ends, by_name[name].value, "men", "a study") for name, ends in ranges.items()}
    measures = Measures(by_name, np.arange(2.0), normal=normal, held=dict.fromkeys(held, "slices are missing"))
    return with_held(with_doubts(measures, stroke_doubts(measures, shunt)))


def test_stroke_volumes_that_differ_by_a_quarter_are_no_doubt():
    assert a_heart((150, 70), (150, 90)).doubts == ()


def test_a_difference_is_always_said():
    (doubt,) = a_heart((150, 70), (150, 100)).doubts
    assert doubt.startswith("LVSV (80 mL) and RVSV (50 mL) differ by 38 %")


def test_a_verdict_that_the_difference_could_not_change_is_given():
    measures = a_heart((150, 60), (150, 100), LVEF=(40, 75), RVEF=(70, 80))
    assert verdict_of("LVEF", measures) == "normal" and verdict_of("RVEF", measures) == "low"
    assert measures.held == {} and measures.ungraded is None


def test_a_verdict_that_the_difference_could_change_is_held_with_what_is_possible():
    measures = a_heart((150, 70), (150, 100), LVEF=(50, 75), RVEF=(40, 75))  # LVEF 53.3 - 5, RVEF 33.3 + 10 %
    assert verdict_text("LVEF", measures) == verdict_text("RVEF", measures) == "no verdict"
    sentences = " ".join(verdict_sentences(measures))
    assert "LVEF of 48.3 to 53.3 %, RVEF of 33.3 to 43.3 % are possible" in sentences
    assert "The LVEF is not graded: with the doubts it could be 48.3 to 53.3 %" in sentences


def test_the_ventricles_are_moved_towards_each_other_the_rv_further():
    measures = a_heart((150, 70), (150, 100))
    assert measures.moves["LVSV"] == (7.5, 0) and measures.moves["RVSV"] == (0, 15)
    assert measures.moves["LVESV"] == (0, 7.5) and measures.moves["RVESV"] == (15, 0)
    other = a_heart((150, 100), (150, 70))
    assert other.moves["LVSV"] == (0, 7.5) and other.moves["RVSV"] == (15, 0)


def test_an_unreliable_rv_is_blamed_and_the_lv_keeps_its_verdict():
    measures = a_heart((150, 70), (150, 100), (0.05, 0.2), LVEF=(50, 75), RVEF=(70, 80), RVEDV=(200, 300))
    assert verdict_of("LVEF", measures) == "normal" and measures.ungraded is None
    assert verdict_of("RVEF", measures) is None and verdict_of("RVEDV", measures) is None


def test_an_lv_that_is_unreliable_beside_an_unreliable_rv_is_moved():
    measures = a_heart((150, 70), (150, 100), (0.2, 0.2), LVEF=(50, 75), LVEDV=(80, 200))
    assert verdict_of("LVEF", measures) is None and verdict_of("LVEDV", measures) == "normal"


def test_an_lv_that_alone_is_unreliable_is_blamed():
    measures = a_heart((150, 70), (150, 100), (0.2, 0.05), LVEF=(20, 90), RVEF=(40, 75))
    assert verdict_of("LVEF", measures) is None and measures.ungraded is not None
    assert verdict_of("RVEF", measures) == "low"


def test_an_lv_that_is_blamed_is_blamed_for_its_volumes_as_the_mass_keeps_its_verdict():
    measures = a_heart((150, 70), (150, 100), (0.2, 0.05), LVEF=(20, 90))
    assert measures.doubts[0].endswith("no verdict is given on the LV's volumes.") and "LVM" not in measures.held


RANGES = {"LVEF": (20, 90), "RVEF": (40, 75), "LVEDV": (80, 200), "RVEDV": (80, 200)}


def test_an_lv_that_is_held_for_another_reason_is_no_measure_of_the_rv():
    measures = a_heart((150, 70), (150, 100), held=("LVEDV", "LVESV", "LVSV"), **RANGES)
    assert "unreliable contours" not in measures.doubts[0]
    assert measures.doubts[0].endswith("doubted for another reason too; no verdict is given on either ventricle.")
    assert [verdict_of(name, measures) for name in RANGES] == [None] * 4


def test_an_rv_that_is_held_for_another_reason_is_blamed_and_the_lv_keeps_its_verdict():
    measures = a_heart((150, 70), (150, 100), held=("RVEDV", "RVESV", "RVSV"), **RANGES)
    assert "The RV is doubted for another reason too" in measures.doubts[0]
    assert "unreliable contours" not in measures.doubts[0]
    assert verdict_of("LVEF", measures) == "normal" and verdict_of("RVEF", measures) is None


@pytest.mark.parametrize("unsure", [(0.0, 0.0), (0.2, 0.05), (0.05, 0.2), (0.2, 0.2)])
def test_without_a_reference_range_nothing_is_said_of_verdicts(unsure: tuple[float, float]):
    assert "verdict" in a_heart((150, 70), (150, 100), unsure, LVEF=(50, 75), RVEF=(40, 75)).doubts[0]
    assert "verdict" not in a_heart((150, 70), (150, 100), unsure).doubts[0]


def test_a_known_shunt_explains_different_stroke_volumes():
    measures = a_heart((150, 70), (150, 100), shunt=True, LVEF=(50, 75))
    assert "stated to be known" in measures.doubts[0]
    assert measures.moves == measures.held == {} and verdict_of("LVEF", measures) == "normal"


def test_interval_and_doubt_add_up_as_squares():
    measures = a_heart((150, 70), (150, 100))
    ef = replace(measures["LVEF"], interval=(measures["LVEF"].value - 12, measures["LVEF"].value + 4))
    range_ = {"LVEF": Normal(40.5, 75, ef.value, "men", "a study")}  # 53.3 - 12 is normal, 53.3 - 13 is not
    measures = replace(measures, by_name={**measures, "LVEF": ef}, normal=range_, held={}, ungraded=None)
    assert with_held(measures).held["LVEF"].startswith("with the doubts it could be 40.3 to 57.3 %")
    assert with_held(replace(measures, moves={})).held == {}


def test_values_per_body_surface_area_move_with_theirs():
    measures = a_heart((150, 70), (150, 100))
    indexed = replace(measures, by_name={**measures, "RVSVI": Measure(25.0, "mL/m²")}, moves={})
    moved = with_doubts(indexed, stroke_doubts(indexed)).moves
    assert moved["RVSVI"] == pytest.approx((0, 7.5))


def held_sentence(*held: str, indexed: tuple[str, ...] = ("LVEDV", "LVESV")) -> str:
    """The sentence on measures of which these are held, where these have a range per body surface area too."""
    by_name = {"LVEDV": Measure(150.0, "mL"), "LVESV": Measure(70.0, "mL"), "LVEF": Measure(53.3, "%")}
    by_name |= {f"{name}I": Measure(by_name[name].value / 2, "mL/m²") for name in indexed}
    normal = {name: Normal(0, 1000, one.value, "men", "a study") for name, one in by_name.items()}
    moves = {name: (one.value / 10, 0.0) for name, one in by_name.items()}
    reasons = dict.fromkeys(held, "with the doubts it could be another")
    (sentence,) = (
        one
        for one in verdict_sentences(Measures(by_name, np.arange(2.0), normal=normal, moves=moves, held=reasons))
        if one.startswith("No verdict")
    )
    return sentence


def test_an_index_that_alone_is_held_is_named_with_what_is_possible():
    assert held_sentence("LVEDVI") == (
        "No verdict on LVEDVI: see the doubts; with the doubts, LVEDVI of 67.5 to 75.0 mL/m² is possible."
    )


def test_a_value_whose_index_has_a_verdict_does_not_deny_it():
    sentence = held_sentence("LVEDV", "LVESV", "LVESVI", "LVEF")
    assert sentence.startswith("No verdict on LVEDV, LVESV, LVEF, LVESVI: see")
    assert "LVEDVI" not in sentence and "LVESVI of 31.5 to 35.0 mL/m²" in sentence
    assert held_sentence("LVEDV", indexed=()).startswith("No verdict on LVEDV: see")


def test_indices_that_are_all_held_with_their_values_are_said_in_one_word():
    sentence = held_sentence("LVEDV", "LVEDVI", "LVEF")
    assert sentence.startswith("No verdict on LVEDV, LVEF (nor per body surface area): see the doubts; with the doubts")
    assert "LVEDV of 135.0 to 150.0 mL" in sentence and "LVEDVI of 67.5 to 75.0 mL/m²" in sentence
