from __future__ import annotations

from typing import Any

import numpy as np

from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.surfaces import SURFACE, has_surface, make_next_surface


def test_the_heart_beats_in_3d_while_the_browser_plays(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> None:
    import vtk

    heart_nodes.set_labels(small_heart.labels)
    for phase in range(len(small_heart.labels)):
        while not has_surface(heart_nodes, phase):
            make_next_surface(heart_nodes, phase)
    volumes = []
    for phase in range(len(small_heart.labels)):
        heart_nodes.browser.SetSelectedItemNumber(phase)
        surface = vtk.vtkPolyData()
        assert heart_nodes.segmentation.GetClosedSurfaceRepresentation("LV", surface)
        mass = vtk.vtkMassProperties()
        mass.SetInputData(surface)
        volumes.append(mass.GetVolume() / 1000)
    np.testing.assert_allclose(volumes, np.count_nonzero(small_heart.labels == 3, axis=(1, 2, 3)) * 0.144, rtol=0.35)
    assert min(volumes) < 0.8 * max(volumes)


def test_a_call_makes_one_surface_the_same_as_if_all_were_made_at_once(
    heart_nodes: HeartNodes, small_heart: SyntheticHeart
) -> None:
    heart_nodes.set_labels(small_heart.labels)
    segmentation = heart_nodes.sequence.GetNthDataNode(0).GetSegmentation()
    edits: list[int] = []
    disconnect = heart_nodes.on_edited(edits.append)
    made = []
    while not has_surface(heart_nodes, 0):
        make_next_surface(heart_nodes, 0)
        made.append([name for name in segmentation.GetSegmentIDs() if _surface(segmentation, name) is not None])
    assert [len(names) for names in made] == [1, 2, 3] and edits == []
    points = {name: _surface(segmentation, name).GetNumberOfPoints() for name in segmentation.GetSegmentIDs()}
    segmentation.RemoveRepresentation(SURFACE)
    segmentation.CreateRepresentation(SURFACE)
    assert {name: _surface(segmentation, name).GetNumberOfPoints() for name in points} == points
    disconnect()


def test_an_edit_between_two_calls_leaves_no_surface_of_what_was_there_before(
    heart_nodes: HeartNodes, small_heart: SyntheticHeart
) -> None:
    heart_nodes.set_labels(small_heart.labels)
    make_next_surface(heart_nodes, 0)
    labels = small_heart.labels.copy()
    labels[labels == 2] = 0
    heart_nodes.set_labels(labels)
    while not has_surface(heart_nodes, 0):
        make_next_surface(heart_nodes, 0)
    assert _surface(heart_nodes.sequence.GetNthDataNode(0).GetSegmentation(), "Myo").GetNumberOfPoints() == 0


def _surface(segmentation: Any, name: str) -> Any:
    return segmentation.GetSegment(name).GetRepresentation(SURFACE)
