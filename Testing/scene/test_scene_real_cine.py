"""A patient from the DICOM files of a scanner: the engine's reader, the scene, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medvos.cine.cine import Cine
from MedVOSSegmentLib.scene.cine_nodes import read_cine, show_cine
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.logics import Logics


@pytest.fixture(scope="module")
def patient(data_folder: Path) -> Path:
    folder = data_folder / "sunnybrook_4d" / "SCD0000101"
    if not folder.is_dir():
        pytest.skip("no Sunnybrook patient on this machine")
    return folder


@pytest.fixture(scope="module")
def real_cine(patient: Path) -> Cine:
    from medvos.cine.read import read

    return read(patient / "dicom")


@pytest.fixture
def real_browser(logics: Logics, real_cine: Cine) -> Any:
    return show_cine(logics, real_cine, "Short axis")


def test_a_patient_comes_back_from_a_saved_scene(
    logics: Logics, real_browser: Any, real_cine: Cine, patient: Path, tmp_path: Path
) -> None:
    contours = np.load(patient / "labels.npz")
    labels = np.where(contours["endo"] == 1, 3, np.where(contours["epi"] == 1, 2, 0)).astype(np.uint8)
    HeartNodes.create(logics, real_browser).set_labels(labels)
    assert logics.scene.WriteToMRB(str(tmp_path / "patient.mrb"))
    another = Logics.standalone(tmp_path / "another")
    assert another.scene.ReadFromMRB(str(tmp_path / "patient.mrb"))
    browser = another.scene.GetFirstNodeByClass("vtkMRMLSequenceBrowserNode")

    cine = read_cine(browser)
    corners = np.array([[x, y, z, 1] for x in (0, 255) for y in (0, 255) for z in (0, real_cine.shape[1] - 1)])
    assert np.abs(corners @ (cine.affine - real_cine.affine).T).max() < 1e-4
    np.testing.assert_array_equal(cine.array, real_cine.array)
    np.testing.assert_allclose(cine.times, real_cine.times, atol=1e-4)
    assert cine.period == pytest.approx(real_cine.period)
    assert cine.source.heart_rate == real_cine.source.heart_rate
    np.testing.assert_array_equal(HeartNodes.find(another, browser).labels(), labels)


def test_nothing_in_the_scene_names_the_patient(logics: Logics, real_browser: Any, patient: Path) -> None:
    HeartNodes.create(logics, real_browser)
    nodes = [logics.scene.GetNthNode(number) for number in range(logics.scene.GetNumberOfNodes())]
    assert not any(patient.name in str(node) for node in nodes)
