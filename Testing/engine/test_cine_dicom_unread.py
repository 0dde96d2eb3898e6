"""Files beside DICOM images that are no DICOM."""

from __future__ import annotations

import gzip

import nibabel
import numpy as np
import pytest
from cine_files import write_stack

from medvos.cine.read import read
from medvos.errors import InputError


def last_five(folder):
    return sorted(folder.iterdir())[-5:]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "5 of 15 files are empty (such as IM0011): copy them again"),
        (b"<html>404</html>", "5 of 15 files are damaged or no DICOM (such as IM0011): copy them again"),
        (b"\0" * 5000, "5 of 15 files are damaged or no DICOM"),
    ],
)
def test_a_stack_is_not_made_shorter_by_damaged_files(tmp_path, content, said):
    write_stack(tmp_path)
    for file in last_five(tmp_path):
        file.write_bytes(content)
    with pytest.raises(InputError) as refused:
        read(tmp_path)
    assert said in str(refused.value)


def test_a_file_cut_before_the_mark_of_dicom_is_named(tmp_path):
    file = last_five(write_stack(tmp_path))[0]
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(InputError, match="1 of 15 files is damaged or no DICOM"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("name", "neighbours", "content"),
    [("slice.dcm", "{}.dcm", b""), ("1.2.99.7", "1.2.{}", b"<html>"), ("A17", "IM{}", b""), ("x.IMA", "{}", b"<html>")],
)
def test_a_damaged_file_is_known_by_its_name(tmp_path, name, neighbours, content):
    for n, file in enumerate(sorted(write_stack(tmp_path).iterdir())):
        file.rename(tmp_path / neighbours.format(n))
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match="1 of 16 files is"):
        read(tmp_path)


def test_documents_beside_the_images_are_passed_over(tmp_path):
    write_stack(tmp_path)
    for name in ("README", "report.pdf", "notes.txt", "IM0001.json", "VERSION", "seed.nii.gz"):
        (tmp_path / name).write_text("Notes on the patient.")
    (tmp_path / "LOCKFILE").touch()
    (tmp_path / "done.txt").touch()
    assert not any("not looked into" in note for note in read(tmp_path).source.notes)


def test_packed_files_beside_the_images_are_noted(tmp_path):
    write_stack(tmp_path)
    for file in last_five(tmp_path):
        (tmp_path / f"{file.name}.dcm.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    (tmp_path / "rest.zip").write_bytes(b"PK")
    assert "6 packed files were not looked into (IM0011.dcm.gz, " in " ".join(read(tmp_path).source.notes)


def test_a_folder_of_a_nifti_for_each_phase_says_how_to_join_them(tmp_path):
    for t in range(3):
        nibabel.save(nibabel.Nifti1Image(np.zeros((4, 5, 6), np.int16), np.eye(4)), tmp_path / f"phase{t}.nii.gz")
    with pytest.raises(InputError, match="3 NIfTI files of one volume each: join them into one 4D NIfTI"):
        read(tmp_path)


def test_a_folder_of_one_nifti_names_it(tmp_path):
    nibabel.save(nibabel.Nifti1Image(np.zeros((4, 5, 6, 7), np.int16), np.eye(4)), tmp_path / "cine.nii.gz")
    with pytest.raises(InputError, match=r"cine\.nii\.gz.: give the 4D file itself"):
        read(tmp_path)


def test_the_4d_file_among_single_volumes_is_named(tmp_path):
    for t in range(3):
        nibabel.save(nibabel.Nifti1Image(np.zeros((4, 5, 6), np.int16), np.eye(4)), tmp_path / f"a_seed{t}.nii.gz")
    nibabel.save(nibabel.Nifti1Image(np.zeros((4, 5, 6, 7), np.int16), np.eye(4)), tmp_path / "cine.nii.gz")
    with pytest.raises(InputError, match=r"cine\.nii\.gz.: give the 4D file itself"):
        read(tmp_path)
