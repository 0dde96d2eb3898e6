from __future__ import annotations

import pytest

from MedVOSSegmentLib.session.stroke_volumes import stroke_warning


def measures(left: float | None, right: float | None, width: float | None = 2.0) -> dict:
    ends = {
        name: None if value is None or width is None else [value - width, value + width]
        for name, value in (("LVSV", left), ("RVSV", right))
    }
    return {"LVSV": {"value": left, "interval": ends["LVSV"]}, "RVSV": {"value": right, "interval": ends["RVSV"]}}


def test_ventricles_that_eject_alike_or_are_not_both_known_need_no_warning():
    for left, right in ((80.0, 80.0), (80.0, 60.0), (None, 60.0), (80.0, None)):
        assert stroke_warning(measures(left, right)) == ""
    assert stroke_warning({}) == ""


@pytest.mark.parametrize(("left", "right"), [(85.0, 40.0), (40.0, 85.0)])
def test_different_stroke_volumes_are_named_with_where_to_look(left: float, right: float):
    warning = stroke_warning(measures(left, right))
    assert f"{left:.0f} and {right:.0f} mL" in warning and "basal slices" in warning


def test_intervals_that_meet_explain_the_difference():
    assert stroke_warning(measures(85.0, 40.0, 25.0)) == ""
    assert stroke_warning(measures(85.0, 40.0, None)) != ""
