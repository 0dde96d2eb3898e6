"""Compute LV volumes from apical echo views by the biplane and single-plane method of disks (modified Simpson).

Twenty disks stand at a right angle to the long axis, from the middle of the mitral annulus to the apex, as Lang et al.
2015 recommend (J Am Soc Echocardiogr 28:1-39).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DISKS = 20
SUBSAMPLES = 4  # per pixel and direction, so that disks thinner than a pixel are not empty
LEAST_PIXELS = 20
END = 0.2  # fraction of the length at either end; the wider end is the annulus
BLUNT = 0.995  # corners of pixels this near the farthest one belong to the same blunt apex
ROUNDS = 3  # axis and annulus each depend on the other

Mask = NDArray[np.bool_]
Spacing = tuple[float, float]


@dataclass(frozen=True)
class LongAxis:
    """The long axis of an apical view, in mm (y, x) from the first pixel.

    Attributes
    ----------
    apex: (2,) the point farthest from the annulus. annulus: (2, 2) both ends of the mitral annulus.
    """

    apex: NDArray[np.float64]
    annulus: NDArray[np.float64]

    @property
    def base(self) -> NDArray[np.float64]:
        """(2,) middle of the annulus."""
        return self.annulus.mean(axis=0)

    @property
    def length(self) -> float:
        """mm from the middle of the annulus to the apex."""
        return float(np.linalg.norm(self.apex - self.base))


def long_axis(mask: Mask, spacing: Spacing) -> LongAxis | None:
    """Find the long axis of an LV mask (Y, X); None if the mask is too small.

    Along its main axis the LV is wider at the annulus, where it is cut off, than at the apex. The ends of the annulus
    are the two corners there: the points of the outline farthest along the directions between axis and its normal.
    """
    outline = _outline(mask, spacing)
    if outline is None:
        return None
    inside = np.argwhere(mask) * spacing
    centre = inside.mean(axis=0)
    axis = np.linalg.eigh(np.cov((inside - centre).T))[1][:, -1]  # towards one of the two ends
    along = (inside - centre) @ axis
    low, high = along.min() + END * np.ptp(along), along.max() - END * np.ptp(along)
    if (along < low).sum() > (along > high).sum():
        axis = -axis
    found = None
    for _ in range(ROUNDS):
        across = np.array([-axis[1], axis[0]])
        ends = np.stack([outline[np.argmax(outline @ (axis + side * across))] for side in (1, -1)])
        away = np.linalg.norm(outline - ends.mean(axis=0), axis=1)
        apex = outline[away >= BLUNT * away.max()].mean(axis=0)
        found = LongAxis(apex, ends)
        if not found.length > 0:
            return None
        axis = (found.base - apex) / found.length
    return found


def disk_diameters(mask: Mask, spacing: Spacing, axis: LongAxis) -> NDArray[np.float64]:
    """Return the diameters (20,) in mm of the disks from annulus to apex: each disk's area in the mask by its height.

    Half of an oblique annulus lies beyond the first disk, as deep as the other half is missing: the two are swapped.
    """
    steps = (np.arange(SUBSAMPLES) + 0.5) / SUBSAMPLES - 0.5
    dy, dx = np.meshgrid(steps, steps, indexing="ij")
    points = (np.argwhere(mask)[:, None] + np.stack([dy, dx], axis=-1).reshape(-1, 2)) * spacing
    place = (points.reshape(-1, 2) - axis.base) @ (axis.apex - axis.base) / axis.length**2
    counts = np.histogram(np.abs(place), bins=DISKS, range=(0, 1))[0]
    return counts * (spacing[0] * spacing[1] / SUBSAMPLES**2) / (axis.length / DISKS)


def single_plane(mask: Mask, spacing: Spacing) -> float | None:
    """Return the volume in mL from one apical view (Y, X), every disk being round; None without a long axis."""
    axis = long_axis(mask, spacing)
    if axis is None:
        return None
    diameters = disk_diameters(mask, spacing, axis)
    return _of_disks(diameters, diameters, axis.length)


def biplane(masks: tuple[Mask, Mask], spacings: tuple[Spacing, Spacing]) -> float | None:
    """Return the volume in mL from the 4- and the 2-chamber view, every disk an ellipse; None without a long axis.

    The views may differ in spacing; the longer of the two long axes gives the height of the disks.
    """
    axes = [long_axis(mask, spacing) for mask, spacing in zip(masks, spacings, strict=True)]
    if axes[0] is None or axes[1] is None:
        return None
    first, second = (
        disk_diameters(mask, spacing, axis)
        for mask, spacing, axis in zip(masks, spacings, axes, strict=True)
        if axis is not None
    )
    return _of_disks(first, second, max(axes[0].length, axes[1].length))


def _of_disks(first: NDArray[np.float64], second: NDArray[np.float64], length: float) -> float:
    """Return the volume in mL of elliptical disks with these diameters (20,) in mm along so many mm."""
    return float(np.pi / 4 * (first * second).sum() * length / DISKS / 1000)


def main_part(mask: Mask) -> Mask:
    """Return the largest connected component of a mask."""
    from scipy.ndimage import label

    parts, count = label(mask)
    if count < 2:
        return mask
    return np.asarray(parts == 1 + np.argmax(np.bincount(parts.ravel())[1:]))


def _outline(mask: Mask, spacing: Spacing) -> NDArray[np.float64] | None:
    """Return the corners (N, 2) in mm of the convex hull of all pixels, edges included; None for a few pixels."""
    from scipy.ndimage import binary_erosion
    from scipy.spatial import ConvexHull, QhullError

    if mask.sum() < LEAST_PIXELS:
        return None
    rim = np.argwhere(mask & ~binary_erosion(mask))
    pixel_corners = np.array([[-0.5, -0.5], [-0.5, 0.5], [0.5, -0.5], [0.5, 0.5]])
    corners = (rim[:, None] + pixel_corners).reshape(-1, 2) * spacing
    try:
        return corners[ConvexHull(corners).vertices]
    except QhullError:
        return None
