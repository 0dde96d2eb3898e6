"""Images that do not say where they are."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from cine_files import write_stack
from test_cine_dicom_films import as_it_is, filmed
from test_cine_image_evidence import beat

from medvos.cine.read import read
from medvos.errors import InputError


def without(folder, attribute, slices, location=False):
    for n, file in enumerate(sorted(folder.iterdir())):
        data = pydicom.dcmread(file)
        if not location:
            del data.SliceLocation
        if n // 5 in slices:
            delattr(data, attribute)
        data.save_as(file)
    return folder


@pytest.mark.parametrize("attribute", ["ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"])
@pytest.mark.parametrize("slices", [(3,), (1,)])
def test_a_stack_is_not_made_shorter_without_a_word(tmp_path, attribute, slices):
    with pytest.raises(InputError, match=rf"5 images of series 4.*no place in the patient \({attribute} is missing"):
        read(without(write_stack(tmp_path, slices=4), attribute, slices))


def test_a_place_that_the_slice_location_tells_is_filled_in_and_it_is_said(tmp_path):
    whole = read(write_stack(tmp_path / "whole", slices=4))
    cine = read(without(write_stack(tmp_path / "part", slices=4), "ImagePositionPatient", (3,), location=True))
    np.testing.assert_array_equal(cine.array, whole.array)
    np.testing.assert_allclose(cine.affine, whole.affine, atol=1e-3)
    assert "5 images of series 4 have no ImagePositionPatient" in cine.source.notes[0]


def test_pictures_of_another_series_without_a_place_do_not_matter(tmp_path):
    write_stack(tmp_path / "cine")
    write_stack(tmp_path / "other", slices=1, series=9, SeriesDescription="screen", shape=(32, 32))
    for file in (tmp_path / "other").iterdir():
        data = pydicom.dcmread(file)
        del data.ImagePositionPatient
        data.save_as(file)
    cine = read(tmp_path)
    assert cine.shape[:2] == (5, 3)
    assert cine.source.contents[-1].why == "it has no place in the patient"
    assert "5 images of series 9 'screen' have no place in the patient" in " ".join(cine.source.notes)


@pytest.mark.parametrize(
    "tags", [{"ImageType": ["DERIVED", "SECONDARY"]}, {"Modality": "OT"}, {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}]
)
def test_screenshots_and_other_modalities_without_a_place_are_not_mentioned(tmp_path, tags):
    write_stack(tmp_path / "cine")
    write_stack(tmp_path / "other", slices=1, series=9, shape=(32, 32), ImagePositionPatient=None, **tags)
    assert not any("no place" in note for note in read(tmp_path).source.notes)


@pytest.mark.parametrize("locations", [True, False])
def test_slices_in_series_of_their_own_with_one_position_are_refused(tmp_path, locations):
    for z in range(4):

        def change(data, t, _, z=z):
            data.PixelData = (1000 * np.clip(np.roll(beat(12, seed=z), 17 * z, 2)[t], 0, 4)).astype(np.uint16).tobytes()
            data.SliceLocation = 8.0 * z if locations else 0.0

        filmed(tmp_path / "stack" / f"{z}", change, phases=12, slices=1, series=z + 1)
    with pytest.raises(InputError, match="one ImagePositionPatient"):
        read(tmp_path / "stack")


def test_a_slice_that_was_repeated_twice_is_read(tmp_path):
    for z in range(3):
        filmed(tmp_path / "slice" / f"{z}", as_it_is, phases=12, slices=1, series=z + 1, SliceLocation=5.0)
    cine = read(tmp_path / "slice")
    assert cine.shape[:2] == (12, 1) and "acquired again" in " ".join(cine.source.notes)


@pytest.mark.parametrize("location", [lambda n: n + 1, lambda n: 8 * (n // 5) + n % 5])
def test_a_slice_location_that_counts_images_does_not_matter_where_positions_are_right(tmp_path, location):
    whole = read(write_stack(tmp_path / "whole"))
    folder = write_stack(tmp_path / "counted")
    for n, file in enumerate(sorted(folder.iterdir())):
        data = pydicom.dcmread(file)
        data.SliceLocation = location(n)
        data.save_as(file)
    np.testing.assert_array_equal(read(folder).array, whole.array)
