"""Closed surfaces of the heart for 3D views."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.segment_labels import LABELMAP

SURFACE = "Closed surface"
ALONE = "alone"
Sphere = tuple[tuple[float, float, float], float]
"""Centre (RAS in mm) and radius in mm."""


def has_surface(heart: HeartNodes, phase: int) -> bool:
    """Return whether `phase` has its surfaces; a change of its labels removes them."""
    return bool(_segmentation(heart, phase).ContainsRepresentation(SURFACE))


def make_next_surface(heart: HeartNodes, phase: int) -> None:
    """Make the surface of the next segment of `phase` that lacks one, for 3D views.

    A phase without surfaces is missing in 3D while the browser shows it, so all of them should have theirs. One segment
    takes up to a tenth of a second, which is why they come one at a time: a phase `has_surface` with its last.

    Example: ``while not has_surface(heart, 0): make_next_surface(heart, 0)``
    """
    segmentation = _segmentation(heart, phase)
    names = segmentation.GetSegmentIDs()
    lacking = [name for name in names[1:] if segmentation.GetSegment(name).GetRepresentation(SURFACE) is None]
    with heart.own_edit():
        if not lacking:
            # The first segment tells for all whether there are surfaces, and those that are there are not made again.
            segmentation.CreateRepresentation(SURFACE)
            return
        segment = segmentation.GetSegment(lacking[0])
        surface = _surface_of(segment, segmentation)
        if surface is not None:
            segment.AddRepresentation(SURFACE, surface)


def remove_surface(heart: HeartNodes, phase: int) -> None:
    """Remove the surfaces of `phase`."""
    _segmentation(heart, phase).RemoveRepresentation(SURFACE)


def sphere_around(heart: HeartNodes, phase: int) -> Sphere | None:
    """Return the sphere around the surfaces of `phase` in the scene, or None where they are empty or not all made."""
    if not has_surface(heart, phase):
        return None
    segmentation = _segmentation(heart, phase)
    corners: list[tuple[float, ...]] = []
    for name in segmentation.GetSegmentIDs():
        surface = segmentation.GetSegment(name).GetRepresentation(SURFACE)
        if surface is not None and surface.GetNumberOfPoints():
            bounds = np.reshape(surface.GetBounds(), (3, 2))
            corners += itertools.product(*bounds)
    if not corners:
        return None
    moved = np.empty((len(corners), 3))
    for corner, target in zip(corners, moved, strict=True):
        heart.volume.TransformPointToWorld(corner, target)
    low, high = moved.min(axis=0), moved.max(axis=0)
    r, a, s = ((low + high) / 2).tolist()
    return (r, a, s), float(np.linalg.norm(high - low)) / 2


def _surface_of(segment: Any, segmentation: Any) -> Any:
    """Return the vtkPolyData of one vtkSegment, made outside of its vtkSegmentation, which makes them all at once."""
    import slicer

    alone, copy = slicer.vtkSegmentation(), slicer.vtkSegment()
    alone.CopyConversionParameters(segmentation)
    copy.AddRepresentation(LABELMAP, segment.GetRepresentation(LABELMAP))
    copy.SetLabelValue(segment.GetLabelValue())
    alone.AddSegment(copy, ALONE)
    alone.CreateRepresentation(SURFACE)
    return copy.GetRepresentation(SURFACE)


def _segmentation(heart: HeartNodes, phase: int) -> Any:
    return heart.sequence.GetNthDataNode(phase).GetSegmentation()
