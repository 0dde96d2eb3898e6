from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from medvos_command import Medvos

from medvos.cine.cine import Cine, Source
from medvos.cine.write import write_nifti
from medvos.errors import InputError
from medvos.evaluate.compare import compare_files
from medvos.evaluate.compare_folders import compare_folders
from medvos.structures import LA, LV

FRAMES, PERIOD, STEP = 48, 16, 40.0


def an_lv(radius: float, shift: int = 0) -> np.ndarray:
    """(Y, X): half an ellipse, twice as long as wide, cut off at the annulus."""
    y, x = np.mgrid[:80, :64] - np.array((60, 32 + shift))[:, None, None]
    return (y <= 0) & ((y / 2) ** 2 + x**2 <= radius**2)


def a_clip(smallest: float, shift: int = 0) -> np.ndarray:
    """Labels (T, 1, Y, X) of three beats from a radius of 20 down to ``smallest``."""
    radii = smallest + (20 - smallest) * (1 + np.cos(2 * np.pi * np.arange(FRAMES) / PERIOD)) / 2
    return np.stack([an_lv(radius, shift) for radius in radii])[:, None].astype(np.uint8) * np.uint8(LV)


def save(path: Path, labels: np.ndarray) -> Path:
    times = np.arange(FRAMES) * STEP
    cine = Cine(np.zeros(labels.shape, np.float32), np.eye(4), times, FRAMES * STEP, Source(kind="video"))
    path.parent.mkdir(exist_ok=True)
    write_nifti(path, labels, cine)
    return path


def drawn_at_ed_and_es(labels: np.ndarray) -> np.ndarray:
    """The same, not judged but for one ED and one ES."""
    truth = np.full_like(labels, 255)
    truth[[PERIOD, PERIOD + PERIOD // 2]] = labels[[PERIOD, PERIOD + PERIOD // 2]]
    return truth


def test_a_clip_against_itself_is_perfect(tmp_path: Path):
    truth = save(tmp_path / "t.nii.gz", drawn_at_ed_and_es(a_clip(14)))
    report = compare_files(save(tmp_path / "p.nii.gz", a_clip(14)), truth)
    lv = report["structures"]["LV"]
    assert (lv["dice"], lv["j"], lv["f"], lv["hd95_mm"]) == (1, 1, 1, 0)
    assert (report["ED"], report["ES"]) == (PERIOD, PERIOD + PERIOD // 2)
    ef = report["volumes"]["LV"]["EF"]
    assert ef["prediction"] == ef["truth"] == pytest.approx(100 * (1 - (14 / 20) ** 3), abs=3)
    assert report["measures"]["LVEF"]["prediction"] == pytest.approx(ef["truth"], abs=1e-6)
    json.dumps(report, allow_nan=False)


@pytest.mark.parametrize("other", [LA, 9])
def test_a_clip_with_more_than_the_lv_has_its_ef_by_disks_and_no_volumes(tmp_path: Path, other: int):
    labels = a_clip(14)
    labels[:, :, 64:72, 28:36] = other
    report = compare_files(save(tmp_path / "p.nii.gz", labels), save(tmp_path / "t.nii.gz", labels))
    (ef,) = report["volumes"]["LV"].values()
    assert ef["prediction"] == ef["truth"] == pytest.approx(100 * (1 - (14 / 20) ** 3), abs=3)
    assert list(report["measures"]) == ["LVEF"]
    assert len(report["structures"]) == 2


def test_a_shifted_outline_costs_overlap_and_distance_and_no_ef(tmp_path: Path):
    report = compare_files(save(tmp_path / "p.nii.gz", a_clip(14, 3)), save(tmp_path / "t.nii.gz", a_clip(14)))
    lv = report["structures"]["LV"]
    assert lv["j"] == pytest.approx(np.mean([p["dice"] / (2 - p["dice"]) for p in lv["phases"]]))
    assert lv["j"] < lv["dice"] < 1 and lv["f"] < 0.5 and 1.5 < lv["hd95_mm"] <= 3
    assert report["volumes"]["LV"]["EF"]["error"] == pytest.approx(0, abs=0.5)


def test_over_a_folder_ef_has_error_bias_deviation_and_correlation(tmp_path: Path):
    for number, (found, true) in enumerate([(14, 14), (12, 13), (16, 17)]):
        save(tmp_path / "found" / f"clip{number}.nii.gz", a_clip(found))
        save(tmp_path / "true" / f"clip{number}.nii.gz", drawn_at_ed_and_es(a_clip(true)))
    scores = compare_folders(tmp_path / "found", tmp_path / "true")
    pairs = [case["measures"]["LVEF"] for case in scores["cases"].values()]
    errors = np.array([pair["prediction"] - pair["truth"] for pair in pairs])
    assert errors[0] == pytest.approx(0, abs=1e-6) and min(errors[1:]) > 3
    expected = {"EF error": np.abs(errors).mean(), "EF bias": errors.mean(), "EF SD": errors.std()}
    assert {name: scores["EF"][name] for name in expected} == pytest.approx(expected)
    assert 0.9 < scores["EF"]["EF r"] < 1
    assert scores["mean"]["dice"] == np.mean([case["mean_dice"] for case in scores["cases"].values()])


def test_a_clip_that_was_not_segmented_is_named(tmp_path: Path):
    save(tmp_path / "true" / "clip7.nii.gz", a_clip(14))
    (tmp_path / "found").mkdir()
    with pytest.raises(InputError, match="clip7"):
        compare_folders(tmp_path / "found", tmp_path / "true")


def test_a_clip_that_was_segmented_twice_is_refused(tmp_path: Path):
    for place in ("truths/a.nii.gz", "predictions/a.nii.gz", "predictions/a/segmentation.nii.gz"):
        (tmp_path / place).parent.parent.mkdir(exist_ok=True)
        save(tmp_path / place, a_clip(14))
    with pytest.raises(InputError, match=r"both a\.nii\.gz and a/segmentation\.nii\.gz"):
        compare_folders(tmp_path / "predictions", tmp_path / "truths")


def test_the_command_takes_folders(medvos: Medvos, tmp_path: Path):
    save(tmp_path / "true" / "clip0.nii.gz", a_clip(14))
    (tmp_path / "found").mkdir()
    save(tmp_path / "found" / "clip0" / "segmentation.nii.gz", a_clip(14))
    answer = medvos("evaluate", tmp_path / "found", tmp_path / "true")
    assert answer.returncode == 0, answer.stderr
    rows = {cells[0]: cells for cells in map(str.split, answer.stdout.splitlines()) if cells}
    assert rows["clip0"][1:4] == ["1.000", "1.000", "1.000"]
