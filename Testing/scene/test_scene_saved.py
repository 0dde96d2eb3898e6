"""A scene with a heart in it, saved as .mrb and loaded into a fresh scene."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from segment_editor import SegmentEditor

from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.cine_nodes import read_cine, show_cine
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.hierarchy import folder_of
from MedVOSSegmentLib.scene.image_arrays import voxels
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.measure_nodes import measure_table, volume_curve_plot

PROVENANCE = {"model": "cstm-research", "notes": ["a; b: \"c\" & <d> 'e' 100% é\n"], "seeds": [[0, 3]], "weights": None}
CURVES = {"time_ms": [0.0, 40.0], "LV_mL": [120.5, None]}


@pytest.fixture(scope="module")
def uncertainty(small_heart: SyntheticHeart) -> np.ndarray:
    return np.random.default_rng(0).random(small_heart.labels.shape, dtype=np.float32)


@pytest.fixture(scope="module")
def saved_scene(small_heart: SyntheticHeart, uncertainty: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A .mrb of a complete heart, saved while phase 3 was shown."""
    folder = tmp_path_factory.mktemp("saved")
    logics = Logics.standalone(folder / "slicer")
    heart = HeartNodes.create(logics, show_cine(logics, small_heart.cine, "Synthetic heart"))
    heart.set_labels(small_heart.labels)
    heart.set_uncertainty(uncertainty)
    heart.set_provenance(PROVENANCE)
    measure_table(heart, {"LVEF": {"value": 55.1, "interval": [52.0, 58.3], "unit": "%", "reason": None}})
    volume_curve_plot(heart, CURVES)
    heart.browser.SetSelectedItemNumber(3)
    assert logics.scene.WriteToMRB(str(folder / "scene.mrb"))
    logics.scene.Clear(1)
    return folder / "scene.mrb"


@pytest.fixture
def reloaded(logics: Logics, saved_scene: Path) -> HeartNodes:
    """The heart of `saved_scene` in another scene."""
    assert logics.scene.ReadFromMRB(str(saved_scene))
    heart = HeartNodes.find(logics, logics.scene.GetFirstNodeByClass("vtkMRMLSequenceBrowserNode"))
    assert heart is not None
    return heart


def test_everything_comes_back(reloaded: HeartNodes, small_heart: SyntheticHeart, uncertainty: np.ndarray) -> None:
    cine = read_cine(reloaded.browser)
    np.testing.assert_array_equal(cine.array, small_heart.cine.array)
    np.testing.assert_allclose(cine.affine, small_heart.cine.affine, atol=1e-4)
    np.testing.assert_allclose(cine.times, small_heart.cine.times, atol=1e-5)
    assert cine.period == pytest.approx(small_heart.cine.period)
    np.testing.assert_array_equal(reloaded.labels(), small_heart.labels)
    np.testing.assert_array_equal(reloaded.uncertainty(), uncertainty)
    assert reloaded.provenance() == PROVENANCE


def test_the_browser_still_moves_all_of_them(
    reloaded: HeartNodes, small_heart: SyntheticHeart, uncertainty: np.ndarray
) -> None:
    import slicer

    assert reloaded.browser.GetSelectedItemNumber() == 3
    for phase in (3, 0, 5):
        reloaded.browser.SetSelectedItemNumber(phase)
        image = slicer.vtkOrientedImageData()
        reloaded.segmentation.GetBinaryLabelmapRepresentation("Myo", image)
        assert voxels(image).sum() == np.count_nonzero(small_heart.labels[phase] == 2)
        np.testing.assert_array_equal(voxels(reloaded.volume.GetImageData()), small_heart.cine.array[phase])
        np.testing.assert_array_equal(voxels(reloaded.uncertainty_volume.GetImageData()), uncertainty[phase])


def test_segments_keep_names_codes_and_colours(reloaded: HeartNodes) -> None:
    import vtk

    for phase in (0, 5):
        segmentation = reloaded.sequence.GetNthDataNode(phase).GetSegmentation()
        assert list(segmentation.GetSegmentIDs()) == ["LV", "Myo", "RV"]
        segment = segmentation.GetSegment("Myo")
        entry = vtk.reference("")
        assert segment.GetTag(segment.GetTerminologyEntryTagName(), entry)
        assert "SCT^49848007^Left Ventricle Myocardium" in entry.get()
        assert segment.GetColor() == pytest.approx((255 / 255, 201 / 255, 60 / 255), abs=1e-4)


def test_the_user_goes_on_editing(reloaded: HeartNodes, small_heart: SyntheticHeart) -> None:
    square = np.zeros(small_heart.labels.shape[1:], bool)
    square[2, 30:50, 30:50] = True
    SegmentEditor(reloaded).paint("LV", square)
    expected = small_heart.labels.copy()
    expected[3][square] = 3
    np.testing.assert_array_equal(reloaded.labels(), expected)
    reloaded.browser.SetSelectedItemNumber(0)
    np.testing.assert_array_equal(reloaded.labels(), expected)
    reloaded.set_labels(small_heart.labels)
    np.testing.assert_array_equal(reloaded.labels(), small_heart.labels)


def test_what_is_written_after_saving_is_known_to_be_unsaved(
    heart_nodes: HeartNodes, small_heart: SyntheticHeart, uncertainty: np.ndarray, tmp_path: Path
) -> None:
    heart_nodes.set_uncertainty(uncertainty)
    heart_nodes.logics.scene.WriteToMRB(str(tmp_path / "scene.mrb"))
    of_uncertainty = heart_nodes.browser.GetSequenceNode(heart_nodes.uncertainty_volume)
    assert not heart_nodes.sequence.GetModifiedSinceRead()
    assert not of_uncertainty.GetModifiedSinceRead()
    heart_nodes.set_labels(small_heart.labels)
    heart_nodes.set_uncertainty(1 - uncertainty)
    assert heart_nodes.sequence.GetModifiedSinceRead()
    assert of_uncertainty.GetModifiedSinceRead()


def test_uncertainty_is_still_clear_where_the_model_is_sure(reloaded: HeartNodes) -> None:
    display = reloaded.uncertainty_volume.GetDisplayNode()
    rgba = [0.0] * 4
    assert display.GetColorNode().GetColor(0, rgba)
    assert rgba[3] == 0
    assert display.GetColorNode().GetColor(255, rgba)
    assert rgba[3] == 1
    assert (display.GetWindowLevelMin(), display.GetWindowLevelMax()) == (0, 1)


def test_table_and_plot_are_found_again_and_brought_up_to_date(reloaded: HeartNodes) -> None:
    table = reloaded.adopted("vtkMRMLTableNode", "measures")
    assert table.GetCellText(0, 1) == "55.1"
    assert measure_table(reloaded, {"LVEF": {"value": 60.0, "interval": None, "unit": "%", "reason": None}}) is table
    assert table.GetCellText(0, 1) == "60.0"
    chart = reloaded.adopted("vtkMRMLPlotChartNode", "chart")
    assert chart.GetNthPlotSeriesNode(0).GetTableNode().GetCellText(0, 1) == "120.5"
    assert volume_curve_plot(reloaded, CURVES) is chart


def test_one_folder_holds_them(reloaded: HeartNodes) -> None:
    hierarchy = reloaded.logics.hierarchy
    table = reloaded.adopted("vtkMRMLTableNode", "measures")
    own = [reloaded.volume, reloaded.segmentation, reloaded.uncertainty_volume, table]
    folders = {folder_of(hierarchy, node) for node in own}
    assert {hierarchy.GetItemName(folder) for folder in folders} == {"Synthetic heart and results"}


def test_removing_a_loaded_heart_leaves_the_cine_alone(reloaded: HeartNodes) -> None:
    reloaded.remove()
    assert HeartNodes.find(reloaded.logics, reloaded.browser) is None
    scene = reloaded.logics.scene
    for kind in ("vtkMRMLSegmentationNode", "vtkMRMLTableNode", "vtkMRMLPlotChartNode", "vtkMRMLPlotSeriesNode"):
        assert scene.GetNumberOfNodesByClass(kind) == 0
    assert scene.GetNumberOfNodesByClass("vtkMRMLSequenceNode") == 1
