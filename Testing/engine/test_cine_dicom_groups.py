"""What is there: groups of images and why each is no cine."""

from __future__ import annotations

import numpy as np
import pytest
from cine_files import a_frame, image, normal, write_stack

from medvos.cine.dicom_groups import groups_of
from medvos.cine.dicom_protocol import Protocol
from medvos.cine.dicom_slices import slices_of
from medvos.cine.read import read


def images(count=6, place=0.0, **values):
    of = {key: value for key, value in values.items() if callable(value)}
    plain = {key: value for key, value in values.items() if not callable(value)}
    return [
        a_frame(position=place * normal(), **{"trigger": 40.0 * t, "order": (0.0, 1.0, t + 1.0, 0)} | plain)
        if not of
        else a_frame(
            position=place * normal(),
            **{"trigger": 40.0 * t, "order": (0.0, 1.0, t + 1.0, 0)} | plain | {k: f(t) for k, f in of.items()},
        )
        for t in range(count)
    ]


def reasons(frames):
    return {group.shows: group.why_not for group in groups_of(slices_of(frames))}


def test_of_several_kinds_the_magnitude_may_be_the_cine():
    kinds = ("phase", "magnitude", "real part")
    told = reasons([frame for kind in kinds for frame in images(kind=kind)])
    assert told == {"phase": "it shows the phase, not the magnitude", "magnitude": "", "real part": told["real part"]}


def test_water_is_read_rather_than_fat_and_the_first_echo_rather_than_the_second():
    told = reasons(images(kind="fat") + images(kind="water"))
    assert told == {"water": "", "fat": "its water images were used"}
    told = reasons(images(echo=2.0) + images(echo=1.0))
    assert told == {"magnitude": "", "magnitude, echo 2": "its earlier echo images were used"}


def test_several_inversion_times_are_a_map():
    frames = [
        frame for ms in (100.0, 180.0, 260.0, 1000.0) for frame in images(1, protocol=Protocol(inversion_time=ms))
    ]
    assert {group.why_not for group in groups_of(slices_of(frames))} == {
        "its images have several inversion times, as a map of T1 or T2 has"
    }


@pytest.mark.parametrize("clocks", [True, False])
def test_pictures_whose_brightness_comes_and_goes_are_no_cine(tmp_path, clocks):
    from medvos.cine.dicom_contents import contents_of
    from medvos.cine.dicom_files import find_headers

    folder = write_stack(tmp_path, phases=12, triggers=False, SeriesDescription="stress perfusion", SliceThickness=8)
    for n, file in enumerate(sorted(folder.iterdir())):
        import pydicom

        data = pydicom.dcmread(file)
        grey = (100 + image(0, 0) * (n % 12) / 3).astype(np.uint16)
        data.PixelData = grey.tobytes()
        if clocks:
            data.ContentTime = f"10{n % 12:02d}00"
            data.SeriesDescription = ""
        data.save_as(file)
    (group,) = contents_of(find_headers(folder)).groups
    assert "brightness changes" in group.why_not


def test_a_table_tells_what_is_read_and_why_the_rest_is_not(tmp_path):
    write_stack(tmp_path / "sax", phases=8)
    write_stack(tmp_path / "loc", phases=1, slices=2, series=1, SeriesDescription="scout")
    rows = read(tmp_path).source.contents
    assert [(row.number, row.images, row.slices, row.phases, row.used) for row in rows] == [
        (1, 2, 2, 1, False),
        (4, 24, 3, 8, True),
    ]
    assert "one phase" in rows[0].why


def test_a_second_echo_is_left_out_where_its_places_are_a_little_off():
    first = [frame for z in range(4) for frame in images(echo=1.0, place=8.0 * z)]
    second = [frame for z in range(4) for frame in images(echo=2.0, place=8.0 * z + 2.5)]
    assert reasons(first + second)["magnitude, echo 2"] == "its earlier echo images were used"
