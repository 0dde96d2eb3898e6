from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medvos.cine.cine import Cine, Source
from medvos.cine.read import read
from medvos.cine.seed import read_seed
from medvos.cine.write import write_nifti
from medvos.errors import InputError
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.image_files import read_nifti, write_nrrd


@pytest.fixture
def irregular(small_cine: Cine) -> Cine:
    """With phases that no step describes, a pause after the last one and a rate of its own."""
    times = np.array([0, 31.7, 64.1, 98.123456789, 140, 171])
    notes = ('The gating said "arrhythmia": 2 \\ 3 beats were taken, é.',)
    return replace(small_cine, times=times, period=812.5, source=Source(heart_rate=71.0, notes=notes))


def test_the_engine_reads_the_cine_to_the_last_digit(irregular: Cine, tmp_path: Path):
    write_nrrd(tmp_path / "cine.nrrd", irregular.array, irregular)
    cine = read(tmp_path / "cine.nrrd")
    np.testing.assert_array_equal(cine.array, irregular.array)
    np.testing.assert_array_equal(cine.affine, irregular.affine)
    np.testing.assert_array_equal(cine.times, irregular.times)
    assert cine.period == irregular.period
    assert cine.source.heart_rate == irregular.source.heart_rate
    assert cine.source.notes == irregular.source.notes


def test_a_heart_rate_that_is_unknown_stays_unknown(irregular: Cine, tmp_path: Path):
    unknown = replace(irregular, source=Source(notes=("assumed",)))
    write_nrrd(tmp_path / "cine.nrrd", unknown.array, unknown)
    cine = read(tmp_path / "cine.nrrd")
    assert cine.source.heart_rate is None
    assert cine.source.notes == ("assumed",)


def test_the_engine_reads_the_seed_where_it_was_drawn(small_heart: SyntheticHeart, tmp_path: Path):
    write_nrrd(tmp_path / "seed.nrrd", small_heart.labels, small_heart.cine)
    np.testing.assert_array_equal(read_seed(tmp_path / "seed.nrrd", small_heart.cine).labels, small_heart.labels)


def test_an_array_that_is_a_view_is_written_as_it_looks(small_heart: SyntheticHeart, tmp_path: Path):
    write_nrrd(tmp_path / "seed.nrrd", small_heart.labels[:, :, ::-1], small_heart.cine)
    seed = read_seed(tmp_path / "seed.nrrd", small_heart.cine)
    np.testing.assert_array_equal(seed.labels, small_heart.labels[:, :, ::-1])


def test_results_are_read_on_the_grid_of_the_cine(small_heart: SyntheticHeart, tmp_path: Path):
    write_nifti(tmp_path / "labels.nii.gz", small_heart.labels, small_heart.cine)
    np.testing.assert_array_equal(read_nifti(tmp_path / "labels.nii.gz", small_heart.cine), small_heart.labels)


def test_results_on_another_grid_are_refused(small_heart: SyntheticHeart, tmp_path: Path):
    moved = small_heart.cine.affine.copy()
    moved[0, 3] += 1
    write_nifti(tmp_path / "moved.nii.gz", small_heart.labels, replace(small_heart.cine, affine=moved))
    write_nifti(tmp_path / "cut.nii.gz", small_heart.labels[:, 1:], small_heart.cine)
    for name in ("moved.nii.gz", "cut.nii.gz"):
        with pytest.raises(ValueError, match="another grid"):
            read_nifti(tmp_path / name, small_heart.cine)


def test_a_damaged_result_is_refused(small_heart: SyntheticHeart, tmp_path: Path):
    (tmp_path / "labels.nii.gz").write_bytes(b"damaged")
    with pytest.raises(InputError):
        read_nifti(tmp_path / "labels.nii.gz", small_heart.cine)
