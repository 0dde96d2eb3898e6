"""What an image shows, by what vendors write."""

from __future__ import annotations

import pytest

from medvos.cine.dicom_kinds import kind_of


@pytest.mark.parametrize(
    ("image_type", "component", "ge", "sequence", "kind"),
    [
        ("ORIGINAL PRIMARY M RETRO NORM DIS2D FM1_3 FIL MFSPLIT", "", None, "*tfi2d1_10", "magnitude"),
        ("ORIGINAL PRIMARY CARDIAC NONE", "", None, "", "magnitude"),
        ("ORIGINAL PRIMARY P RETRO", "", None, "*fl2d1_v150in", "phase"),
        ("ORIGINAL PRIMARY M RETRO", "", None, "*fl2d1_v150in", "magnitude"),
        ("ORIGINAL PRIMARY", "", None, "*fl2d1_v150in", "velocity map"),
        ("ORIGINAL PRIMARY M_FFE M FFE", "", None, "", "magnitude"),
        ("ORIGINAL PRIMARY R_FFE R FFE", "", None, "", "real part"),
        ("ORIGINAL PRIMARY I_FFE I FFE", "", None, "", "imaginary part"),
        ("ORIGINAL PRIMARY PHASE_CONTRAST_M P PCA", "", None, "", "phase"),
        ("ORIGINAL PRIMARY M_PCA M PCA", "", None, "", "magnitude"),
        ("ORIGINAL PRIMARY CARDIAC_CINE NONE", "PHASE", None, "", "phase"),
        ("ORIGINAL PRIMARY CARDIAC_CINE NONE", "MIXED", None, "", "magnitude"),
        ("DERIVED PRIMARY DIXON WATER", "", None, "", "water"),
        ("DERIVED PRIMARY F F DERIVED", "", None, "", "fat"),
        ("DERIVED SECONDARY SUB", "", None, "", "subtraction"),
        ("ORIGINAL PRIMARY OTHER", "", 3, "", "imaginary part"),
        ("ORIGINAL PRIMARY OTHER", "", 0, "", "magnitude"),
    ],
)
def test_vendors_tell_what_a_picture_shows(image_type, component, ge, sequence, kind):
    assert kind_of(image_type.split(), component, ge, sequence) == kind


def test_maps_are_no_magnitude():
    assert kind_of(["DERIVED", "PRIMARY", "M", "T1 MAP"], "", None, "") == "map"
