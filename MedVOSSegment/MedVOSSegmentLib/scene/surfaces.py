"""Closed surfaces of the heart for 3D views."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from MedVOSSegmentLib.scene.heart_nodes import HeartNodes

SURFACE = "Closed surface"
Sphere = tuple[tuple[float, float, float], float]
"""Centre (RAS in mm) and radius in mm."""


def has_surface(heart: HeartNodes, phase: int) -> bool:
    """Return whether `phase` has its surfaces; a change of its labels removes them."""
    return bool(_segmentation(heart, phase).ContainsRepresentation(SURFACE))


def make_surface(heart: HeartNodes, phase: int) -> None:
    """Make the surfaces of the segments of `phase` for 3D views.

    A phase without surfaces is missing in 3D while the browser shows it, so all of them should have theirs. One takes
    a fraction of a second, which is why they come one at a time.
    """
    _segmentation(heart, phase).CreateRepresentation(SURFACE)


def remove_surface(heart: HeartNodes, phase: int) -> None:
    """Remove the surfaces of `phase`."""
    _segmentation(heart, phase).RemoveRepresentation(SURFACE)


def sphere_around(heart: HeartNodes, phase: int) -> Sphere | None:
    """Return the sphere around the surfaces of `phase` in the scene, or None where they are empty."""
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


def _segmentation(heart: HeartNodes, phase: int) -> Any:
    return heart.sequence.GetNthDataNode(phase).GetSegmentation()
