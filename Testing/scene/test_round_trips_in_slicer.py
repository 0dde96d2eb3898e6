"""Files that 3D Slicer's own libraries write, read by the engine with equal voxels, times and names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import slicer

from medvos.cine.read import read
from medvos.cine.seed import read_seed
from medvos.structures import STRUCTURES
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.cine_nodes import cine_sequence
from MedVOSSegmentLib.scene.image_arrays import new_image, voxels
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.segment_labels import new_segmentation, write_labels
from MedVOSSegmentLib.scene.volume_grid import VolumeGrid, matrix_of

PHASE = 2


def stored(logics: Logics, node: Any, storage: str, path: Path) -> Path:
    """The file that Slicer's own writer makes of a node."""
    writer = getattr(slicer, storage)()
    logics.scene.AddNode(writer)
    writer.SetFileName(str(path))
    assert writer.WriteData(node)
    return path


@pytest.fixture
def segmentation(logics: Logics, small_heart: SyntheticHeart) -> Any:
    """A node with the drawing of one phase in the segments LV, Myo and RV."""
    grid = VolumeGrid(small_heart.cine.shape[1:], small_heart.cine.affine)
    node = new_segmentation(grid)
    labels = small_heart.labels[PHASE]
    write_labels(node.GetSegmentation(), grid, labels, np.ones(len(labels), bool))
    return logics.scene.AddNode(node)


def test_a_sequence_comes_back_with_its_voxels_and_times(
    logics: Logics, synthetic_browser: Any, small_heart: SyntheticHeart, tmp_path: Path
) -> None:
    sequence = cine_sequence(synthetic_browser)
    cine = read(stored(logics, sequence, "vtkMRMLVolumeSequenceStorageNode", tmp_path / "cine.seq.nrrd"))
    np.testing.assert_allclose(cine.array, small_heart.cine.array, rtol=1e-6)
    np.testing.assert_allclose(cine.times, small_heart.cine.times, atol=1e-3)
    np.testing.assert_allclose(cine.affine, small_heart.cine.affine, atol=1e-4)


def test_a_segmentation_comes_back_by_its_names(
    logics: Logics, segmentation: Any, small_heart: SyntheticHeart, tmp_path: Path
) -> None:
    path = stored(logics, segmentation, "vtkMRMLSegmentationStorageNode", tmp_path / "seed.seg.nrrd")
    seed = read_seed(path, small_heart.cine, PHASE)
    np.testing.assert_array_equal(seed.labels[PHASE], small_heart.labels[PHASE])
    assert not seed.notes


def test_segments_in_another_order_and_in_layers_come_back_by_their_names(
    logics: Logics, segmentation: Any, small_heart: SyntheticHeart, tmp_path: Path
) -> None:
    """Overlapping segments are stored in layers: here a filled epicardium under the cavity."""
    whole = segmentation.GetSegmentation()
    grid = VolumeGrid(small_heart.cine.shape[1:], small_heart.cine.affine)
    labels = small_heart.labels[PHASE]
    for structure in STRUCTURES:
        whole.RemoveSegment(structure.name)
    for name, mask in (("Linker Ventrikel", labels == 3), ("Epikard", labels >= 2), ("Rechter Ventrikel", labels == 1)):
        image = new_image(grid.size, np.uint8, slicer.vtkOrientedImageData)
        image.SetGeometryFromImageToWorldMatrix(matrix_of(grid.ijk_to_ras))
        voxels(image)[...] = mask
        segment = slicer.vtkSegment()
        segment.SetName(name)
        segment.SetLabelValue(1)
        segment.AddRepresentation("Binary labelmap", image)
        whole.AddSegment(segment)
    path = stored(logics, segmentation, "vtkMRMLSegmentationStorageNode", tmp_path / "seed.seg.nrrd")
    seed = read_seed(path, small_heart.cine, PHASE)
    np.testing.assert_array_equal(seed.labels[PHASE], labels)
