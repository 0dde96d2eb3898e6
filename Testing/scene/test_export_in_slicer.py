"""What Slicer itself makes of the files that the engine exports for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import slicer
import vtk

from medvos.cine.label_image import read_label_image
from medvos.cine.nrrd import NOTICE
from medvos.export.slicer_files import write_segmentations, write_sequence
from medvos.export.stl import write_surfaces
from medvos.result import OWN_NAMES, Result
from medvos.structures import MVO, MYO, STRUCTURES
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.image_arrays import voxels
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.resources import terminology_entry
from MedVOSSegmentLib.scene.volume_grid import array_of


@pytest.fixture(scope="module")
def result(small_heart: SyntheticHeart) -> Result:
    """Without any RV at phase 2."""
    labels = small_heart.labels.copy()
    labels[2][labels[2] == 1] = 0
    sure, shape = np.zeros(labels.shape, np.float32), labels.shape[:2]
    return Result(small_heart.cine, labels, sure, np.zeros(shape, np.float32), np.zeros(shape, bool))


def loaded(logics: Logics, kind: str, storage: str, path: Path) -> Any:
    """A new node of a class, filled by Slicer's own reader."""
    node = logics.scene.AddNewNodeByClass(kind)
    reader = getattr(slicer, storage)()
    logics.scene.AddNode(reader)
    reader.SetFileName(str(path))
    assert reader.ReadData(node)
    return node


def test_a_segmentation_has_its_segments_and_its_voxels_where_they_were(result: Result, logics: Logics, tmp_path: Path):
    write_segmentations(result, tmp_path)
    for t, phase in enumerate(result.labels):
        path = tmp_path / f"phase-{t:02d}.seg.nrrd"
        node = loaded(logics, "vtkMRMLSegmentationNode", "vtkMRMLSegmentationStorageNode", path)
        segmentation = node.GetSegmentation()
        ids = [segmentation.GetNthSegmentID(n) for n in range(segmentation.GetNumberOfSegments())]
        assert ids == ["LV", "Myo", "RV"]
        for structure in STRUCTURES:
            segment = segmentation.GetSegment(structure.name)
            assert segment.GetName() == structure.name
            np.testing.assert_allclose(segment.GetColor(), np.array(structure.colour) / 255, atol=1e-5)
            tag = vtk.reference("")
            assert segment.GetTag("TerminologyEntry", tag) and tag.get() == terminology_entry(structure.name)
            image = segment.GetRepresentation("Binary labelmap")
            assert segment.GetLabelValue() == structure.label
            np.testing.assert_array_equal(voxels(image) == structure.label, phase == structure.label)
            matrix = vtk.vtkMatrix4x4()
            image.GetImageToWorldMatrix(matrix)
            np.testing.assert_allclose(array_of(matrix), result.cine.affine, atol=1e-9)


def test_a_sequence_has_a_label_map_at_each_time(result: Result, logics: Logics, tmp_path: Path):
    write_sequence(result, tmp_path)
    path = tmp_path / "segmentation.seq.nrrd"
    node = loaded(logics, "vtkMRMLSequenceNode", "vtkMRMLVolumeSequenceStorageNode", path)
    assert (node.GetIndexName(), node.GetIndexUnit()) == ("time", "ms")
    assert node.GetNumberOfDataNodes() == len(result.labels)
    for t, phase in enumerate(result.labels):
        assert float(node.GetNthIndexValue(t)) == pytest.approx(result.cine.times[t], rel=1e-6)
        volume = node.GetNthDataNode(t)
        assert volume.IsA("vtkMRMLLabelMapVolumeNode")
        np.testing.assert_array_equal(voxels(volume.GetImageData()), phase)
        matrix = vtk.vtkMatrix4x4()
        volume.GetIJKToRASMatrix(matrix)
        np.testing.assert_allclose(array_of(matrix), result.cine.affine, atol=1e-9)


def test_a_surface_lies_round_its_voxels(result: Result, logics: Logics, tmp_path: Path):
    write_surfaces(result, tmp_path)
    model = loaded(logics, "vtkMRMLModelNode", "vtkMRMLModelStorageNode", tmp_path / "LV-phase-00.stl")
    bounds = np.zeros(6)
    model.GetRASBounds(bounds)
    z, y, x = np.argwhere(result.labels[0] == 3).T
    ras = (result.cine.affine @ [x, y, z, np.ones(len(x))])[:3]
    np.testing.assert_allclose(bounds[0::2], ras.min(1), atol=9)
    np.testing.assert_allclose(bounds[1::2], ras.max(1), atol=9)
    edges = vtk.vtkFeatureEdges()
    edges.SetInputData(model.GetPolyData())
    edges.FeatureEdgesOff()
    edges.ManifoldEdgesOff()
    edges.Update()
    assert edges.GetOutput().GetNumberOfCells() == 0


def test_a_predicted_obstruction_keeps_its_notice(result: Result, logics: Logics, tmp_path: Path):
    labels = np.where(result.labels == MYO, np.uint8(MVO), result.labels)
    words = "Predicted: research only."
    write_segmentations(replace(result, labels=labels, provenance={"notice": words}), tmp_path)
    path = tmp_path / "phase-00.seg.nrrd"
    node = loaded(logics, "vtkMRMLSegmentationNode", "vtkMRMLSegmentationStorageNode", path)
    segment, tag = node.GetSegmentation().GetSegment("MVO"), vtk.reference("")
    assert segment.GetTag(NOTICE, tag) and tag.get() == words
    assert segment.GetTag("TerminologyEntry", tag) and tag.get() == terminology_entry("MVO")


def test_the_name_of_a_readers_own_segment_may_have_any_letters(result: Result, logics: Logics, tmp_path: Path):
    labels, name = result.labels.copy(), "Aorta é 主动脉"
    labels[:, 2, :6, :6] = 4
    own = replace(result, labels=labels, provenance={OWN_NAMES: {"4": name}})
    write_segmentations(own, tmp_path)
    write_surfaces(own, tmp_path)
    path = tmp_path / "phase-00.seg.nrrd"
    node = loaded(logics, "vtkMRMLSegmentationNode", "vtkMRMLSegmentationStorageNode", path)
    segmentation = node.GetSegmentation()
    assert segmentation.GetSegment("structure 4").GetName() == name
    assert read_label_image(path).names[4] == name
    np.testing.assert_array_equal(read_label_image(path).labels > 0, labels[0] > 0)
    assert (tmp_path / "structure-4-Aorta-é-主动脉-phase-00.stl").is_file()
