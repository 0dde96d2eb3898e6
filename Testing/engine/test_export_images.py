"""Which image shows which slice at which phase."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from echo_files import sector_images, write_ultrasound
from export_case import a_patient, a_patient_in_series, an_enhanced_patient

from medvos.cine.read import read
from medvos.errors import InputError
from medvos.export.images import positions, source_images


def test_single_images_have_no_frame_number_and_several_frames_have_theirs(tmp_path: Path):
    single = source_images(read(a_patient(tmp_path / "single")))
    assert {image.number for phase in single.at for image in phase} == {None}
    enhanced = source_images(read(an_enhanced_patient(tmp_path / "enhanced.dcm")))
    # The file has the last phase of each slice first.
    assert [[image.number for image in phase] for phase in enhanced.at] == [
        [4, 8, 12],
        [3, 7, 11],
        [2, 6, 10],
        [1, 5, 9],
    ]


def test_a_phase_names_its_images_in_the_order_of_the_slices(tmp_path: Path):
    cine = read(a_patient(tmp_path))
    images = source_images(cine)
    for t in range(5):
        uids = [pydicom.dcmread(file).SOPInstanceUID for file in cine.source.files[t]]
        assert [image.sop_instance for image in images.at[t]] == uids


def test_an_image_shows_the_slice_that_it_was_read_as(tmp_path: Path):
    cine = read(a_patient_in_series(tmp_path))
    places = positions(cine)
    shown = [
        image.shows(place, cine.spacing[1:]) for image, place in zip(source_images(cine).at[0], places, strict=True)
    ]
    assert shown == [True, True, False, True]


def test_an_image_that_goes_while_it_is_exported_is_missed(tmp_path: Path):
    cine = read(a_patient(tmp_path))
    (tmp_path / "IM0003").unlink()
    with pytest.raises(InputError, match="IM0003 is missing from the DICOM folder: put it back"):
        source_images(cine)


@pytest.mark.parametrize(
    ("tags", "reported"),
    [
        ({"FrameOfReferenceUID": None}, "no FrameOfReferenceUID"),
        ({"StudyInstanceUID": ""}, "no StudyInstanceUID"),
        ({"SOPInstanceUID": "1.2.3.4.5"}, "no SOPInstanceUID of their own"),
    ],
)
def test_images_that_nothing_can_be_tied_to_are_refused(tags: dict, reported: str, tmp_path: Path):
    with pytest.raises(InputError, match=reported):
        source_images(read(a_patient(tmp_path, **tags)))


def test_series_in_different_places_of_the_patient_are_refused(tmp_path: Path):
    a_patient_in_series(tmp_path)
    for file in (tmp_path / "Se3").iterdir():
        data = pydicom.dcmread(file)
        data.FrameOfReferenceUID = "1.2.840.99.8"
        data.save_as(file)
    with pytest.raises(InputError, match="several FrameOfReferenceUID"):
        source_images(read(tmp_path))


def test_a_frame_of_reference_of_its_own_in_every_image_of_a_series_is_made_up(tmp_path: Path):
    for number, file in enumerate(sorted(a_patient(tmp_path).iterdir())):
        data = pydicom.dcmread(file)
        data.FrameOfReferenceUID = f"1.2.840.99.{number + 1}"
        data.save_as(file)
    assert source_images(read(tmp_path)).study.FrameOfReferenceUID == "1.2.840.99.1"


def test_ultrasound_has_no_place_that_a_segmentation_could_have(tmp_path: Path):
    path = write_ultrasound(tmp_path / "clip.dcm", sector_images(6))
    with pytest.raises(InputError, match="no position in the patient"):
        source_images(read(path))
