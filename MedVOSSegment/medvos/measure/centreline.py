"""Measure wall thickness in a short-axis slice by the centreline method."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# The contour of a mask is a staircase whose corners make every wall too thin; smoothing by one pixel removes the steps
# and moves the border of a circle of radius r by only 1 / (2 r) pixels.
SMOOTHING_PIXELS = 1.0
POINTS_PER_PIXEL = 5


def wall_thickness(
    cavity: NDArray[np.bool_], wall: NDArray[np.bool_], spacing: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Measure the wall along its centreline, the curve half-way between endocardium and epicardium.

    The thickness at a point of the centreline is the sum of its distances to both borders, which is measured at a right
    angle to the centreline as in Sheehan et al. 1986 (Circulation 74:293-305).

    Parameters
    ----------
    cavity, wall: (Y, X) masks of the LV and its myocardium. spacing: (y, x) in mm.

    Returns
    -------
    points: (N, 2) positions (y, x) in mm from the first pixel. thickness: (N,) in mm. Both are empty if one of the
    masks is; there are no points where the wall has a gap.
    """
    from scipy.ndimage import binary_dilation
    from scipy.spatial import cKDTree
    from skimage.measure import find_contours

    endocardium, epicardium = (_border(mask, spacing) for mask in (cavity, cavity | wall))
    if not len(endocardium) or not len(epicardium) or not wall.any():
        return np.empty((0, 2)), np.empty(0)
    inner, outer = cKDTree(endocardium), cKDTree(epicardium)
    near = np.nonzero(binary_dilation(wall, iterations=2))
    pixels = np.stack(near, axis=-1) * spacing
    from_inner = inner.query(pixels)[0] * np.where(cavity[near], -1, 1)
    to_outer = outer.query(pixels)[0] * np.where((cavity | wall)[near], 1, -1)
    difference = np.full(wall.shape, np.nan)  # NaN has no contour
    difference[near] = from_inner - to_outer
    lines = find_contours(difference, 0.0)
    if not lines:
        return np.empty((0, 2)), np.empty(0)
    indices = np.concatenate(lines)
    nearest = np.rint(indices).astype(int)
    points = indices[wall[nearest[:, 0], nearest[:, 1]]] * spacing
    return points, inner.query(points)[0] + outer.query(points)[0]


def _border(mask: NDArray[np.bool_], spacing: tuple[float, float]) -> NDArray[np.float64]:
    """Return dense points (N, 2) in mm on the border of a mask."""
    from scipy.ndimage import gaussian_filter
    from skimage.measure import find_contours

    padded = np.pad(mask.astype(np.float64), 4)
    smooth = gaussian_filter(padded, SMOOTHING_PIXELS)
    # Smoothing would swallow a cavity of a few pixels.
    lines = find_contours(smooth if smooth.max() > 0.5 else padded, 0.5)
    return np.concatenate([_dense(line - 4) for line in lines]) * spacing if lines else np.empty((0, 2))


def _dense(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the points of a polyline (N, 2) in pixels with further ones between them."""
    parts = np.arange(POINTS_PER_PIXEL) / POINTS_PER_PIXEL
    between = line[:-1, None] + parts[:, None] * np.diff(line, axis=0)[:, None]
    return np.concatenate([between.reshape(-1, 2), line[-1:]])
