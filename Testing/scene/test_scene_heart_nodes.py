from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from segment_editor import SegmentEditor

from medvos.cine.cine import Cine
from medvos.errors import InputError
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.cine_nodes import cine_sequence, read_cine, show_cine
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.hierarchy import folder_of, item_of
from MedVOSSegmentLib.scene.image_arrays import voxels
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.volume_grid import array_of, matrix_of


def node_ids(logics: Logics) -> set[str]:
    return {logics.scene.GetNthNode(number).GetID() for number in range(logics.scene.GetNumberOfNodes())}


@pytest.fixture
def uncertainty(small_cine: Cine) -> np.ndarray:
    return np.random.default_rng(0).random(small_cine.shape, dtype=np.float32)


def test_a_new_heart_has_three_empty_segments_in_every_phase(heart_nodes: HeartNodes, small_cine: Cine) -> None:
    for phase in range(small_cine.shape[0]):
        heart_nodes.browser.SetSelectedItemNumber(phase)
        segmentation = heart_nodes.segmentation.GetSegmentation()
        assert list(segmentation.GetSegmentIDs()) == ["LV", "Myo", "RV"]
        assert [segmentation.GetSegment(name).GetName() for name in ("LV", "Myo", "RV")] == ["LV", "Myo", "RV"]
    assert not heart_nodes.labels().any()
    assert heart_nodes.uncertainty() is None and heart_nodes.phase_uncertainty(0) is None
    assert heart_nodes.uncertainty_volume is None
    assert heart_nodes.provenance() == {}


def test_labels_come_back_as_they_were_set(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> None:
    heart_nodes.set_labels(small_heart.labels)
    np.testing.assert_array_equal(heart_nodes.labels(), small_heart.labels)
    np.testing.assert_array_equal(heart_nodes.phase_labels(4), small_heart.labels[4])


def test_only_the_named_places_are_written(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> None:
    places = np.zeros(small_heart.labels.shape[:2], bool)
    places[1, 2] = places[4, 0] = True
    heart_nodes.set_labels(small_heart.labels, places)
    expected = np.where(places[:, :, None, None], small_heart.labels, 0)
    np.testing.assert_array_equal(heart_nodes.labels(), expected)


def test_the_browser_shows_segments_and_uncertainty_of_its_phase(
    heart_nodes: HeartNodes, small_heart: SyntheticHeart, uncertainty: np.ndarray
) -> None:
    import slicer

    heart_nodes.set_labels(small_heart.labels)
    heart_nodes.set_uncertainty(uncertainty)
    for phase in (3, 0, 5):
        heart_nodes.browser.SetSelectedItemNumber(phase)
        image = slicer.vtkOrientedImageData()
        heart_nodes.segmentation.GetBinaryLabelmapRepresentation("LV", image)
        assert voxels(image).sum() == np.count_nonzero(small_heart.labels[phase] == 3)
        np.testing.assert_array_equal(voxels(heart_nodes.uncertainty_volume.GetImageData()), uncertainty[phase])
        np.testing.assert_array_equal(heart_nodes.phase_uncertainty(phase), uncertainty[phase])


def test_what_is_set_while_a_phase_is_shown_is_shown_at_once(
    heart_nodes: HeartNodes, small_heart: SyntheticHeart, uncertainty: np.ndarray
) -> None:
    heart_nodes.set_uncertainty(np.zeros_like(uncertainty))
    heart_nodes.browser.SetSelectedItemNumber(2)
    image = heart_nodes.segmentation.GetSegmentation().GetSegment("LV").GetRepresentation("Binary labelmap")
    changes: list[str] = []
    image.AddObserver("ModifiedEvent", lambda *_: changes.append("labels"))
    heart_nodes.uncertainty_volume.GetImageData().AddObserver("ModifiedEvent", lambda *_: changes.append("uncertainty"))
    heart_nodes.set_labels(small_heart.labels)
    heart_nodes.set_uncertainty(uncertainty)
    assert changes == ["labels", "uncertainty"]
    np.testing.assert_array_equal(voxels(heart_nodes.uncertainty_volume.GetImageData()), uncertainty[2])


def test_segments_and_uncertainty_lie_where_the_image_lies(
    heart_nodes: HeartNodes, small_cine: Cine, uncertainty: np.ndarray
) -> None:
    import vtk

    heart_nodes.set_uncertainty(uncertainty)
    for phase in (0, 3):
        heart_nodes.browser.SetSelectedItemNumber(phase)
        of_segments, of_uncertainty = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
        segment = heart_nodes.segmentation.GetSegmentation().GetSegment("RV")
        segment.GetRepresentation("Binary labelmap").GetImageToWorldMatrix(of_segments)
        heart_nodes.uncertainty_volume.GetIJKToRASMatrix(of_uncertainty)
        np.testing.assert_allclose(array_of(of_segments), small_cine.affine, atol=1e-9)
        np.testing.assert_allclose(array_of(of_uncertainty), small_cine.affine, atol=1e-9)


def test_the_segment_editor_is_offered_the_cine_and_its_grid_in_every_phase(
    heart_nodes: HeartNodes, small_cine: Cine
) -> None:
    import slicer

    node = heart_nodes.segmentation
    assert node.GetNodeReferenceID(node.GetReferenceImageGeometryReferenceRole()) == heart_nodes.volume.GetID()
    parameter = slicer.vtkSegmentationConverter.GetReferenceImageGeometryParameterName()
    for phase in (0, 3):
        heart_nodes.browser.SetSelectedItemNumber(phase)
        geometry = node.GetSegmentation().GetConversionParameter(parameter).split(";")
        np.testing.assert_allclose(np.reshape(geometry[:16], (4, 4)).astype(float), small_cine.affine, atol=1e-9)
        assert geometry[16:22] == ["0", "79", "0", "79", "0", "5"]


@pytest.mark.parametrize("axes", [[0, 1, 2, 3], [2, 0, 1, 3]])
@pytest.mark.parametrize("flip", [1.0, -1.0])
def test_labels_follow_the_cine_wherever_the_nodes_have_their_slices(
    logics: Logics, axes: list[int], flip: float
) -> None:
    import slicer

    from MedVOSSegmentLib.scene.image_arrays import new_image

    affine = np.diag([1.5, 1.5, 8.0 * flip, 1.0])[:, axes]
    size = tuple(np.array([20, 20, 4])[axes[:3]])[::-1]
    volume = slicer.vtkMRMLScalarVolumeNode()
    volume.SetAndObserveImageData(new_image(size, np.int16))
    volume.SetIJKToRASMatrix(matrix_of(affine))
    voxels(volume.GetImageData())[1, 2, 3] = 7
    sequence = logics.scene.AddNewNodeByClass("vtkMRMLSequenceNode", "Loaded")
    sequence.SetDataNodeAtValue(volume, "0")
    browser = logics.scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "Browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    heart = HeartNodes.create(logics, browser)

    labels = np.where(read_cine(browser).array == 7, 3, 0).astype(np.uint8)
    heart.set_labels(labels)
    heart.set_uncertainty(labels.astype(np.float32))

    image = heart.segmentation.GetSegmentation().GetSegment("LV").GetRepresentation("Binary labelmap")
    assert voxels(image)[1, 2, 3] == 3
    assert voxels(heart.uncertainty_volume.GetImageData())[1, 2, 3] == 3
    np.testing.assert_array_equal(heart.labels(), labels)
    np.testing.assert_array_equal(heart.uncertainty(), labels)


def test_the_users_edits_are_reported_with_their_phase(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> None:
    editor = SegmentEditor(heart_nodes)
    square = np.zeros(small_heart.labels.shape[1:], bool)
    square[2, 30:50, 30:50] = True
    phases: list[int] = []
    disconnect = heart_nodes.on_edited(phases.append)

    def emitted(act: Callable[[], Any]) -> set[int]:
        phases.clear()
        act()
        return set(phases)

    assert emitted(lambda: editor.paint("LV", square)) == {0}
    assert emitted(editor.undo) == {0}
    assert emitted(lambda: heart_nodes.browser.SetSelectedItemNumber(3)) == set()
    assert emitted(lambda: heart_nodes.set_labels(small_heart.labels)) == set()
    assert emitted(lambda: editor.erase("Myo", square)) == {3}
    assert emitted(lambda: heart_nodes.segmentation.GetSegmentation().RemoveSegment("RV")) == {3}
    disconnect()
    disconnect()
    assert emitted(lambda: editor.paint("LV", square)) == set()


def test_writing_after_the_user_added_a_segment_is_no_edit(
    heart_nodes: HeartNodes, small_heart: SyntheticHeart
) -> None:
    editor = SegmentEditor(heart_nodes)
    editor.add_segment("Papillary muscle")
    phases: list[int] = []
    heart_nodes.on_edited(phases.append)
    heart_nodes.set_labels(small_heart.labels)
    assert phases == []


def test_provenance_keeps_its_values(heart_nodes: HeartNodes) -> None:
    heart_nodes.set_provenance({"model": "cstm", "old": 1})
    made = {"model": "cstm-research", "seconds": 1.5, "seeds": [[0, 3]], "weights": None}
    heart_nodes.set_provenance(made)
    assert heart_nodes.provenance() == made
    assert heart_nodes.sequence.GetAttribute("MedVOS.Provenance.seconds") == "1.5"


def test_a_cine_has_one_heart(logics: Logics, synthetic_browser: Any, small_heart: SyntheticHeart) -> None:
    assert HeartNodes.find(logics, synthetic_browser) is None
    HeartNodes.create(logics, synthetic_browser).set_labels(small_heart.labels)
    before = node_ids(logics)
    for heart in (HeartNodes.create(logics, synthetic_browser), HeartNodes.find(logics, synthetic_browser)):
        assert heart is not None
        np.testing.assert_array_equal(heart.labels(), small_heart.labels)
    assert node_ids(logics) == before


def test_two_cines_have_a_heart_each(
    logics: Logics, synthetic_browser: Any, small_cine: Cine, small_heart: SyntheticHeart, uncertainty: np.ndarray
) -> None:
    first = HeartNodes.create(logics, synthetic_browser)
    second = HeartNodes.create(logics, show_cine(logics, small_cine, "Another"))
    for heart in (first, second):
        heart.set_uncertainty(uncertainty)
    first.set_labels(small_heart.labels)
    assert not second.labels().any()
    assert first.sequence.GetName() != second.sequence.GetName()
    first.remove()
    np.testing.assert_array_equal(second.uncertainty(), uncertainty)
    assert second.uncertainty_volume.GetDisplayNode().GetColorNode() is not None


def test_all_of_a_heart_lies_in_one_folder_with_the_cine(heart_nodes: HeartNodes, uncertainty: np.ndarray) -> None:
    heart_nodes.set_uncertainty(uncertainty)
    hierarchy = heart_nodes.logics.hierarchy
    SegmentEditor(heart_nodes).paint("LV", uncertainty[0] > 0.5)
    heart_nodes.adopt(heart_nodes.logics.scene.AddNewNodeByClass("vtkMRMLTableNode"), "a table")
    own = [heart_nodes.volume, heart_nodes.segmentation, heart_nodes.uncertainty_volume]
    own.append(heart_nodes.adopted("vtkMRMLTableNode", "a table"))
    folders = {folder_of(hierarchy, node) for node in own}
    assert {hierarchy.GetItemName(folder) for folder in folders} == {"Synthetic heart and results"}
    for node in (heart_nodes.sequence, heart_nodes.uncertainty_volume.GetDisplayNode().GetColorNode()):
        assert hierarchy.GetItemByDataNode(node) == hierarchy.GetInvalidItemID()


def test_segments_move_with_a_cine_under_a_transform(logics: Logics, synthetic_browser: Any) -> None:
    transform = logics.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    volume = synthetic_browser.GetProxyNode(cine_sequence(synthetic_browser))
    volume.SetAndObserveTransformNodeID(transform.GetID())
    heart = HeartNodes.create(logics, synthetic_browser)
    heart.browser.SetSelectedItemNumber(2)
    assert heart.segmentation.GetTransformNodeID() == transform.GetID()


def test_a_proxy_that_the_user_deleted_comes_back(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> None:
    heart_nodes.set_labels(small_heart.labels)
    heart_nodes.logics.scene.RemoveNode(heart_nodes.segmentation)
    found = HeartNodes.find(heart_nodes.logics, heart_nodes.browser)
    assert found is not None
    assert found.segmentation is not None
    np.testing.assert_array_equal(found.labels(), small_heart.labels)


def test_a_cine_that_changed_its_phases_since_is_refused(heart_nodes: HeartNodes) -> None:
    images = heart_nodes.images
    images.RemoveDataNodeAtValue(images.GetNthIndexValue(0))
    with pytest.raises(InputError, match="6 phases and its cine 5"):
        HeartNodes.find(heart_nodes.logics, heart_nodes.browser)


def test_adopted_nodes_are_found_by_their_role(heart_nodes: HeartNodes) -> None:
    table = heart_nodes.logics.scene.AddNewNodeByClass("vtkMRMLTableNode")
    heart_nodes.adopt(table, "measures")
    assert heart_nodes.adopted("vtkMRMLTableNode", "measures") is table
    assert heart_nodes.adopted("vtkMRMLTableNode", "curves") is None
    assert heart_nodes.adopted("vtkMRMLPlotChartNode", "measures") is None


def test_removing_a_heart_leaves_the_scene_as_it_was(
    logics: Logics, synthetic_browser: Any, small_heart: SyntheticHeart, uncertainty: np.ndarray
) -> None:
    before = node_ids(logics)
    item_of(logics.hierarchy, synthetic_browser.GetProxyNode(cine_sequence(synthetic_browser)))
    items = logics.hierarchy.GetNumberOfItems()
    heart = HeartNodes.create(logics, synthetic_browser)
    heart.set_labels(small_heart.labels)
    heart.set_uncertainty(uncertainty)
    heart.adopt(logics.scene.AddNewNodeByClass("vtkMRMLTableNode"), "measures")
    heart.remove()
    assert node_ids(logics) == before
    assert logics.hierarchy.GetNumberOfItems() == items
    assert HeartNodes.find(logics, synthetic_browser) is None
    np.testing.assert_array_equal(read_cine(synthetic_browser).array, small_heart.cine.array)
