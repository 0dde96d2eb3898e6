from __future__ import annotations

import json
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from labelled_heart import SPACING, a_labelled_heart

from medvos.cine.geometry import flipped
from medvos.errors import InputError
from medvos.evaluate.compare import EXCHANGED, compare_files
from medvos.structures import LV, MVO, MYO, RV

VOXEL_ML = float(np.prod(SPACING)) / 1000


def save(path: Path, labels: np.ndarray, affine: np.ndarray | None = None) -> Path:
    case = a_labelled_heart()
    nib.save(nib.Nifti1Image(labels.T, case.cine.affine if affine is None else affine), path)
    return path


@pytest.fixture
def truth() -> np.ndarray:
    return a_labelled_heart().labels


@pytest.fixture
def a_truth(tmp_path: Path, truth: np.ndarray) -> Path:
    return save(tmp_path / "truth.nii.gz", truth)


def test_a_file_agrees_with_itself(a_truth: Path, truth: np.ndarray):
    report = compare_files(a_truth, a_truth)
    assert report["mean_dice"] == 1
    assert list(report["structures"]) == ["RV", "Myo", "LV"]
    assert (report["ED"], report["ES"]) == (2, 0)
    edv, esv = ((truth[t] == LV).sum() * VOXEL_ML for t in (2, 0))
    assert report["volumes"]["LV"]["EDV"] == {"prediction": pytest.approx(edv), "truth": pytest.approx(edv), "error": 0}
    assert report["volumes"]["LV"]["EF"]["truth"] == pytest.approx(100 * (1 - esv / edv))
    json.dumps(report, allow_nan=False)


def test_a_result_as_the_truth_of_another_file_is_noted(tmp_path: Path, a_truth: Path):
    result = tmp_path / "result"
    result.mkdir()
    shutil.copy(a_truth, result / "segmentation.nii.gz")
    assert "notes" not in compare_files(a_truth, result)
    (result / "report.json").write_text("{}")
    for given in (result, result / "segmentation.nii.gz"):
        assert compare_files(a_truth, given)["notes"] == [EXCHANGED]
        assert "notes" not in compare_files(given, a_truth)
    assert "notes" not in compare_files(result, result)


def test_a_predicted_obstruction_is_wall_all_the_same(tmp_path: Path, a_truth: Path, truth: np.ndarray):
    obstructed = np.where((truth == MYO) & (np.arange(truth.shape[-1]) > truth.shape[-1] // 2), MVO, truth)
    a_prediction = save(tmp_path / "mvo.nii.gz", obstructed.astype(np.uint8))
    report = compare_files(a_prediction, a_truth)
    assert list(report["structures"]) == ["RV", "Myo", "LV"] and report["mean_dice"] == 1
    with_it = compare_files(a_prediction, a_prediction)["structures"]
    assert list(with_it) == ["RV", "Myo", "LV", "MVO"] and with_it["Myo"]["dice"] == 1


def test_slices_in_another_order_are_matched_through_the_affine(tmp_path: Path, a_truth: Path, truth: np.ndarray):
    affine = flipped(a_labelled_heart().cine.affine, 2, truth.shape[1])
    report = compare_files(save(tmp_path / "upside_down.nii.gz", truth[:, ::-1], affine), a_truth)
    assert report["mean_dice"] == 1
    assert all(one["hd95_mm"] == 0 for one in report["structures"].values())


def test_what_was_not_judged_does_not_count(tmp_path: Path, a_truth: Path, truth: np.ndarray):
    found = np.where(truth == 255, LV, truth).astype(np.uint8)
    report = compare_files(save(tmp_path / "found.nii.gz", found), a_truth)
    assert report["mean_dice"] == 1
    assert [p["phase"] for p in report["structures"]["LV"]["phases"]] == [0, 2]


def test_a_slice_that_was_not_judged_does_not_count_in_a_judged_phase(tmp_path: Path, truth: np.ndarray):
    partly = truth.copy()
    partly[2, 3] = 255
    found = np.where(truth == 255, 0, truth).astype(np.uint8)
    found[2, 3] = LV
    report = compare_files(save(tmp_path / "found.nii.gz", found), save(tmp_path / "partly.nii.gz", partly))
    assert report["mean_dice"] == 1
    assert all(s["hd95_mm"] == 0 and s["spurious_slices"] == 0 for s in report["structures"].values())
    judged = [z for z in range(7) if z != 3]
    assert report["volumes"]["LV"]["ESV"]["prediction"] == pytest.approx((truth[0, judged] == LV).sum() * VOXEL_ML)


def test_faults_are_found(tmp_path: Path, a_truth: Path, truth: np.ndarray):
    found = np.where(truth == 255, 0, truth).astype(np.uint8)
    found[0, 5, :4, :4] = RV
    found[2][found[2] == LV] = 0
    report = compare_files(save(tmp_path / "found.nii.gz", found), a_truth)
    assert report["structures"]["RV"]["spurious_slices"] == 1
    assert report["structures"]["LV"]["missed_slices"] == 6
    assert report["structures"]["LV"]["dice"] == pytest.approx(0.5)
    assert report["structures"]["LV"]["phases"][1]["hd95_mm"] is None
    assert report["volumes"]["LV"]["EDV"]["prediction"] == 0
    assert report["volumes"]["LV"]["EF"]["prediction"] is None
    json.dumps(report, allow_nan=False)


def test_a_truth_of_one_phase_has_no_ef(tmp_path: Path, a_truth: Path, truth: np.ndarray):
    found = np.where(truth == 255, 0, truth).astype(np.uint8)
    found[1] = found[2]
    a_prediction = save(tmp_path / "found.nii.gz", found)
    drawn = np.zeros_like(found)
    drawn[2] = truth[2]
    report = compare_files(a_prediction, save(tmp_path / "drawn.nii.gz", drawn))
    assert report["mean_dice"] == 1
    assert [row["phase"] for row in report["structures"]["LV"]["phases"]] == [2]
    assert (report["volumes"], report["ED"], report["ES"]) == ({}, None, None)
    stated = {name for name, row in report["measures"].items() if row["truth"] is not None}
    assert "LVEDV" in stated
    assert not {name for name in stated if name.endswith(("ESV", "SV", "EF"))}
    assert report["notes"] == [
        "LV and RV of the truth have labels at one phase alone, which is taken as ED: ESV, SV and EF are not compared."
    ]


def test_an_rv_that_was_drawn_at_one_phase_has_no_ef(tmp_path: Path, a_truth: Path, truth: np.ndarray):
    partly = truth.copy()
    partly[0][partly[0] == RV] = 0
    report = compare_files(a_truth, save(tmp_path / "partly.nii.gz", partly))
    assert report["volumes"]["LV"]["EF"]["error"] == 0
    assert report["volumes"]["RV"]["EDV"]["error"] == 0
    for name in ("ESV", "EF"):
        assert report["volumes"]["RV"][name]["truth"] is report["volumes"]["RV"][name]["error"] is None
    assert report["measures"]["RVEF"]["truth"] is None
    assert report["notes"][0].startswith("RV of the truth has labels at one phase alone")


def test_phases_without_any_label_are_not_judged(tmp_path: Path, a_truth: Path, truth: np.ndarray):
    found = np.where(truth == 255, LV, truth).astype(np.uint8)
    two_phases = save(tmp_path / "two.nii.gz", np.where(truth == 255, 0, truth).astype(np.uint8))
    report = compare_files(save(tmp_path / "found.nii.gz", found), two_phases)
    of_255 = compare_files(save(tmp_path / "found.nii.gz", found), a_truth)
    assert report == of_255
    assert (report["ED"], report["ES"], report["mean_dice"]) == (2, 0, 1)


def test_3d_images_have_no_function(tmp_path: Path, truth: np.ndarray):
    path = save(tmp_path / "ed.nii.gz", truth[2])
    report = compare_files(path, path)
    assert report["mean_dice"] == 1 and report["volumes"] == {} and report["ED"] is None


def test_generic_structures_are_compared_too(tmp_path: Path):
    labels = np.zeros((4, 10, 10), np.uint8)
    labels[1, 2:5, 2:5] = 7
    path = save(tmp_path / "seven.nii.gz", labels)
    assert compare_files(path, path)["structures"]["structure 7"]["dice"] == 1


def test_other_sizes_are_refused(tmp_path: Path, a_truth: Path, truth: np.ndarray):
    with pytest.raises(InputError, match="same grid"):
        compare_files(save(tmp_path / "small.nii.gz", truth[:, 1:]), a_truth)


def test_other_places_are_refused(tmp_path: Path, a_truth: Path, truth: np.ndarray):
    affine = a_labelled_heart().cine.affine.copy()
    affine[0, 3] += 5
    with pytest.raises(InputError, match="different positions"):
        compare_files(save(tmp_path / "moved.nii.gz", truth, affine), a_truth)


def test_missing_broken_and_unsuitable_files_are_refused(tmp_path: Path, a_truth: Path, truth: np.ndarray):
    broken = tmp_path / "broken.nii.gz"
    broken.write_bytes(a_truth.read_bytes()[:200])
    halves = save(tmp_path / "halves.nii.gz", np.full(truth.shape, 0.5, np.float32))
    empty = save(tmp_path / "empty.nii.gz", np.zeros_like(truth))
    for path, reported in (
        (tmp_path / "none.nii.gz", "no file"),
        (broken, "cannot be read"),
        (halves, "whole numbers"),
    ):
        with pytest.raises(InputError, match=reported):
            compare_files(path, a_truth)
    with pytest.raises(InputError, match="nothing to compare"):
        compare_files(empty, empty)


def test_labels_are_compared_by_what_they_are(a_truth: Path, truth: np.ndarray, tmp_path: Path):
    turned = np.where(truth == 255, 255, np.array([0, 3, 2, 1], np.uint8)[truth % 4]).astype(np.uint8)
    other = save(tmp_path / "turned.nii.gz", turned)
    for report in (compare_files(other, a_truth), compare_files(a_truth, other)):
        assert report["mean_dice"] == 1
        assert "label 2 encloses label 1" in report["notes"][0]
    told = compare_files(other, other, "lv=1,myo=2,rv=3", "lv=1,myo=2,rv=3")
    assert told["mean_dice"] == 1 and "notes" not in told


def test_labels_that_may_be_anything_are_refused_in_a_truth_and_doubted_in_a_prediction(
    a_truth: Path, truth: np.ndarray, tmp_path: Path
):
    lone = save(tmp_path / "lone.nii.gz", (truth == LV).astype(np.uint8))
    with pytest.raises(InputError, match=r"The truth has label 1 alone.*--labels lv=1"):
        compare_files(a_truth, lone)
    assert "--pred-labels lv=1" in compare_files(lone, a_truth)["notes"][0]
    assert compare_files(lone, a_truth, pred_labels="lv=1")["structures"]["LV"]["dice"] == 1


def test_labels_that_are_whole_but_for_rounding_are_compared(a_truth: Path, truth: np.ndarray, tmp_path: Path):
    case = a_labelled_heart()
    noisy = nib.Nifti1Image(truth.T.astype(float) * (1 + 2e-8), case.cine.affine)
    nib.save(noisy, tmp_path / "noisy.nii.gz")
    assert compare_files(tmp_path / "noisy.nii.gz", a_truth)["mean_dice"] == 1


def test_a_truth_with_one_drawn_slice_is_noted_unless_the_others_are_marked(tmp_path: Path, truth: np.ndarray):
    judged = np.where(truth == 255, 0, truth)
    prediction = save(tmp_path / "prediction.nii.gz", judged)
    one = np.zeros_like(judged)
    drawn = int(np.flatnonzero(judged[0].any(axis=(1, 2)))[0])
    one[0, drawn] = judged[0, drawn]
    notes = " ".join(compare_files(prediction, save(tmp_path / "one.nii.gz", one))["notes"])
    assert f"labels in 1 of {truth.shape[1]} slices" in notes and "label 255" in notes
    one[:, np.arange(truth.shape[1]) != drawn] = 255
    assert "slices" not in " ".join(compare_files(prediction, save(tmp_path / "marked.nii.gz", one))["notes"])
    assert "slices" not in " ".join(compare_files(prediction, prediction).get("notes", ()))
