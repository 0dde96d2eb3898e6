"""The one door."""

from __future__ import annotations

import subprocess
import sys

import pytest

from medvos.cine import read
from medvos.cine.read import open_clip
from medvos.errors import InputError


def test_what_does_not_exist_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "nothing")


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "x.nii").touch()
    with pytest.raises(InputError, match="is empty"):
        read(tmp_path / "x.nii")


def test_an_unknown_file_is_refused_with_what_can_be_read(tmp_path):
    (tmp_path / "x.txt").write_text("hello")
    with pytest.raises(InputError, match=r"give a DICOM folder, a 4D NIfTI, a \.seq\.nrrd or a video"):
        read(str(tmp_path / "x.txt"))


def test_importing_costs_no_heavy_library(environment):
    heavy = "pydicom nibabel nrrd av scipy torch"
    code = f"import sys, medvos.cine.read; print([name for name in '{heavy}'.split() if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == "[]"


def test_the_folder_that_one_is_in_has_a_name(tmp_path, monkeypatch):
    (tmp_path / "patient").mkdir()
    monkeypatch.chdir(tmp_path / "patient")
    with pytest.raises(InputError, match="The folder patient is empty"):
        read(".")


@pytest.mark.parametrize("opened", [read, open_clip])
def test_a_still_picture_is_no_cine(tmp_path, opened):
    (tmp_path / "frame.PNG").write_bytes(b"\x89PNG")
    with pytest.raises(InputError, match=r"frame.PNG is a still image: give a video"):
        opened(tmp_path / "frame.PNG")
