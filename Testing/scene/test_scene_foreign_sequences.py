"""Sequences as Slicer's own readers make them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from segment_editor import SegmentEditor
from session_fakes import FakeRunner

from medvos.structures import LV
from MedVOSSegmentLib.scene.cine_nodes import read_cine
from MedVOSSegmentLib.scene.image_arrays import new_image, voxels
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.volume_grid import matrix_of
from MedVOSSegmentLib.session.session import Session


def a_multivolume(logics: Logics, tag: str, labels: str, phases: int = 5) -> Any:
    """As MultiVolumeImporter loads one: phases are numbered, and every phase is its own kind of scalars."""
    import slicer

    sequence = logics.scene.AddNewNodeByClass("vtkMRMLSequenceNode", "cine - as a 5 frames Volume Sequence")
    sequence.SetIndexName("")
    sequence.SetIndexUnit("")
    sequence.SetAttribute("MultiVolume.FrameIdentifyingDICOMTagName", tag)
    sequence.SetAttribute("MultiVolume.FrameIdentifyingDICOMTagUnits", "ms")
    sequence.SetAttribute("MultiVolume.FrameLabels", labels)
    for phase in range(phases):
        volume = slicer.vtkMRMLScalarVolumeNode()
        image = new_image((4, 16, 20), np.int16)
        voxels(image)[:] = phase
        volume.SetAndObserveImageData(image)
        volume.SetIJKToRASMatrix(matrix_of(np.diag([1.5, 1.5, 8.0, 1.0])))
        sequence.SetDataNodeAtValue(volume, str(phase))
    browser = logics.scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    browser.SetSaveChanges(sequence, True)
    browser.SetOverwriteProxyName(sequence, True)
    logics.sequences.UpdateProxyNodesFromSequences(browser)
    return browser


def test_trigger_times_beside_the_index_are_the_times(logics: Logics) -> None:
    cine = read_cine(a_multivolume(logics, "TriggerTime", "0.0,31.0,62.5,93.0,124.0"))
    np.testing.assert_allclose(cine.times, [0, 31, 62.5, 93, 124])
    assert not [note for note in cine.source.notes if "assumed" in note]


@pytest.mark.parametrize(
    ("tag", "labels"), [("Time", "0,3.2,6.4,9.6,12.8"), ("EchoTime", "1,2,3,4,5"), ("TriggerTime", "0,31")]
)
def test_labels_that_are_no_times_in_the_beat_are_not_taken_for_them(logics: Logics, tag: str, labels: str) -> None:
    cine = read_cine(a_multivolume(logics, tag, labels))
    assert cine.period == 1000.0 and [note for note in cine.source.notes if "assumed" in note]


def an_image_sequence(logics: Logics, modality: str, spacing: float, colour: bool) -> Any:
    """As Slicer's reader of image sequences loads one: flat, turned by 180 degrees, times in seconds."""
    import slicer
    import vtk
    from vtk.util.numpy_support import numpy_to_vtk

    sequence = logics.scene.AddNewNodeByClass("vtkMRMLSequenceNode", "1: US [1]")
    sequence.SetIndexName("time")
    sequence.SetIndexUnit("s")
    for frame in range(6):
        volume = slicer.vtkMRMLVectorVolumeNode() if colour else slicer.vtkMRMLScalarVolumeNode()
        image = vtk.vtkImageData()
        image.SetDimensions(20, 16, 1)
        pixels = np.full((320, 3) if colour else 320, 10 * frame, np.uint8)
        image.GetPointData().SetScalars(numpy_to_vtk(pixels, deep=True))
        volume.SetAndObserveImageData(image)
        volume.SetIJKToRASMatrix(matrix_of(np.diag([-spacing, -spacing, 1.0, 1.0])))
        sequence.SetDataNodeAtValue(volume, f"{frame * 0.04:.3f}")
    browser = logics.scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "browser")
    browser.AddSynchronizedSequenceNode(sequence)
    logics.sequences.UpdateProxyNodesFromSequences(browser)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(logics.scene)
    item = hierarchy.CreateItem(hierarchy.GetSceneItemID(), browser.GetProxyNode(sequence))
    hierarchy.SetItemAttribute(item, "DICOM.Modality", modality)
    return browser


@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.parametrize(("spacing", "known"), [(0.6, True), (1.0, False)])
def test_ultrasound_is_a_clip(logics: Logics, colour: bool, spacing: float, known: bool) -> None:
    cine = read_cine(an_image_sequence(logics, "US", spacing, colour))
    assert cine.is_echo and cine.source.spacing_known is known
    np.testing.assert_allclose(cine.times, np.arange(6) * 40.0)
    assert cine.array[:, 0, 0, 0].tolist() == [0, 10, 20, 30, 40, 50]


def test_flat_images_of_another_modality_are_no_clip(logics: Logics) -> None:
    assert not read_cine(an_image_sequence(logics, "MR", 0.6, False)).is_echo


@pytest.mark.parametrize("kind", ["multivolume", "grey clip", "colour clip"])
def test_segments_are_made_and_drawn_beside_them(logics: Logics, kind: str) -> None:
    browser = (
        a_multivolume(logics, "TriggerTime", "0,31,62,93,124")
        if kind == "multivolume"
        else an_image_sequence(logics, "US", 0.6, kind == "colour clip")
    )
    session = Session(logics, FakeRunner())
    session.cines.open(browser)
    assert browser.GetSelectedItemNumber() == 0
    session.seed.make_segments()
    session.go_to(2, 0)
    mask = np.zeros(session.cine.shape[1:], bool)
    mask[0, 4:9, 5:11] = True
    SegmentEditor(session.nodes).paint("LV", mask)
    session.poll()
    np.testing.assert_array_equal(session.nodes.labels()[2] == LV, mask)
    assert not session.nodes.labels()[[0, 1, 3]].any()
    session.close()
