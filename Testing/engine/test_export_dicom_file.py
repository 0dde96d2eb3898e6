"""Writing DICOM objects."""

from __future__ import annotations

import errno
from pathlib import Path

import pydicom
import pytest
from cine_files import image
from cine_files import write_dicom as write_image

from medvos.export.dicom_file import write_dicom


def test_an_object_is_read_as_it_was_written(tmp_path: Path):
    dataset = pydicom.dcmread(write_image(tmp_path / "a.dcm", image(0, 0)))
    write_dicom(tmp_path / "b.dcm", dataset)
    assert pydicom.dcmread(tmp_path / "b.dcm") == dataset


def test_a_full_disk_is_said_as_the_system_says_it(tmp_path: Path):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no device that is always full")
    dataset = pydicom.dcmread(write_image(tmp_path / "a.dcm", image(0, 0)))
    with pytest.raises(OSError, match="No space left") as refused:
        write_dicom(full, dataset)
    assert refused.value.errno == errno.ENOSPC
