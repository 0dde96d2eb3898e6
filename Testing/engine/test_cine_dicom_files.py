"""Finding DICOM files and telling damaged ones."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from cine_files import image, write_dicom, write_stack

from medvos.cine.dicom_files import find_headers
from medvos.cine.read import read
from medvos.errors import InputError


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="is empty"):
        find_headers(tmp_path)


def test_a_folder_without_dicom_is_refused(tmp_path):
    (tmp_path / "readme").write_text("x" * 1000)
    with pytest.raises(InputError, match="no DICOM image"):
        find_headers(tmp_path)


@pytest.mark.parametrize(
    ("empty", "said"),
    [(1, "1 of its 2 files is empty (0 bytes): copy it again"), (3, "3 of its 4 files are empty (0 bytes): copy them")],
)
def test_empty_files_of_a_folder_without_dicom_are_counted(tmp_path, empty, said):
    (tmp_path / "readme").write_text("x" * 1000)
    for k in range(empty):
        (tmp_path / f"IM{k}").touch()
    with pytest.raises(InputError) as refused:
        find_headers(tmp_path)
    assert said in str(refused.value)


def test_each_object_is_found_once_under_any_name(tmp_path):
    original = write_dicom(tmp_path / "deep" / "er" / "IM1", image(0, 0))
    (tmp_path / "copy.of.it").write_bytes(original.read_bytes())
    assert [header.name for header in find_headers(tmp_path)] == ["copy.of.it"]


def test_files_without_preamble_are_dicom_too(tmp_path):
    whole = read(write_stack(tmp_path / "whole"))
    write_stack(tmp_path / "bare")
    for file in (tmp_path / "bare").iterdir():
        content = file.read_bytes()
        file.write_bytes(content[144 + int.from_bytes(content[140:144], "little") :])
    np.testing.assert_array_equal(read(tmp_path / "bare").array, whole.array)


@pytest.mark.parametrize("part", [0.3, 0.7, 0.95])
def test_a_truncated_file_is_named(tmp_path, part):
    folder = write_stack(tmp_path / "cine", slices=1, phases=3, shape=(64, 64))
    file = folder / "IM0002"
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(InputError, match="IM0002"):
        read(folder)


def test_a_file_cut_inside_its_header_is_named(tmp_path):
    file = write_dicom(tmp_path / "IM1", image(0, 0))
    file.write_bytes(file.read_bytes()[:500])
    with pytest.raises(InputError, match="IM1 is cut short"):
        find_headers(tmp_path)


def test_reports_and_other_objects_without_an_image_are_passed_over(tmp_path):
    write_dicom(tmp_path / "image", image(0, 0))
    report = "1.2.840.10008.5.1.4.1.1.88.11"
    write_dicom(tmp_path / "report", image(0, 0), report, Rows=None, Columns=None, PixelData=None)
    assert [header.name for header in find_headers(tmp_path)] == ["image"]


def _as_nobody(folder: str, answer) -> None:
    if os.geteuid() == 0:  # whom no permission keeps out
        os.setuid(65534)
    try:
        read(folder)
    except InputError as error:
        answer.put(str(error))


@pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX")
def test_a_folder_without_permission_is_refused():
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = write_stack(Path(name) / "closed")
        import pydicom.pixels  # noqa: F401

        folder.chmod(0o000)
        context = multiprocessing.get_context("fork")
        answer = context.Queue()
        process = context.Process(target=_as_nobody, args=(str(folder), answer))
        process.start()
        process.join(30)
        folder.chmod(0o755)
        assert "may not be read" in answer.get(timeout=5)


def test_files_without_preamble_that_begin_with_group_2_are_dicom_too(tmp_path):
    whole = read(write_stack(tmp_path / "whole"))
    write_stack(tmp_path / "bare")
    for file in sorted((tmp_path / "bare").iterdir())[-5:]:
        file.write_bytes(file.read_bytes()[132:])
    np.testing.assert_array_equal(read(tmp_path / "bare").array, whole.array)
