"""Ultrasound regions: which of them are views, at which scale."""

from __future__ import annotations

from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from medvos.cine.dicom_regions import BEYOND, scale_of

SHAPE = (100, 200)


def region(left: int, right: int, cm: float | None, top: int = 0, bottom: int = 99, **tags: Any) -> Dataset:
    """A region of tissue with its first and last column and row."""
    one = Dataset()
    one.RegionSpatialFormat, one.RegionDataType = 1, 1
    one.RegionLocationMinX0, one.RegionLocationMaxX1 = left, right
    one.RegionLocationMinY0, one.RegionLocationMaxY1 = top, bottom
    one.PhysicalUnitsXDirection = one.PhysicalUnitsYDirection = 0 if cm is None else 3
    one.PhysicalDeltaX = one.PhysicalDeltaY = cm or 1.0
    for keyword, value in tags.items():
        setattr(one, keyword, value)
    return one


def a_file(*regions: Dataset, **tags: Any) -> Dataset:
    data = Dataset()
    data.SequenceOfUltrasoundRegions = Sequence(regions)
    for keyword, value in tags.items():
        setattr(data, keyword, value)
    return data


def spacings(*regions: Dataset, **tags: Any) -> list[tuple[float, float] | None]:
    """Of all views."""
    return [view.spacing for view in scale_of(a_file(*regions, **tags), SHAPE).views.all]


def test_one_region_is_the_clip_and_needs_no_note():
    scale = scale_of(a_file(region(10, 189, 0.05)), SHAPE)
    assert scale.spacing == pytest.approx((0.5, 0.5))
    assert scale.box == (slice(0, 100), slice(10, 190))
    assert not scale.views.several and scale.notes == ()


def test_two_views_are_both_listed_with_their_scales_and_the_larger_is_used():
    scale = scale_of(a_file(region(0, 49, 0.1), region(50, 199, 0.05)), SHAPE)
    assert scale.views.used == 2 and scale.spacing == pytest.approx((0.5, 0.5))
    (note,) = scale.notes
    for words in ("2 regions", "columns 0 to 49", "1.000 mm", "columns 50 to 199", "0.500 mm", "Region 2", "largest"):
        assert words in note


def test_steps_along_both_axes_may_differ_and_be_negative():
    assert spacings(region(0, 199, 0.05, PhysicalDeltaX=-0.1, PhysicalDeltaY=0.02)) == [pytest.approx((0.2, 1.0))]


@pytest.mark.parametrize(
    "other",
    [
        {"RegionSpatialFormat": 3, "RegionDataType": 3, "PhysicalUnitsXDirection": 4, "PhysicalUnitsYDirection": 7},
        {"RegionSpatialFormat": 2, "PhysicalUnitsXDirection": 4},
        {"RegionSpatialFormat": 4, "RegionDataType": 10, "PhysicalUnitsXDirection": 4, "PhysicalUnitsYDirection": 0},
        {"RegionSpatialFormat": 0, "RegionDataType": 0, "PhysicalUnitsXDirection": 0, "PhysicalUnitsYDirection": 0},
        {"RegionSpatialFormat": 5, "RegionDataType": 13},
    ],
    ids=["spectrum", "M-mode", "ECG", "none", "grey bar"],
)
def test_what_shows_no_plane_is_no_view(other):
    scale = scale_of(a_file(region(0, 199, 0.3, 70, 99, **other), region(0, 199, 0.05, 0, 69)), SHAPE)
    assert not scale.views.several and scale.spacing == pytest.approx((0.5, 0.5))
    assert scale.box == (slice(0, 70), slice(0, 200))


def test_a_colour_box_over_the_tissue_is_no_view_of_its_own():
    scale = scale_of(a_file(region(60, 120, 0.05, 20, 70, RegionDataType=2), region(0, 199, 0.05)), SHAPE)
    assert not scale.views.several and scale.box == (slice(0, 100), slice(0, 200))


def test_of_a_colour_box_alone_the_scale_is_used_but_not_the_place():
    scale = scale_of(a_file(region(60, 120, 0.05, 20, 70, RegionDataType=2)), SHAPE)
    assert scale.spacing == pytest.approx((0.5, 0.5)) and scale.box is None


def test_beside_colours_the_grey_view_is_used():
    scale = scale_of(a_file(region(0, 99, 0.1, RegionDataType=2), region(100, 199, 0.05)), SHAPE)
    assert scale.views.used == 2 and "no colours" in scale.notes[0]


def test_an_inset_is_a_view_and_the_large_one_is_used():
    scale = scale_of(a_file(region(0, 40, 0.2, 0, 30), region(0, 199, 0.05)), SHAPE)
    assert len(scale.views.all) == 2 and scale.spacing == pytest.approx((0.5, 0.5))


def test_a_region_around_the_views_is_none():
    assert spacings(region(0, 199, 0.3), region(0, 99, 0.1), region(100, 199, 0.05)) == [
        pytest.approx((1.0, 1.0)),
        pytest.approx((0.5, 0.5)),
    ]


def test_a_region_that_is_told_twice_is_one():
    assert len(spacings(region(0, 199, 0.05), region(1, 198, 0.05))) == 1


def test_two_scales_of_one_place_are_none():
    scale = scale_of(a_file(region(0, 199, 0.05), region(0, 199, 0.1)), SHAPE)
    assert scale.spacing is None and "two scales" in " ".join(scale.notes)


def test_corners_that_count_from_one_are_within_the_picture():
    scale = scale_of(a_file(region(1, 200, 0.05, 1, 100)), SHAPE)
    assert scale.spacing is not None and scale.box == (slice(1, 100), slice(1, 200))


def test_the_scale_of_a_picture_that_was_shrunk_is_not_known():
    scale = scale_of(a_file(region(0, 399, 0.05, 0, 199)), SHAPE)
    assert scale.spacing is None and BEYOND in scale.notes


def test_the_view_without_a_unit_has_no_scale_and_is_used_last():
    scale = scale_of(a_file(region(0, 99, None), region(100, 199, 0.05)), SHAPE)
    assert [view.spacing is None for view in scale.views.all] == [True, False] and scale.views.used == 2


def test_pixel_spacing_stands_in_and_a_contradiction_is_said():
    assert scale_of(a_file(PixelSpacing=[0.4, 0.4]), SHAPE).spacing == (0.4, 0.4)
    assert "PixelSpacing" in scale_of(a_file(region(0, 199, 0.05), PixelSpacing=[0.4, 0.4]), SHAPE).notes[0]
