"""The seam to the format libraries, and what comes through it of damaged files."""

from __future__ import annotations

import contextlib
import gzip
import resource
import time
from pathlib import Path

import numpy as np
import pytest
from cine_files import write_clip, write_enhanced, write_stack
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_cine_nifti import save as save_nifti
from test_cine_nrrd import save as save_nrrd
from test_cine_video import save as save_video

from medvos.cine import Cine, read, read_seed
from medvos.cine.guard import check_size, checked, reading
from medvos.errors import InputError

HEADER_BYTES = 1500
LONGEST_SECONDS = 5.0


def a_cine(array: np.ndarray, **changes) -> Cine:
    times = np.arange(len(array)) * 100.0
    values = {"affine": np.eye(4), "times": times, "period": 100.0 * len(array)} | changes
    return Cine(array.astype(np.float32), **values)


def test_any_exception_of_a_library_becomes_one_that_names_the_file():
    with pytest.raises(InputError, match="scan cannot be read as NIfTI"), reading("scan", "NIfTI"):
        raise KeyError("Doe^Jane")


def test_refusals_come_through_as_they_are():
    with pytest.raises(InputError, match=r"^mine$"), reading("scan", "NIfTI"):
        raise InputError("mine")


def test_more_pixels_than_the_file_holds_are_refused():
    check_size("scan", (2, 10, 10), 400, 2)
    with pytest.raises(InputError, match="cut short"):
        check_size("scan", (2, 10, 10), 399, 2)


def test_a_sound_cine_is_given_back():
    cine = a_cine(np.zeros((2, 1, 9, 9)))
    assert checked(cine) is cine


@pytest.mark.parametrize(
    ("shape", "changes", "message"),
    [
        ((1, 1, 9, 9), {}, "one phase"),
        ((32768, 1, 9, 9), {}, "cut it into parts of 32767"),
        ((2, 1, 9, 3), {}, "too small"),
        ((2, 1, 9, 9), {"affine": np.zeros((4, 4))}, "geometry"),
        ((2, 1, 9, 9), {"affine": np.full((4, 4), np.nan)}, "not finite"),
        ((2, 1, 9, 9), {"times": np.zeros(2)}, "do not increase"),
        ((2, 1, 9, 9), {"period": 50.0}, "do not increase"),
    ],
)
def test_what_the_engine_cannot_work_on_is_refused(shape, changes, message):
    with pytest.raises(InputError, match=message):
        checked(a_cine(np.zeros(shape), **changes))


@pytest.fixture(scope="module")
def sound_files(tmp_path_factory, data_folder_or_none) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("sound")
    save_nrrd(folder / "raw.seq.nrrd", encoding="raw")
    files = {
        "classic.dcm": write_stack(folder / "classic", slices=1, phases=2) / "IM0001",
        "enhanced.dcm": write_enhanced(folder / "enhanced.dcm"),
        "clip.dcm": write_clip(folder / "clip.dcm"),
        "x.nii": save_nifti(folder / "x.nii"),
        "x.nii.gz": save_nifti(folder / "x.nii.gz"),
        "x.seq.nrrd": save_nrrd(folder / "x.seq.nrrd"),
        "raw.seq.nrrd": folder / "raw.seq.nrrd",
        "x.avi": save_video(folder / "x.avi"),
    }
    if data_folder_or_none is not None:
        files["scanned.dcm"] = sorted((data_folder_or_none / "sunnybrook_4d").rglob("*.dcm"))[0]
    return {name: path.read_bytes() for name, path in files.items()}


@pytest.fixture(scope="module")
def data_folder_or_none(request) -> Path | None:
    try:
        return request.getfixturevalue("data_folder")
    except pytest.skip.Exception:
        return None


NAMES = ["classic.dcm", "enhanced.dcm", "clip.dcm", "x.nii", "x.nii.gz", "x.seq.nrrd", "raw.seq.nrrd", "x.avi"]
NAMES += ["scanned.dcm"]


@st.composite
def damage(draw):
    """A way to spoil bytes: cut, flip, overwrite with extremes, shuffle, in the header more often than elsewhere."""
    kind = draw(st.sampled_from(["cut", "flip", "extreme", "shuffle", "repeat", "insert"]))
    in_header = draw(st.booleans())
    places = draw(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=6))
    values = draw(st.lists(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF, 0x2D, 0x39]), min_size=6, max_size=6))

    def spoil(content: bytes) -> bytes:
        size = min(len(content), HEADER_BYTES) if in_header else len(content)
        spots = [int(place * size) for place in places]
        data = bytearray(content)
        if kind == "cut":
            return bytes(data[: spots[0]])
        if kind == "repeat":
            return bytes(data[: spots[0]] + data[spots[-1] :])
        if kind == "insert":
            return bytes(data[: spots[0]] + bytes(values) + data[spots[0] :])
        for spot, value in zip(spots, values, strict=False):
            if kind == "flip":
                data[spot] ^= value or 0x10
            elif kind == "extreme":
                data[spot : spot + 4] = bytes([value] * 4)
            else:
                part = data[spot : spot + 16]
                data[spot : spot + 16] = part[::-1]
        return bytes(data)

    return spoil


def check_only_documented_errors(path: Path) -> None:
    start = time.monotonic()
    try:
        cine = read(path)
    except InputError as error:
        assert "\n" not in str(error) and len(str(error)) < 400
    else:
        assert np.isfinite(cine.array).all() and len(cine.times) == cine.shape[0] >= 2
    assert time.monotonic() - start < LONGEST_SECONDS


@pytest.mark.parametrize("name", NAMES)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(spoil=damage())
def test_damaged_files_are_read_or_refused_and_nothing_else(name, spoil, sound_files, tmp_path):
    if name not in sound_files:
        pytest.skip("no real data on this machine (MEDVOS_DATA)")
    path = tmp_path / name
    path.write_bytes(spoil(sound_files[name]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    check_only_documented_errors(path)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 500_000, "a small file took more than 500 MB"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(spoil=damage())
def test_damaged_files_inside_a_gzip_are_read_or_refused(spoil, sound_files, tmp_path):
    path = tmp_path / "x.nii.gz"
    path.write_bytes(gzip.compress(spoil(sound_files["x.nii"]), 1))
    check_only_documented_errors(path)


@pytest.mark.parametrize("name", ["x.nii", "x.seq.nrrd"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(spoil=damage())
def test_damaged_seeds_are_read_or_refused(name, spoil, sound_files, tmp_path):
    path = tmp_path / name
    path.write_bytes(sound_files[name])
    cine = read(path)
    path.write_bytes(spoil(sound_files[name]))
    with contextlib.suppress(InputError):
        assert read_seed(path, cine).drawn.any()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(spoil=damage())
def test_one_damaged_file_in_a_folder_is_read_or_refused(spoil, tmp_path_factory):
    folder = write_stack(tmp_path_factory.mktemp("stack"), slices=2, phases=3)
    file = folder / "IM0002"
    file.write_bytes(spoil(file.read_bytes()))
    check_only_documented_errors(folder)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(content=st.binary(max_size=2000), name=st.sampled_from(["x", "x.nii", "x.nii.gz", "x.nrrd", "x.avi", "x.dcm"]))
def test_any_bytes_are_refused(content, name, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError):
        read(path)


@pytest.mark.parametrize("grey", [3e38, -3.4e38, 1e20])
def test_greys_whose_squares_single_precision_cannot_hold_are_refused(grey):
    array = np.zeros((2, 1, 9, 9), np.float32)
    array[1, 0, 4, 4] = grey
    with pytest.raises(InputError, match=r"Phase 2 \(counted from 1\) has pixels beyond 1e"):
        checked(Cine(array, np.eye(4), np.arange(2) * 40.0, 80.0))


def test_a_package_that_is_not_installed_is_no_damaged_file():
    with pytest.raises(ModuleNotFoundError), reading("a.nii", "an image"):
        raise ModuleNotFoundError("No module named 'nibabel'", name="nibabel")
