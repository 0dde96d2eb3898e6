"""The bull's-eyes of the wall."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgba

from medvos.measure.segments import NAMES
from medvos.measure.wall import WallSegment
from medvos.report.bulls_eye import UNKNOWN, bulls_eyes


def a_wall(**known: float) -> tuple[WallSegment, ...]:
    return tuple(WallSegment(number, name, **known) for number, name in NAMES.items())


def test_each_segment_stands_where_cerqueira_has_it():
    figure = bulls_eyes([WallSegment(number, name, ed_mm=float(number)) for number, name in NAMES.items()])
    assert figure is not None
    places = {text.get_text(): text.get_position() for text in figure.axes[0].texts}
    assert all(f"{number}.0" in places for number in NAMES)
    degrees = {number: np.rad2deg(places[f"{number}.0"][0]) % 360 for number in NAMES if number != 17}
    assert [degrees[number] for number in (1, 4, 7, 10, 13, 14, 15, 16)] == [90, 270, 90, 270, 90, 180, 270, 0]
    assert 90 < degrees[2] < 180 < degrees[3] < 270 < degrees[5] < 360 and 0 < degrees[6] < 90
    radii = [places[f"{number}.0"][1] for number in (1, 7, 13, 17)]
    assert radii == sorted(radii, reverse=True) and radii[-1] == 0


def test_a_segment_that_is_not_known_has_a_dash_and_no_colour():
    figure = bulls_eyes(a_wall(ed_mm=9.0))
    assert figure is not None
    thickening = figure.axes[2]
    assert [text.get_text() for text in thickening.texts].count("–") == 17
    assert all(bar.get_facecolor() == to_rgba(UNKNOWN) for bar in thickening.patches)


def test_only_the_phase_with_unreliable_contours_is_hatched_and_the_thickening():
    figure = bulls_eyes(a_wall(ed_mm=9.0, es_mm=12.0, thickening=33.0, unreliable_es=True))
    assert figure is not None
    hatched = [any(bar.get_hatch() for bar in axes.patches) for axes in figure.axes[:6:2]]
    assert hatched == [False, True, True]


def test_a_wall_of_which_nothing_is_known_has_no_figure():
    assert bulls_eyes(a_wall()) is None
    assert bulls_eyes(()) is None
