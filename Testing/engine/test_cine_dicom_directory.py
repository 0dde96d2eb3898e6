"""Discs with a DICOMDIR."""

from __future__ import annotations

import gc
import warnings
from pathlib import Path

import numpy as np
import pytest
from cine_files import write_stack
from pydicom import dcmread
from pydicom.fileset import FileSet

from medvos.cine.dicom_directory import is_directory_file
from medvos.cine.read import read
from medvos.errors import InputError


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    return write_stack(
        tmp_path / "stack", phases=8, PatientID="P1", PatientName="A", StudyDate="20200101", StudyTime="101010"
    )


@pytest.fixture
def disc(tmp_path: Path, stack: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        files = FileSet()
        for file in sorted(stack.iterdir()):
            data = dcmread(file)
            data.StudyID, data.AccessionNumber = "1", ""
            files.add(data)
        files.write(tmp_path / "disc")
        del files
        gc.collect()  # pydicom leaves the removal of its temporary folder to the collector, which warns of it
    return tmp_path / "disc"


@pytest.mark.parametrize("part", ["", "DICOMDIR"])
def test_a_disc_and_its_list_are_read_as_the_folder_of_its_images(stack, disc, part):
    cine = read(disc / part)
    np.testing.assert_array_equal(cine.array, read(stack).array)
    assert cine.source.notes == ()


def test_names_that_a_copy_changed_to_small_letters_are_found(stack, disc):
    for folder in sorted((entry for entry in disc.rglob("*") if entry.is_dir()), reverse=True):
        for entry in folder.iterdir():
            entry.rename(entry.with_name(entry.name.lower()))
        folder.rename(folder.with_name(folder.name.lower()))
    np.testing.assert_array_equal(read(disc / "DICOMDIR").array, read(stack).array)


def test_images_beside_the_disc_are_not_read_with_its_list(stack, disc, tmp_path):
    write_stack(disc / "another", PatientID="P2")
    np.testing.assert_array_equal(read(disc / "DICOMDIR").array, read(stack).array)


def test_a_list_without_its_images_says_so(disc, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "DICOMDIR").write_bytes((disc / "DICOMDIR").read_bytes())
    for path in (alone, alone / "DICOMDIR"):
        with pytest.raises(InputError, match="DICOMDIR lists 24 images and none of them is beside it"):
            read(path)


def test_missing_images_are_counted(disc):
    sorted(file for file in disc.rglob("*") if file.is_file() and file.name != "DICOMDIR")[3].unlink()
    for path in (disc, disc / "DICOMDIR"):
        assert "DICOMDIR lists 1 file that is not there: the cine may be incomplete." in read(path).source.notes


def test_a_damaged_list_does_not_hide_the_images(stack, disc):
    (disc / "DICOMDIR").write_bytes((disc / "DICOMDIR").read_bytes()[:600])
    np.testing.assert_array_equal(read(disc).array, read(stack).array)


@pytest.mark.parametrize("name", ["DICOMDIR", "dicomdir", "DICOMDIR.;1", "DICOMDIR;1"])
def test_names_of_a_list(name):
    assert is_directory_file(Path(name))
