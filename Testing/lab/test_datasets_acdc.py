from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medvos.errors import InputError
from medvos_lab.datasets.acdc import acdc_cases


@pytest.fixture
def a_root(tmp_path: Path) -> Path:
    """Four patients of three slices; the label value tells the patient apart by its position."""
    (tmp_path / "acdc").mkdir()
    for number in (4, 25, 59, 100):
        label = np.zeros((2, 3, 16, 12), np.uint8)
        label[:, 1, 4:8, number % 8] = 3
        image = np.full(label.shape, number, np.uint8)
        np.savez(tmp_path / "acdc" / f"patient{number:03}.npz", image=image, label=label, frame=np.array([1, 12]))
    rows = [f"patient{number:03},1.5,1.25,{number}" for number in (4, 25, 59, 100)]
    (tmp_path / "acdc" / "patients.csv").write_text("\n".join(["patient,dx_mm,dy_mm,dz_mm", *rows]))
    return tmp_path


def test_validation_patients_are_those_whose_number_ends_in_4_or_9(a_root: Path):
    assert [c.name for c in acdc_cases(a_root, "validation")] == ["patient004", "patient059"]
    assert [c.name for c in acdc_cases(a_root, "training")] == ["patient025", "patient100"]
    assert len(list(acdc_cases(a_root, "all"))) == 4


def test_groups_follow_the_patients_numbers(a_root: Path):
    assert [c.group for c in acdc_cases(a_root, "all")] == ["DCM", "HCM", "MINF", "RV"]


def test_a_patient_is_a_cine_of_two_phases_with_its_voxel_size(a_root: Path):
    case = next(acdc_cases(a_root, "validation"))
    assert case.cine.shape == case.labels.shape == (2, 3, 16, 12)
    assert case.cine.spacing == (4.0, 1.25, 1.5)
    assert (case.cine.array == 4).all()
    assert "assumed" in " ".join(case.cine.source.notes)
    assert (np.diff(case.cine.times) > 0).all() and case.cine.times[-1] < case.cine.period


def test_every_slice_is_judged_even_where_it_is_empty(a_root: Path):
    case = next(acdc_cases(a_root))
    assert case.known(3).all()
    assert (case.labels[:, 1] == 3).sum() == 8


def test_an_unknown_split_is_refused(a_root: Path):
    with pytest.raises(InputError, match="split"):
        acdc_cases(a_root, "test")  # type: ignore[arg-type]


def test_a_missing_folder_is_refused_before_the_first_case(tmp_path: Path):
    with pytest.raises(InputError, match="MEDVOS_DATA"):
        acdc_cases(tmp_path)


def test_a_missing_table_of_voxel_sizes_is_refused(a_root: Path):
    (a_root / "acdc" / "patients.csv").unlink()
    with pytest.raises(InputError, match="voxel sizes"):
        acdc_cases(a_root)


def test_a_patient_without_a_voxel_size_is_refused(a_root: Path):
    (a_root / "acdc" / "patients.csv").write_text("patient,dx_mm,dy_mm,dz_mm\npatient004,1.5,1.5,8")
    with pytest.raises(InputError, match="patient059"):
        acdc_cases(a_root, "validation")


def test_the_real_patients_split_into_80_and_20_without_overlap(data_folder: Path):
    validation = {c.name for c in acdc_cases(data_folder, "validation")}
    training = {p.stem for p in (data_folder / "acdc").glob("*.npz")} - validation
    assert (len(validation), len(training)) == (20, 80)
    assert all(name[-1] in "49" for name in validation)
