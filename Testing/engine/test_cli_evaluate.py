from __future__ import annotations

import json
from pathlib import Path

import numpy as np
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
