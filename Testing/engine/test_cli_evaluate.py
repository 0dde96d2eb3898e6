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
    answer = medvos("evaluate", tmp_path / "results", a_truth_file, "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["mean_dice"] == 1


def test_two_grids_exit_2(medvos: Medvos, a_truth_file: Path, a_seed_file: Path):
    answer = medvos("evaluate", a_seed_file, a_truth_file)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
