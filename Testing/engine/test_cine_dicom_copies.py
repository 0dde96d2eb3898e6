"""Copies of files, and different images with one identifier."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from cine_files import image, write_dicom, write_stack
from pydicom import dcmread

from medvos.cine.dicom_files import find_images
from medvos.cine.read import read


def changed(folder: Path, **values: object) -> Path:
    for file in folder.iterdir():
        data = dcmread(file)
        for keyword, value in values.items():
            if value is None:
                data.pop(keyword, None)
            else:
                setattr(data, keyword, value)
        data.save_as(file)
    return folder


def test_a_folder_copied_into_itself_is_read_once_and_counted(tmp_path):
    folder = write_stack(tmp_path / "stack")
    whole = read(folder)
    shutil.copytree(folder, tmp_path / "copy")
    (tmp_path / "copy").rename(folder / "copy")
    cine = read(folder)
    np.testing.assert_array_equal(cine.array, whole.array)
    assert cine.source.notes == ("15 of 30 files are copies of others and were passed over.",)


@pytest.mark.parametrize("uid", ["1.2.3.4.5", None])
def test_different_images_with_one_identifier_or_none_are_all_read(tmp_path, uid):
    whole = read(write_stack(tmp_path / "stack"))
    cine = read(changed(tmp_path / "stack", SOPInstanceUID=uid))
    np.testing.assert_array_equal(cine.array, whole.array)
    shared = "15 different images share a SOPInstanceUID with another: all of them were kept."
    assert cine.source.notes == (() if uid is None else (shared,))


def test_copies_are_told_from_images_that_share_their_identifier(tmp_path):
    folder = write_stack(tmp_path / "stack")
    whole = read(folder)
    changed(folder, SOPInstanceUID="1.2.3.4.5")
    shutil.copy(folder / "IM0004", folder / "again")
    cine = read(folder)
    np.testing.assert_array_equal(cine.array, whole.array)
    assert cine.source.notes[0] == "1 of 16 files is a copy of another and was passed over."


def test_one_image_in_two_encodings_is_a_copy(tmp_path):
    folder = write_stack(tmp_path / "stack", slices=1)
    data = dcmread(folder / "IM0002")
    data.compress("1.2.840.10008.1.2.5", generate_instance_uid=False)  # RLE
    data.save_as(folder / "compressed")
    assert len(find_images(folder).headers) == 5


def test_images_that_say_the_same_of_themselves_are_kept_where_their_pixels_differ(tmp_path):
    for k in range(2):
        write_dicom(tmp_path / f"IM{k}", image(k, 0), SOPInstanceUID="1.2.3")
    found = find_images(tmp_path)
    assert len(found.headers) == 2
    assert "2 different images share" in found.notes[0]


def test_equal_images_that_say_nothing_of_themselves_are_kept(tmp_path):
    for k in range(2):
        file = write_dicom(tmp_path / f"IM{k}", np.zeros((20, 24), np.uint16))
        data = dcmread(file)
        del data.SOPInstanceUID
        data.save_as(file)
    assert len(find_images(tmp_path).headers) == 2
