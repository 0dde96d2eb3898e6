"""Values from 0 to 1 in a byte, as our readers, nibabel and ITK (so 3D Slicer) read them."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest

from medvos.cine.fractions import STEPS, from_steps, in_steps
from medvos.cine.frames_file import frames_file, frames_in
from medvos.cine.nifti import load
from medvos.cine.write import write_fractions
from medvos.result import Result

HALF_A_STEP = 0.5 / STEPS + 1e-6


def test_steps_are_kept_by_any_number_of_round_trips():
    steps = np.arange(STEPS + 1, dtype=np.uint8)
    values = from_steps(steps)
    np.testing.assert_array_equal(in_steps(values), steps)
    assert values[0] == 0 and 1 - 1e-7 < values[-1] <= 1 and values.dtype == np.float32


@pytest.fixture
def written(a_result: Result, tmp_path: Path) -> tuple[Path, np.ndarray]:
    values = np.random.default_rng(0).random(a_result.cine.shape, np.float32)
    values.flat[:2] = 0, 1
    write_fractions(tmp_path / "u.nii.gz", values, a_result.cine)
    return tmp_path / "u.nii.gz", values


def test_every_reader_finds_values_from_0_to_1_and_the_phase_duration(
    written: tuple[Path, np.ndarray], a_result: Result
):
    path, values = written
    sitk = pytest.importorskip("SimpleITK")
    image = sitk.ReadImage(str(path))
    stored = nibabel.load(path)
    for read in (load(path)[0], np.asarray(stored.dataobj).T, stored.get_fdata().T, sitk.GetArrayFromImage(image)):
        assert read.dtype.kind == "f"
        np.testing.assert_allclose(read, values, atol=HALF_A_STEP)
        assert (read.min(), read.max()) == (0, pytest.approx(1, abs=1e-7)) and read.max() <= 1
    assert stored.get_data_dtype() == np.uint8
    assert stored.header.get_zooms()[3] == pytest.approx(a_result.cine.period / a_result.cine.shape[0], rel=1e-5)


def test_a_clip_appended_frame_by_frame_is_read_alike(tmp_path: Path, a_result: Result):
    cine = a_result.cine
    values = np.random.default_rng(1).random(cine.shape, np.float32)[:, :1]
    clip = type(cine)(cine.array[:, :1], cine.affine, cine.times, cine.period, cine.source)
    path = tmp_path / "u.nii.gz"
    with frames_file(path, clip, np.uint8, fractions=True) as file:
        for frame in values:
            file.append(in_steps(frame[0]))
    np.testing.assert_allclose(load(path)[0], values, atol=HALF_A_STEP)
    back = np.stack([from_steps(frame) for frame in frames_in(path, clip.shape[2:], np.uint8)])
    np.testing.assert_allclose(back, values[:, 0], atol=HALF_A_STEP)
