"""No-reflow as it lies in its infarct."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_mvo import a_ring

from medvos.errors import InputError
from medvos_lab.datasets.emidec import NO_REFLOW, emidec_cores, in_small_components
from medvos_lab.folds import folds_of


def a_case(folder: Path, name: str, no_reflow: bool = True) -> None:
    """Three slices; the right half of the wall is dead, and its inner part in the middle of it not reached."""
    plane = a_ring(96, 20, 10)
    y, x = np.mgrid[:96, :96] - 47.5
    away = np.hypot(y, x)
    labels = np.where(plane == 3, 1, np.where(plane == 2, 2, 0))
    labels[(labels == 2) & (x > 0)] = 3
    if no_reflow:
        labels[(labels == 3) & (np.abs(np.arctan2(y, x)) < 0.5) & (away < 25)] = 4
    np.savez(folder / f"{name}.npz", image=np.zeros((3, 96, 96), np.uint8), label=np.stack([labels] * 3))


@pytest.fixture
def a_data_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "emidec_lge"
    folder.mkdir()
    a_case(folder, "Case_P001")
    a_case(folder, "Case_P002", no_reflow=False)
    a_case(folder, "Case_P009")
    return tmp_path


def test_the_core_is_known_across_and_through_its_infarct(a_data_folder):
    (core,) = emidec_cores(a_data_folder, "training")
    assert core.shape == (3, 33, 13)
    assert core[1, 16, 2] == 1  # the middle, near the endocardium
    assert core[1, 16, 10] == 0 and core[1, 1, 2] == 0
    assert core[1].mean() == pytest.approx(0.5 / (np.pi / 2) * 0.5, abs=0.08)


def test_validation_patients_give_no_shapes_to_training(a_data_folder):
    assert len(emidec_cores(a_data_folder, "training")) == len(emidec_cores(a_data_folder, "validation")) == 1


def test_each_patient_is_held_out_in_one_fold_and_gives_its_others_a_core(a_data_folder):
    a_case(a_data_folder / "emidec_lge", "Case_P012")
    for fold in folds_of(5):
        held_out, learnt = (len(emidec_cores(a_data_folder, split, fold)) for split in ("validation", "training"))
        assert held_out == {1: 1, 2: 1, 4: 1}.get(fold.number, 0)  # of 1, 12 and 9; 2 has none
        assert held_out + learnt == 3


def test_missing_data_are_named(tmp_path):
    with pytest.raises(InputError, match="emidec_lge"):
        emidec_cores(tmp_path, "training")


def test_real_patients_have_cores_of_many_shapes(data_folder):
    cores = emidec_cores(data_folder, "training")
    assert len(cores) > 20
    assert all(core.max() == 1 for core in cores)


def test_the_fraction_in_small_components_is_returned_for_each_patient(a_data_folder):
    path = a_data_folder / "emidec_lge" / "Case_P009.npz"
    with np.load(path) as file:
        labels = file["label"]
    whole = (labels == NO_REFLOW).sum()
    labels[0, 2:4, 2:4] = NO_REFLOW  # far away, 4 pixels
    np.savez(path, label=labels)
    assert in_small_components(a_data_folder, 0.5) == pytest.approx([0, 4 / (whole + 4)])
    assert in_small_components(a_data_folder, 3 / whole) == [0, 0]
