"""Slicer's own Segment Editor without its panel, to edit a heart as a user does."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.image_arrays import new_image, voxels
from MedVOSSegmentLib.scene.volume_grid import matrix_of


class SegmentEditor:
    """Edits the phase that the browser shows."""

    def __init__(self, heart: HeartNodes) -> None:
        import slicer

        self.heart = heart
        self.node = heart.logics.scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
        self.logic = slicer.vtkSlicerSegmentEditorLogic()
        self.logic.SetMRMLApplicationLogic(heart.logics.app)
        self.logic.SetMRMLScene(heart.logics.scene)
        self.logic.SetSegmentationHistory(slicer.vtkSegmentationHistory())
        self.logic.SetSegmentEditorNode(self.node)
        self.logic.SetSegmentationNode(heart.segmentation)
        self.logic.SetSourceVolumeNode(heart.volume)
        self.logic.UpdateReferenceGeometryImage()

    def paint(self, name: str, mask: NDArray[np.bool_], *, allow_overlap: bool = False) -> None:
        """Add the voxels of `mask` (Z, Y, X) to the segment `name`."""
        self._modify(name, mask, self.logic.ModificationModeAdd, allow_overlap)

    def erase(self, name: str, mask: NDArray[np.bool_]) -> None:
        """Take the voxels of `mask` (Z, Y, X) from the segment `name`."""
        self._modify(name, mask, self.logic.ModificationModeRemove, False)

    def add_segment(self, name: str) -> None:
        self.heart.segmentation.GetSegmentation().AddEmptySegment(name, name)

    def undo(self) -> None:
        self.logic.Undo()

    def _modify(self, name: str, mask: NDArray[np.bool_], mode: Any, allow_overlap: bool) -> None:
        import slicer

        grid = self.heart.grid
        image = new_image(grid.size, np.uint8, slicer.vtkOrientedImageData)
        image.SetGeometryFromImageToWorldMatrix(matrix_of(grid.ijk_to_ras))
        grid.on_cine(voxels(image))[mask] = 1
        overwrite = self.node.OverwriteNone if allow_overlap else self.node.OverwriteAllSegments
        self.node.SetOverwriteMode(overwrite)
        self.node.SetSelectedSegmentID(name)
        self.logic.SetCurrentSegmentID(name)
        self.logic.SaveStateForUndo()
        self.logic.UpdateMaskLabelmap()
        self.logic.ModifySegmentByLabelmap(self.heart.segmentation, name, image, mode, False, False)
