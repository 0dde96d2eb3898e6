"""Polar coordinates of the LV wall in one slice: the angle and the depth in the wall of each pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.septum import insertion_points
from medvos.structures import LV, MYO


@dataclass(frozen=True)
class Ring:
    """The wall of one slice as a ring.

    Attributes
    ----------
    wall: (Y, X) bool.
    angle: (Y, X) rad from -pi to pi about the cavity's centre, 0 in the middle of the septum, increasing over the
        anterior wall; without an RV, 0 is to the image's right.
    depth: (Y, X) 0 at the endocardium and in the cavity, 1 at the epicardium and beyond.
    inward: (Y, X) in the cavity, how far from its border towards its middle, up to 1; elsewhere 0.
    outward: (Y, X) mm from the wall outside of it; elsewhere 0.
    """

    wall: NDArray[np.bool_]
    angle: NDArray[np.float32]
    depth: NDArray[np.float32]
    inward: NDArray[np.float32]
    outward: NDArray[np.float32]


def ring_of(plane: NDArray[np.uint8], spacing: tuple[float, float], turn: int = 1, septum: float | None = None) -> Ring:
    """Return the ring of a labelled slice (Y, X).

    Parameters
    ----------
    plane: 1 RV, 2 Myo, 3 LV; with Myo and LV.
    spacing: (y, x) in mm.
    turn: as of `medvos.measure.segments.RingSlice`.
    septum: direction of its middle, in rad from the image's right towards its lower side; None finds it from the RV.
    """
    from scipy.ndimage import distance_transform_edt

    cavity, wall = plane == LV, plane == MYO
    mm = np.asarray(spacing, float)
    if septum is None:
        ends = insertion_points(plane, mm)
        septum = 0.0 if ends is None else (ends[0] + ends[1]) / 2
    middle = np.argwhere(cavity).mean(0)
    rows, cols = (np.indices(plane.shape) - middle[:, None, None]) * mm[:, None, None]
    angle = turn * (np.arctan2(rows, cols) - septum)
    to_cavity = distance_transform_edt(~cavity, sampling=mm)
    to_outside = distance_transform_edt(cavity | wall, sampling=mm)
    # Distances are between pixel centres: half a pixel is subtracted to measure from the border.
    depth = np.clip(to_cavity - mm.mean() / 2, 0, None)
    depth = depth / (depth + np.clip(to_outside - mm.mean() / 2, 0, None) + 1e-6)
    within = distance_transform_edt(cavity, sampling=mm)
    outward = distance_transform_edt(~(cavity | wall), sampling=mm)
    parts = (
        (angle + np.pi) % (2 * np.pi) - np.pi,
        np.where(cavity, 0, np.where(wall, depth, 1)),
        within / max(float(within.max()), 1e-6),
        outward,
    )
    angle, depth, inward, outward = (part.astype(np.float32) for part in parts)
    return Ring(wall, angle, depth, inward, outward)


def carried(values: NDArray[np.bool_], before: Ring, after: Ring) -> NDArray[np.bool_]:
    """Transfer values (Y, X) of the wall of one ring to the same angle and depth in the wall of another."""
    from scipy.spatial import cKDTree

    found = np.zeros(after.wall.shape, bool)
    if values.any() and after.wall.any():
        _, nearest = cKDTree(_places(before)).query(_places(after))
        found[after.wall] = values[before.wall][nearest]
    return found


def _places(ring: Ring) -> NDArray[np.float32]:
    """Places (N, 2) of the wall's pixels on a ring whose wall is a third as thick as its cavity's radius."""
    angle, radius = ring.angle[ring.wall], 1 + ring.depth[ring.wall] / 3
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1)
