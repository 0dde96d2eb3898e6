"""The cines and clips among DICOM files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cine_files import FOUR_CHAMBER, write_clip, write_dicom, write_enhanced, write_stack
from echo_files import sector_images, write_ultrasound

from medvos.cine.dicom_offers import Offer, View, offers_in
from medvos.cine.read import read, read_files
from medvos.errors import InputError

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def offers(folder: Path) -> list[Offer]:
    return offers_in(path for path in folder.rglob("*") if path.is_file())


def views(folder: Path) -> list[tuple[View, int, int]]:
    return [(offer.view, offer.slices, offer.phases) for offer in offers(folder)]


def test_a_stack_is_offered_across_its_series_and_long_axes_beside_it(tmp_path):
    for z in range(4):
        write_stack(tmp_path / f"s{z}", slices=1, phases=10, series=10 + z, origin=(-100, -50, 20 + 8 * z))
    write_stack(tmp_path / "4ch", slices=1, phases=10, series=20, orientation=FOUR_CHAMBER, SeriesDescription="4CH")
    found = offers(tmp_path)
    assert [(offer.view, offer.series) for offer in found] == [
        (View.SHORT_AXIS, (10, 11, 12, 13)),
        (View.LONG_AXIS, (20,)),
    ]
    assert found[0].slices == 4 and found[0].phases == 10 and found[1].description == "4CH"
    assert read_files(found[1].files).shape == (10, 1, 20, 24)


def test_what_is_offered_can_be_read_and_is_the_cine_of_the_folder(tmp_path):
    write_stack(tmp_path, slices=4, phases=10)
    (offer,) = offers(tmp_path)
    cine, expected = read_files(offer.files), read(tmp_path)
    np.testing.assert_array_equal(cine.array, expected.array)
    assert cine.source.digest == expected.source.digest and len(cine.source.given) == 40


def test_examinations_of_several_patients_are_offered_apart(tmp_path):
    for patient in (1, 2):
        write_stack(
            tmp_path / f"p{patient}",
            slices=4,
            phases=10,
            PatientID=f"P{patient}",
            StudyInstanceUID=f"1.2.{patient}",
            SeriesInstanceUID=f"1.2.{patient}.4",
        )
    assert [len(offer.files) for offer in offers(tmp_path)] == [40, 40]


@pytest.mark.parametrize(
    "tags",
    [
        {"triggers": False, "interval": None},  # a film of a joint, a vessel
        {"phases": 5},  # five images of one place
        {"Modality": "CT"},
    ],
)
def test_a_film_that_states_no_beat_is_no_cine(tmp_path, tags):
    write_stack(tmp_path, **{"slices": 4, "phases": 10, **tags})
    assert offers(tmp_path) == []


def test_films_of_another_orientation_are_no_short_axis(tmp_path):
    write_stack(tmp_path, slices=4, phases=10, orientation=AXIAL)
    assert views(tmp_path) == [(View.LONG_AXIS, 4, 10)]


def test_a_multi_frame_file_is_offered(tmp_path):
    write_enhanced(tmp_path / "E1", phases=10, slices=4)
    assert views(tmp_path) == [(View.SHORT_AXIS, 4, 10)]


def test_clips_are_offered_and_said_to_be_of_a_heart_where_they_have_its_rate(tmp_path):
    write_ultrasound(tmp_path / "a", sector_images(), HeartRate=61)
    write_clip(tmp_path / "b", frames=12, SeriesNumber=7, SeriesDescription="Doe^Jane A4C")
    found = offers(tmp_path)
    assert [(offer.view, offer.phases, offer.is_heart) for offer in found] == [
        (View.CLIP, 24, True),
        (View.CLIP, 12, False),
    ]
    assert "Jane" not in found[1].description


def test_still_images_and_damaged_files_are_passed_over(tmp_path):
    write_dicom(tmp_path / "still", np.zeros((20, 24), np.uint16), Modality="US")
    assert offers(tmp_path) == []
    (tmp_path / "damaged").write_bytes((tmp_path / "still").read_bytes()[:400])
    assert offers(tmp_path) == []
    assert offers_in([]) == []


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("sunnybrook_4d", [(View.SHORT_AXIS, 12, 20), (View.SHORT_AXIS, 10, 20)]),
        ("cine_multi_series", [(View.SHORT_AXIS, 6, 25), *[(View.LONG_AXIS, 1, 25)] * 3]),
        ("dicom_samples", [(View.CLIP, 1, 65), (View.CLIP, 1, 10)]),
    ],
)
def test_real_examinations(data_folder, folder, expected):
    assert views(data_folder / folder) == expected


def test_files_that_are_not_there_or_no_images_are_refused(tmp_path):
    with pytest.raises(InputError, match="No file"):
        read_files([])
    with pytest.raises(InputError, match="does not exist"):
        read_files([tmp_path / "gone"])
    (tmp_path / "x.txt").write_text("no image")
    with pytest.raises(InputError, match="DICOM image"):
        read_files([tmp_path / "x.txt"])
