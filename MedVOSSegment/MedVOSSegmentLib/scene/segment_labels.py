"""The segments LV, Myo and RV of one phase as a label array, and a label array as these segments; MVO beside them.

A clip has LA too, as soon as one was found, and a heart the segments of the reader's own that were propagated with it
(`own_structures`). All of them share one image with a value for each as long as they do not
overlap. The Segment Editor may part them, crop them to the drawn region, or put segments of the user's into the same
image; none of this is ever lost here.
MVO lies over Myo, in an image of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.nrrd import NOTICE
from medvos.structures import ATRIUM, LA, OBSTRUCTION, STRUCTURES, Structure
from MedVOSSegmentLib.scene.image_arrays import new_image, voxels
from MedVOSSegmentLib.scene.own_structures import own_structures
from MedVOSSegmentLib.scene.resources import terminology_entry
from MedVOSSegmentLib.scene.volume_grid import VolumeGrid, array_of, matrix_of

LABELMAP = "Binary labelmap"
# Farther than this from a voxel of the grid, an image lies on another grid.
TOLERANCE_VOXELS = 0.05


def new_segmentation(grid: VolumeGrid) -> Any:
    """Create a vtkMRMLSegmentationNode outside any scene with the three segments, empty."""
    import slicer

    node = slicer.vtkMRMLSegmentationNode()
    segmentation = node.GetSegmentation()
    image = _blank(grid)
    geometry = slicer.vtkSegmentationConverter.SerializeImageGeometry(image)
    name = slicer.vtkSegmentationConverter.GetReferenceImageGeometryParameterName()
    segmentation.SetConversionParameter(name, geometry)
    for structure in reversed(STRUCTURES):
        segmentation.AddSegment(_new_segment(structure, image), structure.name)
    return node


def read_labels(segmentation: Any, grid: VolumeGrid) -> NDArray[np.uint8]:
    """Return the labels (Z, Y, X) uint8 of the segments of a vtkSegmentation; a missing segment is empty."""
    layer = _own_layer(segmentation, grid)
    if layer is not None:
        values = grid.on_cine(voxels(layer))
        table = bytearray(256)
        for structure in _structures(segmentation):
            table[segmentation.GetSegment(structure.name).GetLabelValue()] = structure.label
        # Of all ways to look values up in a table this is the fastest.
        return np.frombuffer(bytearray(values.tobytes().translate(table)), np.uint8).reshape(values.shape)
    labels = np.zeros(grid.shape, np.uint8)
    for structure in _structures(segmentation):
        labels[mask_of(segmentation, structure.name, grid)] = structure.label
    return labels


def read_obstruction(segmentation: Any, grid: VolumeGrid) -> NDArray[np.bool_] | None:
    """Return the segment MVO of a vtkSegmentation, (Z, Y, X) bool, or None where there is none."""
    if segmentation.GetSegment(OBSTRUCTION.name) is None:
        return None
    return mask_of(segmentation, OBSTRUCTION.name, grid)


def mask_of(segmentation: Any, name: str, grid: VolumeGrid) -> NDArray[np.bool_]:
    """Return a copy of the segment ``name`` of a vtkSegmentation, (Z, Y, X) bool; a missing segment is empty."""
    mask = np.zeros(grid.size, np.bool_)
    segment = segmentation.GetSegment(name)
    image = None if segment is None else segment.GetRepresentation(LABELMAP)
    if image is not None and image.GetPointData().GetScalars() is not None:
        place = _place(image, grid)
        if place is None:
            image, place = _resampled(image, grid), (0, 0, 0)
        inside, of_image = _overlap(place, voxels(image).shape, grid.size)
        mask[inside] = voxels(image)[of_image] == segment.GetLabelValue()
    return np.ascontiguousarray(grid.on_cine(mask))


def other_segments(segmentation: Any) -> list[str]:
    """Return the IDs of the segments of a vtkSegmentation that `read_labels` does not read: MVO, and some own ones."""
    read = {structure.name for structure in (ATRIUM, *STRUCTURES, *own_structures(segmentation))}
    return [name for name in segmentation.GetSegmentIDs() if name not in read]


def write_mask(segmentation: Any, grid: VolumeGrid, name: str, mask: NDArray[np.bool_]) -> None:
    """Write `mask` (Z, Y, X) bool into the segment ``name``, into an image of its own."""
    segment = segmentation.GetSegment(name)
    _leave(segmentation, name)
    image = _blank(grid)
    grid.on_cine(voxels(image))[mask] = segment.GetLabelValue()
    segment.AddRepresentation(LABELMAP, image)


def write_obstruction(segmentation: Any, grid: VolumeGrid, mask: NDArray[np.bool_] | None, notice: str = "") -> None:
    """Write `mask` (Z, Y, X) bool and `notice` into the segment MVO; None removes the segment.

    One without a notice was not predicted: it is the user's own, and stays under another ID.
    """
    name = OBSTRUCTION.name
    segment = segmentation.GetSegment(name)
    if segment is not None and not segment.HasTag(NOTICE):
        _set_aside(segmentation, grid, name)
        segment = None
    if mask is None:
        if segment is not None:
            _leave(segmentation, name)
            segmentation.RemoveSegment(name)
        return
    image = _blank(grid)
    grid.on_cine(voxels(image))[mask] = OBSTRUCTION.label
    if segment is None:
        segmentation.AddSegment(_new_segment(OBSTRUCTION, image), name)
    else:
        _leave(segmentation, name)
        segment.AddRepresentation(LABELMAP, image)
        segment.SetLabelValue(OBSTRUCTION.label)
    segmentation.GetSegment(name).SetTag(NOTICE, notice)


def _set_aside(segmentation: Any, grid: VolumeGrid, name: str) -> None:
    """Give a segment another ID, and an image of its own."""
    import slicer

    mask, kept = mask_of(segmentation, name, grid), slicer.vtkSegment()
    kept.DeepCopy(segmentation.GetSegment(name))
    _leave(segmentation, name)
    segmentation.RemoveSegment(name)
    kept.RemoveAllRepresentations()
    aside = segmentation.GenerateUniqueSegmentID(f"{name}_own")
    segmentation.AddSegment(kept, aside)
    write_mask(segmentation, grid, aside, mask)


def write_labels(segmentation: Any, grid: VolumeGrid, labels: NDArray[np.uint8], slices: NDArray[np.bool_]) -> None:
    """Write `labels` (Z, Y, X) into the segments in `slices` (Z,) bool; the rest stays, other segments too."""
    structures = _structures(segmentation, labels[slices])
    layer = _own_layer(segmentation, grid, structures)
    if layer is None:
        layers = _rebuilt(segmentation, grid, labels, slices, structures)
    else:
        table = np.zeros(256, np.uint8)
        for structure in structures:
            table[structure.label] = segmentation.GetSegment(structure.name).GetLabelValue()
        target = grid.on_cine(voxels(layer))
        target[slices] = table[labels[slices]]
        layers = [layer]
    for layer in layers:
        layer.GetPointData().GetScalars().Modified()
        layer.Modified()


def _structures(segmentation: Any, labels: NDArray[np.uint8] | None = None) -> tuple[Structure, ...]:
    """Return the structures that have segments or, in ``labels``, need them: from the outside in, the inner one counts.

    An atrium is in echo alone, so that other hearts have no empty segment of it. Those of the heart count before own
    ones.
    """
    found = labels is not None and bool((labels == LA).any())
    has_atrium = found or segmentation.GetSegment(ATRIUM.name) is not None
    return (*own_structures(segmentation), *((ATRIUM,) if has_atrium else ()), *STRUCTURES)


def _own_layer(segmentation: Any, grid: VolumeGrid, structures: tuple[Structure, ...] | None = None) -> Any:
    """Return the image that the segments share with no other and that spans the grid, or None."""
    import vtk

    names = {structure.name for structure in structures or _structures(segmentation)}
    if not names <= set(segmentation.GetSegmentIDs()):
        return None
    layer = segmentation.GetSegment("LV").GetRepresentation(LABELMAP)
    sharing = {
        name
        for name in segmentation.GetSegmentIDs()
        if segmentation.GetSegment(name).GetRepresentation(LABELMAP) is layer
    }
    values = {segmentation.GetSegment(name).GetLabelValue() for name in names}
    if layer is None or sharing != names or len(values) < len(names) or layer.GetScalarType() != vtk.VTK_UNSIGNED_CHAR:
        return None
    return layer if layer.GetDimensions() == grid.size[::-1] and _place(layer, grid) == (0, 0, 0) else None


def _rebuilt(
    segmentation: Any,
    grid: VolumeGrid,
    labels: NDArray[np.uint8],
    slices: NDArray[np.bool_],
    structures: tuple[Structure, ...],
) -> list[Any]:
    """Give the segments new images that span the grid: one for all, or one each where they overlap."""
    masks = {}
    for structure in structures:
        mask = mask_of(segmentation, structure.name, grid)
        mask[slices] = labels[slices] == structure.label
        masks[structure] = mask
    overlap = np.sum(list(masks.values()), axis=0, dtype=np.uint8).max() > 1
    shared = _blank(grid)
    layers = []
    for structure, mask in masks.items():
        image = _blank(grid) if overlap else shared
        grid.on_cine(voxels(image))[mask] = structure.label
        layers.append(image)
    for structure, image in zip(masks, layers, strict=True):
        segment = segmentation.GetSegment(structure.name)
        if segment is None:
            segmentation.AddSegment(_new_segment(structure, image), structure.name)
            continue
        _leave(segmentation, structure.name)
        segment.AddRepresentation(LABELMAP, image)
        segment.SetLabelValue(structure.label)
    return layers if overlap else [shared]


def _leave(segmentation: Any, name: str) -> None:
    """Erase a segment from the image that it shares, so that its value is free for the others there."""
    segment = segmentation.GetSegment(name)
    image = segment.GetRepresentation(LABELMAP)
    if image is not None and image.GetPointData().GetScalars() is not None:
        values = voxels(image)
        values[values == segment.GetLabelValue()] = 0


def _place(image: Any, grid: VolumeGrid) -> tuple[int, int, int] | None:
    """Return the grid index (k, j, i) of the image's first voxel, or None where it lies on another grid."""
    import vtk

    matrix = vtk.vtkMatrix4x4()
    image.GetImageToWorldMatrix(matrix)
    extent = image.GetExtent()
    placed = array_of(matrix)
    if extent[0::2] == (0, 0, 0) and np.array_equal(placed, grid.ijk_to_ras):
        return 0, 0, 0
    to_grid = np.linalg.inv(grid.ijk_to_ras) @ placed
    corners = np.array([[*extent[0::2], 1], [*extent[1::2], 1]])
    places = (corners @ to_grid.T)[:, :3]
    shift = np.round(places[0]) - extent[0::2]
    if np.abs(places - shift - corners[:, :3]).max() > TOLERANCE_VOXELS:
        return None
    i, j, k = np.round(places[0]).astype(int)
    return int(k), int(j), int(i)


def _overlap(
    place: tuple[int, ...], size: tuple[int, ...], whole: tuple[int, ...]
) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return the part of the grid that an image of `size` at `place` covers, and the same part of the image."""
    starts = [max(first, 0) for first in place]
    ends = [max(min(first + n, all_), start) for first, n, all_, start in zip(place, size, whole, starts, strict=True)]
    inside = tuple(slice(start, end) for start, end in zip(starts, ends, strict=True))
    of_image = tuple(slice(part.start - first, part.stop - first) for part, first in zip(inside, place, strict=True))
    return inside, of_image


def _resampled(image: Any, grid: VolumeGrid) -> Any:
    """Resample the image on the grid by nearest neighbour."""
    import slicer

    result = slicer.vtkOrientedImageData()
    slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(image, _blank(grid), result)
    return result


def _blank(grid: VolumeGrid) -> Any:
    import slicer

    image = new_image(grid.size, np.uint8, slicer.vtkOrientedImageData)
    image.SetGeometryFromImageToWorldMatrix(matrix_of(grid.ijk_to_ras))
    return image


def _new_segment(structure: Structure, image: Any) -> Any:
    import slicer

    segment = slicer.vtkSegment()
    segment.SetName(structure.name)
    segment.SetColor(*(component / 255 for component in structure.colour))
    segment.SetTag(segment.GetTerminologyEntryTagName(), terminology_entry(structure.name))
    segment.AddRepresentation(LABELMAP, image)
    segment.SetLabelValue(structure.label)
    return segment
