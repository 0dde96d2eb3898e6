"""Positions: from a slice of a cine to a point in the patient, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine

Point = tuple[float, float, float]


def point_of(cine: Cine, z: int, pixel: tuple[float, float] | None = None) -> Point:
    """Return RAS in mm of a ``pixel`` (y, x) of a slice; of its middle if None."""
    _, _, rows, columns = cine.shape
    y, x = pixel or ((rows - 1) / 2, (columns - 1) / 2)
    r, a, s = (cine.affine @ (x, y, z, 1))[:3]
    return float(r), float(a), float(s)


def middle_of(labels: NDArray[np.uint8]) -> tuple[float, float] | None:
    """Return the mean pixel (y, x) of all labels of a slice (Y, X), or None where it has none."""
    if not labels.any():
        return None
    y, x = (float(axis.mean()) for axis in np.nonzero(labels))
    return y, x


def slice_at(cine: Cine, point: Point) -> int:
    """Return the index of the slice nearest to a point (RAS in mm)."""
    z = (np.linalg.inv(cine.affine) @ (*point, 1))[2]
    return int(np.clip(np.round(z), 0, cine.shape[1] - 1))


def in_world(node: Any, point: Point) -> Point:
    """Apply the transform of a node, if it has one, to a point (RAS in mm)."""
    moved = [0.0, 0.0, 0.0]
    node.TransformPointToWorld(point, moved)
    return moved[0], moved[1], moved[2]


def from_world(node: Any, point: Point) -> Point:
    """Apply the inverse of the transform of a node, if it has one, to a point (RAS in mm)."""
    moved = [0.0, 0.0, 0.0]
    node.TransformPointFromWorld(point, moved)
    return moved[0], moved[1], moved[2]
