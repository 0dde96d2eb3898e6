from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from medvos.cine.cine import Cine
from medvos.errors import InputError
from MedVOSSegmentLib.scene.cine_nodes import cine_sequence, read_cine, show_cine
from MedVOSSegmentLib.scene.image_arrays import new_image, voxels
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.sequences import browse
from MedVOSSegmentLib.scene.volume_grid import VolumeGrid, array_of, matrix_of

MakeBrowser = Callable[..., Any]


def a_volume(size: tuple[int, int, int] = (4, 16, 20), affine: np.ndarray | None = None, value: float = 0) -> Any:
    import slicer

    volume = slicer.vtkMRMLScalarVolumeNode()
    image = new_image(size, np.int16)
    voxels(image)[:] = value
    volume.SetAndObserveImageData(image)
    volume.SetIJKToRASMatrix(matrix_of(np.diag([1.5, 1.5, 8.0, 1.0]) if affine is None else affine))
    return volume


@pytest.fixture
def browser_of(logics: Logics) -> MakeBrowser:
    """Makes a browser of given data nodes as other programs and modules do."""

    def make(nodes: list[Any], values: list[str] | None = None, unit: str = "") -> Any:
        sequence = logics.scene.AddNewNodeByClass("vtkMRMLSequenceNode", "Loaded")
        sequence.SetIndexUnit(unit)
        if values is not None and not values[0][0].isdigit():
            sequence.SetIndexType(sequence.TextIndex)
        for value, node in zip(values or map(str, range(len(nodes))), nodes, strict=True):
            sequence.SetDataNodeAtValue(node, value)
        browser = logics.scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "Browser")
        browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
        logics.sequences.UpdateProxyNodesFromSequences(browser)
        return browser

    return make


def test_a_cine_comes_back_from_the_scene_as_it_was_shown(synthetic_browser: Any, small_cine: Cine) -> None:
    cine = read_cine(synthetic_browser)
    np.testing.assert_array_equal(cine.array, small_cine.array)
    np.testing.assert_allclose(cine.affine, small_cine.affine, atol=1e-9)
    np.testing.assert_allclose(cine.times, small_cine.times, atol=1e-5)
    assert cine.period == pytest.approx(small_cine.period)
    assert cine.source.heart_rate == small_cine.source.heart_rate


def test_a_pause_at_the_end_of_the_beat_and_notes_are_not_lost(logics: Logics, small_cine: Cine) -> None:
    source = replace(small_cine.source, heart_rate=None, notes=('It is "assumed"; 50% sure.',))
    paused = replace(small_cine, period=small_cine.period + 123.4, source=source)
    cine = read_cine(show_cine(logics, paused, "Paused"))
    assert cine.period == pytest.approx(paused.period)
    assert cine.source.heart_rate is None
    assert cine.source.notes == source.notes


def test_the_browser_steps_through_the_images_at_the_pace_of_the_heart(
    synthetic_browser: Any, small_cine: Cine
) -> None:
    proxy = synthetic_browser.GetProxyNode(cine_sequence(synthetic_browser))
    for phase in (4, 1):
        synthetic_browser.SetSelectedItemNumber(phase)
        np.testing.assert_array_equal(voxels(proxy.GetImageData()), small_cine.array[phase])
    assert synthetic_browser.GetPlaybackRateFps() == pytest.approx(6000 / small_cine.period)


def test_grey_values_mean_the_same_in_every_phase(synthetic_browser: Any) -> None:
    display = synthetic_browser.GetProxyNode(cine_sequence(synthetic_browser)).GetDisplayNode()
    window = display.GetWindow(), display.GetLevel()
    synthetic_browser.SetSelectedItemNumber(3)
    assert (display.GetWindow(), display.GetLevel()) == window
    assert window[0] > 0


def test_nodes_bear_no_name_but_the_given_one(logics: Logics, small_cine: Cine) -> None:
    source = replace(small_cine.source, path="/data/Doe^John/cine.nii.gz", description={"patient": "Doe^John"})
    show_cine(logics, replace(small_cine, source=source), "Cine")
    nodes = [logics.scene.GetNthNode(number) for number in range(logics.scene.GetNumberOfNodes())]
    assert not any("Doe" in str(node) for node in nodes)


@pytest.mark.parametrize(
    ("values", "unit", "times", "period"),
    [
        (["0", "40", "90"], "ms", [0, 40, 90], 135),
        (["0.5", "0.54", "0.58"], "s", [0, 40, 80], 120),
        (["0", "0.04", "0.08"], "", [0, 40, 80], 120),
        (["0", "1", "2"], "", [0, 1000 / 3, 2000 / 3], 1000),
        (["a", "b", "c"], "", [0, 1000 / 3, 2000 / 3], 1000),
    ],
)
def test_index_values_are_times_in_their_unit(
    browser_of: MakeBrowser, values: list[str], unit: str, times: list[float], period: float
) -> None:
    cine = read_cine(browser_of([a_volume() for _ in values], values, unit))
    np.testing.assert_allclose(cine.times, times, atol=1e-6)
    assert cine.period == pytest.approx(period)


def test_an_assumed_beat_is_said_to_be_assumed(browser_of: MakeBrowser) -> None:
    cine = read_cine(browser_of([a_volume(), a_volume()]))
    assert cine.source.heart_rate is None
    assert "assumed" in cine.source.notes[0]


@pytest.mark.parametrize("axes", [[0, 1, 2, 3], [2, 0, 1, 3], [1, 2, 0, 3]])
@pytest.mark.parametrize("flip", [1.0, -1.0])
def test_slices_follow_their_normal_wherever_the_node_has_them(
    browser_of: MakeBrowser, axes: list[int], flip: float
) -> None:
    affine = np.diag([1.5, 1.5, 8.0 * flip, 1.0])[:, axes]
    size = tuple(np.array([20, 20, 4])[axes[:3]])[::-1]
    volume = a_volume(size, affine)
    voxels(volume.GetImageData())[1, 2, 3] = 7
    cine = read_cine(browser_of([volume, volume]))
    z, y, x = np.argwhere(cine.array[0] == 7)[0]
    assert cine.array.shape == (2, 4, 20, 20)
    assert np.linalg.det(cine.affine) > 0
    np.testing.assert_allclose(cine.affine @ (x, y, z, 1), affine @ (3, 2, 1, 1))


def test_the_geometry_of_an_oblique_sheared_stack_is_exact(browser_of: MakeBrowser, small_cine: Cine) -> None:
    affine = small_cine.affine.copy()
    affine[:3, 2] += (0.31, -0.2, 0.11)
    cine = read_cine(browser_of([a_volume(affine=affine), a_volume(affine=affine)]))
    corners = np.array([[x, y, z, 1] for x in (0, 19) for y in (0, 15) for z in (0, 3)])
    assert np.abs(corners @ (cine.affine - affine).T).max() < 1e-4


def test_colour_images_become_grey(browser_of: MakeBrowser) -> None:
    import slicer
    import vtk

    image = vtk.vtkImageData()
    image.SetDimensions(8, 8, 1)
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 3)
    voxels(image)[:] = (30, 60, 90)
    volume = slicer.vtkMRMLVectorVolumeNode()
    volume.SetAndObserveImageData(image)
    cine = read_cine(browser_of([volume, volume]))
    assert cine.array.shape == (2, 1, 8, 8)
    assert (cine.array == 60).all()


def test_images_are_found_behind_another_master_sequence(
    logics: Logics, browser_of: MakeBrowser, synthetic_browser: Any, small_cine: Cine
) -> None:
    import slicer

    other = browser_of([slicer.vtkMRMLLinearTransformNode() for _ in range(6)])
    browse(logics.sequences, other, cine_sequence(synthetic_browser))
    np.testing.assert_array_equal(read_cine(other).array, small_cine.array)


def test_phases_of_differing_geometry_are_refused(browser_of: MakeBrowser) -> None:
    moved = np.diag([1.5, 1.5, 8.0, 1.0])
    moved[2, 3] = 4.0
    with pytest.raises(InputError, match="Phase 2 of this cine has another size or position than phase 1"):
        read_cine(browser_of([a_volume(), a_volume(affine=moved)]))
    with pytest.raises(InputError, match="Phase 3 of this cine has another size"):
        read_cine(browser_of([a_volume(), a_volume(), a_volume((4, 16, 21))]))


def test_a_phase_without_an_image_is_refused(browser_of: MakeBrowser) -> None:
    import slicer

    with pytest.raises(InputError, match="Phase 2 of this cine has no image"):
        read_cine(browser_of([a_volume(), slicer.vtkMRMLScalarVolumeNode()]))


def test_browsers_without_images_are_refused(logics: Logics, browser_of: MakeBrowser) -> None:
    import slicer

    for browser in (
        browser_of([slicer.vtkMRMLLinearTransformNode(), slicer.vtkMRMLLinearTransformNode()]),
        browser_of([slicer.vtkMRMLLabelMapVolumeNode(), slicer.vtkMRMLLabelMapVolumeNode()]),
        logics.scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "Empty"),
    ):
        with pytest.raises(InputError, match="shows no volumes"):
            read_cine(browser)


def test_a_browser_of_more_items_than_phases_is_refused(logics: Logics, browser_of: MakeBrowser) -> None:
    import slicer

    other = browser_of([slicer.vtkMRMLLinearTransformNode() for _ in range(5)])
    images = browser_of([a_volume(), a_volume()])
    browse(logics.sequences, other, cine_sequence(images))
    with pytest.raises(InputError, match="2 phases and the browser 5 items"):
        read_cine(other)


def test_the_volume_in_the_scene_lies_where_the_cine_does(synthetic_browser: Any, small_cine: Cine) -> None:
    import vtk

    volume = synthetic_browser.GetProxyNode(cine_sequence(synthetic_browser))
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    np.testing.assert_allclose(array_of(matrix), small_cine.affine, atol=1e-9)
    assert VolumeGrid.of_volume(volume).size == small_cine.shape[1:]


def test_a_pixel_that_is_no_number_does_not_blacken_the_image(logics: Logics, small_cine: Cine):
    array = small_cine.array.copy()
    array[0, 0, :4, :4] = np.nan
    browser = show_cine(logics, replace(small_cine, array=array), "Cine")
    display = browser.GetProxyNode(cine_sequence(browser)).GetDisplayNode()
    assert display.GetWindow() > 0 and np.isfinite(display.GetLevel())
