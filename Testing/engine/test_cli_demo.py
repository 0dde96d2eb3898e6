from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
from conftest import Medvos


def test_the_demo_draws_one_slice_and_says_what_was_found_against_what_is_true(medvos: Medvos, tmp_path: Path):
    answer = medvos("demo", "--out", tmp_path / "demo", "--device", "cpu")
    assert answer.returncode == 0, answer.stderr
    written = {file.name for file in (tmp_path / "demo").iterdir()}
    assert {"cine.nii.gz", "seed.nii.gz", "truth.nii.gz", "segmentation.nii.gz", "report.html"} <= written
    seed, truth = (np.asarray(nib.load(tmp_path / "demo" / name).dataobj).T for name in ("seed.nii.gz", "truth.nii.gz"))
    assert np.count_nonzero(seed.any(axis=(2, 3))) == 1
    assert np.array_equal(seed[seed > 0], truth[seed > 0])
    assert "LV ejection fraction" in answer.stdout
    assert "Dice" in answer.stdout
    assert str(tmp_path / "demo" / "report.html") in answer.stdout
