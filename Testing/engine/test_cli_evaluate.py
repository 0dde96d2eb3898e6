from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from medvos_command import Medvos

from medvos.cine.write import write_nifti
from medvos.synth.heart import SyntheticHeart


def test_the_truth_against_itself_is_perfect(medvos: Medvos, a_truth_file: Path):
    answer = medvos("evaluate", a_truth_file, a_truth_file, "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["mean_dice"] == 1


def test_the_tables_show_overlap_and_function(
    medvos: Medvos, a_truth_file: Path, a_heart: SyntheticHeart, tmp_path: Path
):
    worse = a_heart.labels.copy()
    worse[:, 2][worse[:, 2] == 1] = 0
    write_nifti(tmp_path / "worse.nii.gz", worse, a_heart.cine)
    answer = medvos("evaluate", tmp_path / "worse.nii.gz", a_truth_file)
    rows = {cells[0]: cells for cells in map(str.split, answer.stdout.splitlines()) if cells}
    assert rows["LV"][1] == "1.000"
    assert float(rows["RV"][1]) < 1
    assert int(rows["RV"][-1]) == np.count_nonzero((a_heart.labels[:, 2] == 1).any(axis=(1, 2)))
    assert float(rows["RVEDV"][-1]) < 0
    assert float(rows["LVEF"][-1]) == 0


def test_a_folder_of_results_stands_for_its_segmentation(medvos: Medvos, a_truth_file: Path, tmp_path: Path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "segmentation.nii.gz").write_bytes(a_truth_file.read_bytes())
    for truth in (a_truth_file, tmp_path / "results"):
        answer = medvos("evaluate", tmp_path / "results", truth, "--json")
        assert answer.returncode == 0, answer.stderr
        assert json.loads(answer.stdout)["mean_dice"] == 1


def test_two_grids_exit_2(medvos: Medvos, a_truth_file: Path, a_seed_file: Path):
    answer = medvos("evaluate", a_seed_file, a_truth_file)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1


def test_a_truth_without_the_rv_is_scored_without_it_and_says_so(
    medvos: Medvos, a_truth_file: Path, a_heart: SyntheticHeart, tmp_path: Path
):
    without = np.where(a_heart.labels == 1, 0, a_heart.labels).astype(np.uint8)
    write_nifti(tmp_path / "truth.nii.gz", without, a_heart.cine, labels=True)
    answer = medvos("evaluate", a_truth_file, tmp_path / "truth.nii.gz", "--json", "--pred-labels", "rv=1,myo=2,lv=3")
    assert answer.returncode == 0, answer.stderr
    scores = json.loads(answer.stdout)
    assert set(scores["structures"]) == {"LV", "Myo"} and scores["mean_dice"] == 1
    assert "The truth has no RV: it is not scored." in scores["notes"]


def test_only_the_structures_that_are_named_are_scored(medvos: Medvos, a_truth_file: Path):
    answer = medvos("evaluate", a_truth_file, a_truth_file, "--json", "--structures", "lv, Myo")
    assert answer.returncode == 0, answer.stderr
    assert set(json.loads(answer.stdout)["structures"]) == {"LV", "Myo"}
    answer = medvos("evaluate", a_truth_file, a_truth_file, "--structures", "LA")
    assert answer.returncode == 2
    assert answer.stderr == ("medvos: There is no structure 'LA': choose from LV, Myo, RV and MVO, or give a number.\n")


@pytest.mark.parametrize(("found_ms", "true_ms"), [(40.0, 40.0), (40.0, 0.0), (0.0, 40.0), (0.0, 0.0), (1.0, 1.0)])
def test_volumes_of_a_whole_beat_are_compared_whether_or_not_times_are_stated(
    medvos: Medvos, tmp_path: Path, found_ms: float, true_ms: float
):
    beat = a_beat(25)
    for name, step_ms in (("found", found_ms), ("truth", true_ms)):
        save(tmp_path / f"{name}.nii.gz", beat, step_ms)
    answer = medvos("evaluate", tmp_path / "found.nii.gz", tmp_path / "truth.nii.gz", "--json")
    assert answer.returncode == 0, answer.stderr
    measures = json.loads(answer.stdout)["measures"]
    for name in ("LVEDV", "LVESV", "LVSV", "LVEF", "LVM", "RVEDV", "RVESV", "RVSV", "RVEF"):
        assert measures[name]["prediction"] == measures[name]["truth"] is not None, name


@pytest.mark.parametrize("found_ms", [20.0, 0.0])
def test_the_ef_of_a_clip_is_compared_whose_truth_does_not_state_its_times(
    medvos: Medvos, tmp_path: Path, found_ms: float
):
    y, x = np.mgrid[:64, :64] - 32
    sizes = 20 - 6 * np.abs(np.sin(np.pi * np.arange(240) / 20))  # twelve beats
    clip = np.stack([np.hypot(y / 1.4, x) < size for size in sizes])[:, None] * np.uint8(3)
    save(tmp_path / "found.nii.gz", clip, found_ms)
    save(tmp_path / "truth.nii.gz", clip, 0.0)
    answer = medvos("evaluate", tmp_path / "found.nii.gz", tmp_path / "truth.nii.gz", "--json")
    assert answer.returncode == 0, answer.stderr
    ef = json.loads(answer.stdout)["measures"]["LVEF"]
    assert ef["prediction"] == ef["truth"] == pytest.approx(100 * (1 - 0.7**3), abs=5)


def a_beat(phases: int) -> np.ndarray:
    """Labels (T, Z, Y, X) whose ventricles are smallest in the middle."""
    y, x = np.mgrid[:64, :64] - np.array((32, 24))[:, None, None]
    labels = np.zeros((phases, 6, 64, 64), np.uint8)
    for phase, radius in enumerate(14 + 4 * np.cos(2 * np.pi * np.arange(phases) / phases)):
        labels[phase][:, np.hypot(y, x) < 21] = 2
        labels[phase][:, np.hypot(y, x) < radius] = 3
        labels[phase][:, (x > 22) & (x < 22 + 1.5 * radius) & (abs(y) < 14)] = 1
    return labels


def save(path: Path, labels: np.ndarray, step_ms: float) -> None:
    """Write a label image with a time step in ms, or with none."""
    image = nib.Nifti1Image(labels.T, np.diag([1.4, 1.4, 9.0, 1.0]))
    image.header.set_xyzt_units("mm", "msec" if step_ms else "unknown")
    image.header["pixdim"][4] = step_ms
    nib.save(image, path)
