"""Cases whose files somebody has changed since: a corrected segmentation, and a description beside the truth."""

# ruff: noqa: F811  (fixtures have the names of the arguments)
from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
from cohort_files import settings
from test_cohort_run_case import SETTINGS, case, done, environment_of_children, finished  # noqa: F401

from medvos.cohort.case import Case
from medvos.cohort.record import Status
from medvos.cohort.run_case import EVALUATION, run_case
from medvos.structures import LV


def test_a_changed_description_beside_the_truth_is_compared_again(case: Case, done: Path, tmp_path: Path):
    truth = Path(shutil.copy(case.truth, tmp_path / "truth.nii.gz"))
    first = run_case(replace(case, truth=truth), done, SETTINGS)
    (done / EVALUATION).write_text('{"measures": {}}', encoding="utf-8")
    named = "".join(f'{n} 255 0 0 1 1 1 "{name}"\n' for n, name in ((1, "RV"), (2, "Myo"), (3, "LV")))
    (tmp_path / "truth.label").write_text(named)
    assert run_case(replace(case, truth=truth), done, SETTINGS).compared == first.compared != {}


def corrected(folder: Path) -> np.ndarray:
    """Half of the LV is erased in another program, in the same file; return its labels."""
    path = folder / "segmentation.nii.gz"
    image = nib.load(path)
    labels = np.asarray(image.dataobj).copy()
    labels[tuple(np.argwhere(labels == LV)[::2].T)] = 0
    nib.save(nib.Nifti1Image(labels, image.affine, image.header), path)
    return labels


def test_a_case_that_was_corrected_has_the_measures_of_its_labels_and_says_so(finished, case: Case, done: Path):
    labels = corrected(done)
    again = run_case(case, done, SETTINGS)
    assert again.status is Status.FINISHED and any("was changed" in doubt for doubt in again.doubts)
    assert again.measures["LVEDV"] != finished[0].measures["LVEDV"]
    assert again.compared["LVEDV"] != finished[0].compared["LVEDV"]
    assert np.array_equal(np.asarray(nib.load(done / "segmentation.nii.gz").dataobj), labels)


def test_a_case_that_was_corrected_is_not_replaced(case: Case, done: Path):
    labels = corrected(done)
    again = run_case(case, done, settings("other", labels="rv=1,myo=2,lv=3"))
    assert again.status is Status.FAILED and "would be lost" in again.reason
    assert np.array_equal(np.asarray(nib.load(done / "segmentation.nii.gz").dataobj), labels)
