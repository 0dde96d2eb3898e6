from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from segment_editor import SegmentEditor

from medvos.structures import LV, MYO, RV
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.image_arrays import voxels
from MedVOSSegmentLib.scene.segment_labels import read_labels, write_labels

SLICE = 2


@pytest.fixture
def truth(small_heart: SyntheticHeart) -> NDArray[np.uint8]:
    """(Z, Y, X) of the phase that the browser shows."""
    return small_heart.labels[0]


@pytest.fixture
def heart(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> HeartNodes:
    heart_nodes.set_labels(small_heart.labels)
    return heart_nodes


@pytest.fixture
def editor(heart: HeartNodes) -> SegmentEditor:
    return SegmentEditor(heart)


@pytest.fixture
def square(truth: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """A place in slice 2 where all three structures are."""
    mask = np.zeros(truth.shape, np.bool_)
    mask[SLICE, 30:50, 30:50] = True
    assert set(np.unique(truth[mask])) >= {0, LV, MYO}
    return mask


def segment_mask(heart: HeartNodes, name: str) -> NDArray[np.bool_]:
    """What Slicer shows of a segment in the browser's phase, on the cine's grid."""
    import slicer

    image = slicer.vtkOrientedImageData()
    heart.segmentation.GetBinaryLabelmapRepresentation(name, image)
    x0, x1, y0, y1, z0, z1 = image.GetExtent()
    mask = np.zeros(heart.grid.shape, np.bool_)
    mask[z0 : z1 + 1, y0 : y1 + 1, x0 : x1 + 1] = voxels(image) > 0
    return mask


def only(*slices: int) -> NDArray[np.bool_]:
    return np.isin(np.arange(6), slices)


def segmentation_of(heart: HeartNodes) -> Any:
    return heart.segmentation.GetSegmentation()


def test_paint_and_erase_are_read(heart: HeartNodes, editor: SegmentEditor, truth: NDArray, square: NDArray) -> None:
    editor.paint("LV", square)
    np.testing.assert_array_equal(heart.phase_labels(0), np.where(square, LV, truth))
    editor.erase("LV", square)
    np.testing.assert_array_equal(heart.phase_labels(0), np.where(square, 0, truth))
    editor.undo()
    editor.undo()
    np.testing.assert_array_equal(heart.phase_labels(0), truth)


def test_edits_belong_to_the_phase_in_which_they_were_made(
    heart: HeartNodes, editor: SegmentEditor, small_heart: SyntheticHeart, square: NDArray
) -> None:
    heart.browser.SetSelectedItemNumber(4)
    editor.paint("RV", square)
    heart.browser.SetSelectedItemNumber(1)
    expected = small_heart.labels.copy()
    expected[4][square] = RV
    np.testing.assert_array_equal(heart.labels(), expected)


def test_other_slices_keep_the_users_edits(
    heart: HeartNodes, editor: SegmentEditor, truth: NDArray, square: NDArray
) -> None:
    editor.paint("LV", square)
    write_labels(segmentation_of(heart), heart.grid, np.full_like(truth, MYO), only(0, 4))
    expected = np.where(square, LV, truth)
    expected[[0, 4]] = MYO
    np.testing.assert_array_equal(heart.phase_labels(0), expected)
    np.testing.assert_array_equal(segment_mask(heart, "Myo"), expected == MYO)


def test_a_segment_that_the_user_added_is_never_touched(
    heart: HeartNodes, editor: SegmentEditor, truth: NDArray, square: NDArray
) -> None:
    editor.add_segment("Papillary muscle")
    editor.paint("Papillary muscle", square)
    heart.set_labels(np.full((6, *truth.shape), LV, np.uint8))
    np.testing.assert_array_equal(segment_mask(heart, "Papillary muscle"), square)
    assert (heart.labels() == LV).all()
    heart.set_labels(np.zeros((6, *truth.shape), np.uint8))
    np.testing.assert_array_equal(segment_mask(heart, "Papillary muscle"), square)
    assert not heart.labels().any()
    own = segmentation_of(heart).GetSegment("Papillary muscle")
    assert set(np.unique(voxels(own.GetRepresentation("Binary labelmap")))) == {0, own.GetLabelValue()}


def test_of_overlapping_structures_the_inner_one_is_read(
    heart: HeartNodes, editor: SegmentEditor, truth: NDArray, square: NDArray
) -> None:
    editor.paint("Myo", square, allow_overlap=True)
    expected = np.where(square & (truth != LV), MYO, truth)
    np.testing.assert_array_equal(heart.phase_labels(0), expected)


def test_overlaps_outside_the_written_slices_stay(
    heart: HeartNodes, editor: SegmentEditor, truth: NDArray, square: NDArray
) -> None:
    editor.paint("Myo", square, allow_overlap=True)
    both = segment_mask(heart, "LV"), segment_mask(heart, "Myo")
    write_labels(segmentation_of(heart), heart.grid, truth, ~only(SLICE))
    np.testing.assert_array_equal(segment_mask(heart, "LV")[SLICE], both[0][SLICE])
    np.testing.assert_array_equal(segment_mask(heart, "Myo")[SLICE], both[1][SLICE])
    write_labels(segmentation_of(heart), heart.grid, truth, only(SLICE))
    np.testing.assert_array_equal(heart.phase_labels(0), truth)
    np.testing.assert_array_equal(segment_mask(heart, "Myo"), truth == MYO)


def test_a_deleted_segment_holds_nothing_and_comes_back_when_written(heart: HeartNodes, truth: NDArray) -> None:
    segmentation_of(heart).RemoveSegment("LV")
    np.testing.assert_array_equal(heart.phase_labels(0), np.where(truth == LV, 0, truth))
    write_labels(segmentation_of(heart), heart.grid, truth, only(SLICE))
    expected = np.where((truth == LV) & ~only(SLICE)[:, None, None], 0, truth)
    np.testing.assert_array_equal(heart.phase_labels(0), expected)


def test_a_cleared_segment_can_be_written_again(heart: HeartNodes, truth: NDArray) -> None:
    import slicer

    slicer.vtkSlicerSegmentationsModuleLogic.ClearSegment(heart.segmentation, "Myo")
    np.testing.assert_array_equal(heart.phase_labels(0), np.where(truth == MYO, 0, truth))
    heart.set_labels(np.broadcast_to(truth, (6, *truth.shape)))
    np.testing.assert_array_equal(heart.phase_labels(0), truth)


def test_segments_on_another_grid_are_read_on_the_cines(heart: HeartNodes, truth: NDArray) -> None:
    import slicer
    import vtk

    segment = segmentation_of(heart).GetSegment("LV")
    fine = slicer.vtkOrientedImageData()
    fine.DeepCopy(segment.GetRepresentation("Binary labelmap"))
    matrix, half = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
    fine.GetImageToWorldMatrix(matrix)
    for axis in (0, 1):
        half.SetElement(axis, axis, 0.5)
        half.SetElement(axis, 3, -0.25)
    vtk.vtkMatrix4x4.Multiply4x4(matrix, half, matrix)
    finer = slicer.vtkOrientedImageData()
    finer.SetDimensions(160, 160, 6)
    finer.SetGeometryFromImageToWorldMatrix(matrix)
    slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(fine, finer, fine)
    for name in ("LV", "Myo", "RV"):
        segmentation_of(heart).GetSegment(name).AddRepresentation("Binary labelmap", fine)
    assert voxels(fine).shape == (6, 160, 160)
    np.testing.assert_array_equal(read_labels(segmentation_of(heart), heart.grid), truth)
    write_labels(segmentation_of(heart), heart.grid, truth, only(1))
    np.testing.assert_array_equal(heart.phase_labels(0), truth)


def test_a_crop_beyond_the_grid_is_read_where_it_lies(heart: HeartNodes, truth: NDArray) -> None:
    import slicer

    image = segmentation_of(heart).GetSegment("LV").GetRepresentation("Binary labelmap")
    padded = slicer.vtkOrientedImageData()
    slicer.vtkOrientedImageDataResample.CopyImage(image, padded, (-5, 60, 10, 90, -1, 5))
    for name in ("LV", "Myo", "RV"):
        segmentation_of(heart).GetSegment(name).AddRepresentation("Binary labelmap", padded)
    expected = truth.copy()
    expected[:, :10] = 0
    expected[:, :, 61:] = 0
    np.testing.assert_array_equal(heart.phase_labels(0), expected)


def test_surfaces_that_no_longer_fit_are_dropped(heart: HeartNodes, truth: NDArray) -> None:
    heart.segmentation.CreateClosedSurfaceRepresentation()
    for labels in (np.roll(truth, 4, axis=1), truth):
        heart.set_labels(np.broadcast_to(labels, (6, *truth.shape)))
        assert not segmentation_of(heart).ContainsRepresentation("Closed surface")
        heart.segmentation.CreateClosedSurfaceRepresentation()


def test_segments_name_what_they_are_in_every_phase(heart: HeartNodes) -> None:
    import vtk

    codes = {"LV": "87878005", "Myo": "49848007", "RV": "53085002"}
    for phase in (0, 5):
        heart.browser.SetSelectedItemNumber(phase)
        for name, code in codes.items():
            segment = segmentation_of(heart).GetSegment(name)
            entry = vtk.reference("")
            assert segment.GetTag(segment.GetTerminologyEntryTagName(), entry)
            assert f"~SCT^{code}^" in entry.get()
    assert segmentation_of(heart).GetSegment("LV").GetColor() == pytest.approx((255 / 255, 90 / 255, 54 / 255))


def test_a_left_atrium_gets_a_segment_as_soon_as_one_was_found(heart, truth):
    from medvos.structures import LA

    segmentation = heart.segmentation.GetSegmentation()
    assert segmentation.GetSegment("LA") is None
    labels = truth.copy()
    labels[SLICE, :4, :4] = LA
    write_labels(segmentation, heart.grid, labels, only(SLICE))
    assert np.array_equal(read_labels(segmentation, heart.grid)[SLICE], labels[SLICE])
    assert "Left atrium" in _tag(segmentation, "LA")
    labels[SLICE] = 0
    write_labels(segmentation, heart.grid, labels, only(SLICE))
    found = read_labels(segmentation, heart.grid)
    assert not found[SLICE].any() and np.array_equal(found[SLICE + 1], truth[SLICE + 1])


def _tag(segmentation, name):
    segment = segmentation.GetSegment(name)
    import vtk

    text = vtk.reference("")
    segment.GetTag(segment.GetTerminologyEntryTagName(), text)
    return str(text)
