"""Numbers as programs and people write them."""

from __future__ import annotations

import pydicom
import pytest
from cine_files import write_stack
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from medvos.cine.dicom_values import number
from medvos.cine.read import read
from medvos.errors import InputError


@pytest.mark.parametrize(
    ("value", "expected"),
    [("37,5", 37.5), ("8 mm", 8.0), (b"8 ", 8.0), (4, 4.0), ("1.80m", 1.8), ("-2e1", -20.0)],
)
def test_a_comma_and_the_unit_of_dicom_leave_a_number(value, expected):
    assert number(value) == expected


@pytest.mark.parametrize("value", [None, "", "n/a", "ANON", "nan", "inf", "180 cm", "1,234.5", float("nan")])
def test_what_is_no_number_is_missing(value):
    assert number(value) is None


def with_text(folder, keyword, text):
    tag = Tag(keyword)
    for file in folder.iterdir():
        data = pydicom.dcmread(file)
        content = (text if isinstance(text, str) else text(data)).encode()
        content += b" " * (len(content) % 2)
        data[tag] = RawDataElement(tag, pydicom.datadict.dictionary_VR(tag), len(content), content, 0, False, True)
        data.save_as(file)
    return folder


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("SeriesNumber", "ANON"),
        ("AcquisitionNumber", "ANON"),
        ("InstanceNumber", "ANON"),
        ("HeartRate", "n/a"),
        ("FlipAngle", "unknown"),
        ("EchoNumbers", "A"),
        ("SliceThickness", "8 mm"),
        ("TemporalPositionIdentifier", "x"),
        ("PixelSpacing", "1,5\\1,25"),
        ("TriggerTime", lambda data: str(data.TriggerTime).replace(".", ",")),
    ],
)
def test_text_in_place_of_a_number_does_not_damage_a_file(tmp_path, keyword, text):
    whole = read(write_stack(tmp_path / "whole"))
    cine = read(with_text(write_stack(tmp_path / "text"), keyword, text))
    assert (cine.array == whole.array).all() and cine.period == whole.period
    assert cine.spacing == whole.spacing


def test_text_in_place_of_a_position_is_named(tmp_path):
    with pytest.raises(InputError, match="has no number in ImagePositionPatient"):
        read(with_text(write_stack(tmp_path), "ImagePositionPatient", "ANON"))
