from __future__ import annotations

import gzip
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medvos.cine import nifti
from medvos.cine.fractions import SLOPE, from_steps, in_steps
from medvos.cine.write import write_fractions, write_nifti
from medvos.errors import InputError
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.plain_nifti import load, save

SHEARED = np.array([[1.2, 0.1, 2.0, -30.0], [-0.3, 1.3, 4.0, 12.5], [0.2, -0.1, -7.0, 40.0], [0, 0, 0, 1]])


@pytest.mark.parametrize("name", ["labels.nii", "labels.nii.gz"])
def test_labels_of_the_engine_are_read_as_nibabel_reads_them(small_heart: SyntheticHeart, tmp_path: Path, name: str):
    cine = replace(small_heart.cine, affine=SHEARED)
    write_nifti(tmp_path / name, small_heart.labels, cine, "a description", labels=True)
    voxels, affine = load(tmp_path / name)
    expected, expected_affine, _, _ = nifti.load(tmp_path / name)
    np.testing.assert_array_equal(voxels, expected)
    np.testing.assert_array_equal(affine, expected_affine)
    assert voxels.dtype == np.uint8


def test_fractions_of_the_engine_are_read_to_the_last_digit(small_heart: SyntheticHeart, tmp_path: Path):
    fractions = np.random.default_rng(0).random(small_heart.labels.shape, np.float32)
    write_fractions(tmp_path / "steps.nii.gz", fractions, small_heart.cine)
    write_nifti(tmp_path / "single.nii.gz", fractions, small_heart.cine)
    steps, single = load(tmp_path / "steps.nii.gz")[0], load(tmp_path / "single.nii.gz")[0]
    np.testing.assert_array_equal(steps, from_steps(in_steps(fractions)))
    np.testing.assert_array_equal(single, fractions)
    assert steps.dtype == single.dtype == np.float32


def test_what_is_saved_is_read_by_nibabel(small_heart: SyntheticHeart, tmp_path: Path):
    steps = in_steps(np.random.default_rng(0).random(small_heart.labels.shape, np.float32))
    save(tmp_path / "saved.nii.gz", steps, SHEARED, float(SLOPE))
    expected, affine, _, _ = nifti.load(tmp_path / "saved.nii.gz")
    np.testing.assert_array_equal(expected.astype(np.float32), load(tmp_path / "saved.nii.gz")[0])
    np.testing.assert_array_equal(expected.astype(np.float32), from_steps(steps))
    np.testing.assert_allclose(affine, SHEARED, atol=1e-5)


def test_what_is_saved_may_be_a_view_of_an_array(small_heart: SyntheticHeart, tmp_path: Path):
    save(tmp_path / "saved.nii.gz", small_heart.labels[:, ::-1], small_heart.cine.affine)
    np.testing.assert_array_equal(load(tmp_path / "saved.nii.gz")[0], small_heart.labels[:, ::-1])


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _of_another_type(content: bytes) -> bytes:
    return content[:70] + (64).to_bytes(2, "little") + content[72:]


def _of_no_size(content: bytes) -> bytes:
    return content[:44] + bytes(2) + content[46:]


@pytest.mark.parametrize(
    "damage", [_cut, _of_another_type, _of_no_size, lambda content: b"", lambda content: b"x" * 400]
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_damaged_file_is_refused(small_heart: SyntheticHeart, tmp_path: Path, damage, is_packed: bool):
    write_nifti(tmp_path / "labels.nii", small_heart.labels, small_heart.cine)
    damaged = damage((tmp_path / "labels.nii").read_bytes())
    (tmp_path / "damaged.nii").write_bytes(gzip.compress(damaged) if is_packed else damaged)
    with pytest.raises(InputError, match="damaged"):
        load(tmp_path / "damaged.nii")


def test_a_packed_file_that_is_cut_short_is_refused(small_heart: SyntheticHeart, tmp_path: Path):
    save(tmp_path / "labels.nii.gz", small_heart.labels, small_heart.cine.affine)
    (tmp_path / "cut.nii.gz").write_bytes(_cut((tmp_path / "labels.nii.gz").read_bytes()))
    with pytest.raises(InputError, match="damaged"):
        load(tmp_path / "cut.nii.gz")


# Handing a result over and reading one, as the panel does, in a Python of its own.
_BOTH_WAYS = """
import sys
from pathlib import Path
import numpy as np
from medvos.synth.heart import synthetic_heart
from MedVOSSegmentLib.job.outcome import read_outcome
from MedVOSSegmentLib.job.tasks import PreviousResult, PropagationTask
heart = synthetic_heart(1, shape=(4, 5, 96, 96))
uncertainty, scores = np.zeros(heart.labels.shape, np.float32), np.zeros(heart.labels.shape[:2], np.float32)
previous = PreviousResult(heart.labels, uncertainty, scores, scores > 0)
folder = Path(sys.argv[1])
PropagationTask(heart.cine, heart.labels, previous=previous).hand_over(folder)
(folder / "previous" / "report.json").write_text(
    '{"slice_scores": [], "measures": {}, "phases": {}, "provenance": {}}', encoding="utf-8"
)
assert (read_outcome(folder / "previous", heart.cine).labels == heart.labels).all()
print(sorted({"nibabel", "pydicom", "requests"} & set(sys.modules)))
"""


def test_no_package_is_imported_while_the_window_waits(tmp_path: Path):
    command = [sys.executable, "-c", _BOTH_WAYS, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
