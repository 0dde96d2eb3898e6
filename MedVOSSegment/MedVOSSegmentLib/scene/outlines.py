"""Smooth outlines of the segments in the slice views, and of the region where the labels are uncertain.

Slicer outlines a binary label map along the edges of its voxels. It outlines a fractional label map along an isoline,
so the outlines are those of another segmentation, of fractions that are made from the labels of the phase in view.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.image_arrays import new_image, voxels
from MedVOSSegmentLib.scene.segment_labels import mask_of
from MedVOSSegmentLib.scene.volume_grid import matrix_of

UNCERTAIN = "Uncertain"
# Labels inside this outline are wrong with at least this probability.
UNCERTAIN_FROM = 0.25
UNCERTAIN_COLOUR = (0.78, 0.45, 1.0)
# Weight of each neighbour in a mean of three voxels; two means are a Gaussian of 1 voxel.
_NEIGHBOUR, _MEANS = 0.25, 2
# An outline never parts a voxel's centre from its label, so that a wall of one voxel stays.
_INSIDE, _OUTSIDE = 0.55, 0.45
_WHOLE = 255
_LINEAR = 1


class Outlines:
    """Draws the outlines of one heart in place of Slicer's own, in the phase in view, until `end`.

    They are not saved, so a scene is saved with Slicer's own outlines, which a Slicer without this module shows.
    """

    def __init__(self, heart: HeartNodes) -> None:
        self._heart = heart
        self._shows_uncertainty = False
        self._node = self._new_node()
        self._shown: tuple[int, ...] = ()
        # The image of the uncertainty that is outlined, and its time of change.
        self._drawn: tuple[Any, int] | None = None
        self._disconnect = self._observe()
        self._set_own_outline(False)
        self.update()

    def end(self) -> None:
        """Remove the outlines; Slicer's own are visible again."""
        while self._disconnect:
            self._disconnect.pop()()
        scene = self._heart.logics.scene
        if not scene.IsClosing():
            self._set_own_outline(True)
            scene.RemoveNode(self._node.GetDisplayNode())
            scene.RemoveNode(self._node)

    def show_uncertainty(self, visible: bool) -> None:
        """Outline where the labels of a result are uncertain, or no longer."""
        self._shows_uncertainty = visible
        self._draw_uncertainty()
        self._follow_display()

    def update(self, *_: Any) -> None:
        """Draw the outlines of the current labels of the phase in view."""
        segmentation = self._phase().GetSegmentation()
        outlined = self._node.GetSegmentation()
        names = list(segmentation.GetSegmentIDs())
        for name in set(outlined.GetSegmentIDs()) - {*names, UNCERTAIN}:
            outlined.RemoveSegment(name)
        for name in names:
            mask = mask_of(segmentation, name, self._heart.grid)
            image = self._image(smoothed(mask))
            _set_image(outlined, name, image, segmentation.GetSegment(name).GetColor(), (0.0, _WHOLE), _WHOLE / 2)
        self._draw_uncertainty()
        self._follow_display()

    def _draw_uncertainty(self) -> None:
        volume = self._heart.uncertainty_of(self._phase_number()) if self._shows_uncertainty else None
        outlined = self._node.GetSegmentation()
        drawn = None if volume is None else (volume.GetImageData(), volume.GetImageData().GetMTime())
        if drawn == self._drawn:
            return
        self._drawn = drawn
        if volume is None:
            outlined.RemoveSegment(UNCERTAIN)
            return
        image = self._image(None, volume.GetImageData())
        _set_image(outlined, UNCERTAIN, image, UNCERTAIN_COLOUR, (0.0, 1.0), UNCERTAIN_FROM)

    def _image(self, values: NDArray[np.uint8] | None, shared: Any = None) -> Any:
        """Return a vtkOrientedImageData of ``values`` (Z, Y, X), or of the voxels of an image on the grid."""
        import slicer

        grid = self._heart.grid
        if shared is None:
            image = new_image(grid.size, np.uint8, slicer.vtkOrientedImageData)
            grid.on_cine(voxels(image))[:] = values
        else:
            image = slicer.vtkOrientedImageData()
            image.ShallowCopy(shared)
        image.SetGeometryFromImageToWorldMatrix(matrix_of(grid.ijk_to_ras))
        return image

    def _follow_display(self, *_: Any) -> None:
        """Show the outlines of those segments that the user has made visible."""
        source, target = self._heart.segmentation, self._node.GetDisplayNode()
        display = None if source is None else source.GetDisplayNode()
        if display is None:
            return
        modifying = target.StartModify()
        target.SetVisibility(display.GetVisibility())
        target.SetOpacity2DOutline(display.GetOpacity2DOutline())
        target.SetSliceIntersectionThickness(display.GetSliceIntersectionThickness())
        for name in self._node.GetSegmentation().GetSegmentIDs():
            of_user = name == UNCERTAIN or display.GetSegmentVisibility(name)
            target.SetSegmentVisibility(name, of_user)
            target.SetSegmentVisibility2DFill(name, False)
        target.EndModify(modifying)

    def _phase_number(self) -> int:
        return int(self._heart.browser.GetSelectedItemNumber())

    def _phase(self) -> Any:
        return self._heart.sequence.GetNthDataNode(self._phase_number())

    def _set_own_outline(self, visible: bool) -> None:
        """Show Slicer's outline of the segments, or hide it."""
        node = self._heart.segmentation
        if node is not None and node.GetDisplayNode() is not None:
            node.GetDisplayNode().SetVisibility2DOutline(visible)

    def _save_own_outline(self, visible: bool) -> None:
        """Change what is saved of Slicer's outline without a change in the views, or of the time of the node."""
        node = self._heart.segmentation
        if node is not None and node.GetDisplayNode() is not None:
            disabled = node.GetDisplayNode().GetDisableModifiedEvent()
            node.GetDisplayNode().DisableModifiedEventOn()
            self._set_own_outline(visible)
            node.GetDisplayNode().SetDisableModifiedEvent(disabled)

    def _new_node(self) -> Any:
        import slicer

        scene = self._heart.logics.scene
        node = scene.CreateNodeByClass("vtkMRMLSegmentationNode")
        node.UnRegister(None)
        node.SetName(f"{self._heart.name} outlines")
        node.SetHideFromEditors(True)
        node.SetSaveWithScene(False)
        hidden = slicer.vtkMRMLSubjectHierarchyConstants.GetSubjectHierarchyExcludeFromTreeAttributeName()
        node.SetAttribute(hidden, "1")
        node = scene.AddNode(node)
        fractions = slicer.vtkSegmentationConverter.GetFractionalLabelmapRepresentationName()
        node.GetSegmentation().SetSourceRepresentationName(fractions)
        node.CreateDefaultDisplayNodes()
        display = node.GetDisplayNode()
        display.SetSaveWithScene(False)
        display.SetPreferredDisplayRepresentationName2D(fractions)
        display.SetVisibility3D(False)
        node.SetAndObserveTransformNodeID(self._heart.volume.GetTransformNodeID())
        return node

    def _observe(self) -> list[Callable[[], None]]:
        import slicer
        import vtk

        heart, events = self._heart, slicer.vtkSegmentation

        def moved(*_: Any) -> None:
            shown = (self._phase_number(), heart.browser.GetNumberOfItems())
            if shown != self._shown:
                self._shown = shown
                self.update()

        scene = heart.logics.scene
        observed = [
            # The dialog that saves sends these; a script that saves by itself does not.
            (scene, scene.StartSaveEvent, lambda *_: self._save_own_outline(True)),
            (scene, scene.EndSaveEvent, lambda *_: self._save_own_outline(False)),
            (heart.browser, vtk.vtkCommand.ModifiedEvent, moved),
            (heart.segmentation.GetDisplayNode(), vtk.vtkCommand.ModifiedEvent, self._follow_display),
        ]
        changes = (
            events.SourceRepresentationModified,
            events.SegmentModified,
            events.SegmentAdded,
            events.SegmentRemoved,
        )
        observed += [(heart.segmentation, event, self.update) for event in changes]
        return [_disconnecting(caller, caller.AddObserver(event, call)) for caller, event, call in observed]


def smoothed(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return the fractions of a mask (Z, Y, X), each slice smoothed, as 0 to 255; its isoline at the half is smooth."""
    result = np.zeros(mask.shape, np.uint8)
    slices = np.asarray(mask.any(axis=(1, 2)))
    if slices.any():
        rows, columns = (np.asarray(mask.any(axis=axes)) for axes in ((0, 2), (0, 1)))
        box = _extent(slices, 0), _extent(rows, _MEANS), _extent(columns, _MEANS)
        values = mask[box].astype(np.float32)
        for axis in (1, 2) * _MEANS:
            values = _mean_of_three(values, axis)
        clamped = np.where(mask[box], np.maximum(values, _INSIDE), np.minimum(values, _OUTSIDE))
        result[box] = np.rint(_WHOLE * clamped)
    return result


def _extent(line: NDArray[np.bool_], margin: int) -> slice:
    """Return the slice from the first to the last True of a line, with a margin."""
    places = np.flatnonzero(line)
    return slice(max(int(places[0]) - margin, 0), int(places[-1]) + 1 + margin)


def _mean_of_three(values: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Return the weighted mean of each value and its two neighbours along ``axis``; outside, the last value stays."""
    along = np.moveaxis(values, axis, 0)
    padded = np.concatenate([along[:1], along, along[-1:]])
    return (1 - 2 * _NEIGHBOUR) * values + _NEIGHBOUR * np.moveaxis(padded[:-2] + padded[2:], 0, axis)


def _set_image(
    segmentation: Any,
    name: str,
    image: Any,
    colour: tuple[float, float, float],
    limits: tuple[float, float],
    threshold: float,
) -> None:
    """Give a segment, which is added where it is missing, an image that is outlined at ``threshold``."""
    import slicer

    converter = slicer.vtkSegmentationConverter
    for field, values in (
        (converter.GetScalarRangeFieldName(), limits),
        (converter.GetThresholdValueFieldName(), (threshold,)),
        (converter.GetInterpolationTypeFieldName(), (_LINEAR,)),
    ):
        image.GetFieldData().AddArray(_field(field, values))
    segment = segmentation.GetSegment(name)
    if segment is None:
        segment = slicer.vtkSegment()
        segment.SetName(name)
        segment.SetColor(colour)
        segment.AddRepresentation(converter.GetFractionalLabelmapRepresentationName(), image)
        segmentation.AddSegment(segment, name)
        return
    if segment.GetColor() != colour:
        segment.SetColor(colour)
    segment.AddRepresentation(converter.GetFractionalLabelmapRepresentationName(), image)


def _field(name: str, values: tuple[float, ...]) -> Any:
    import vtk

    array = vtk.vtkIntArray() if values == (_LINEAR,) else vtk.vtkDoubleArray()
    array.SetName(name)
    for value in values:
        array.InsertNextValue(value)
    return array


def _disconnecting(caller: Any, tag: int) -> Callable[[], None]:
    return lambda: caller.RemoveObserver(tag)
