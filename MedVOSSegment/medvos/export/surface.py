"""Smooth closed surfaces of structures with a large slice distance, by shape-based interpolation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.geometry import LPS_TO_RAS

# In voxels of the fine grid: removes pixel steps and rounds the rim of the caps.
SMOOTHING = 1.0
# Exponent of the caps' profile: 2 is half an ellipse, more is flatter.
CAP = 6.0
MARGIN = 3


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangle mesh: ``points`` (N, 3) LPS in mm, ``triangles`` (M, 3) point indices, ordered as seen from outside."""

    points: NDArray[np.float64]
    triangles: NDArray[np.intp]

    @property
    def volume_ml(self) -> float:
        """The enclosed volume in mL (divergence theorem)."""
        a, b, c = self.points[self.triangles].transpose(1, 0, 2)
        return float(np.einsum("ni,ni->", a, np.cross(b, c)) / 6000)


def surface_of(
    mask: NDArray[np.bool_], affine: NDArray[np.float64], cavity: NDArray[np.bool_] | None = None
) -> Surface | None:
    """Compute the surface of a structure; None if ``mask`` is empty.

    The distance to the border is measured within each slice and interpolated between the slices (Raya and Udupa,
    IEEE Trans Med Imaging 9:32, 1990) by monotone cubics (Fritsch and Carlson 1980). Beyond its last slice a structure
    extends by half the slice distance, as in volumes by slice summation, and ends in a rounded cap.

    Parameters
    ----------
    mask: (Z, Y, X) bool.
    cavity: (Z, Y, X) bool, the cavity inside a wall. Both borders of the wall are interpolated separately, because a
        thin wall may move by more than its thickness between slices.
    affine: (4, 4) voxel index (x, y, z, 1) to mm in RAS.
    """
    from skimage.measure import marching_cubes

    if not mask.any():
        return None
    cavity = cavity if cavity is not None and cavity.any() else None
    whole, start = _cropped(mask if cavity is None else mask | cavity)
    parts = [whole] if cavity is None else [whole, _cropped(mask | cavity, cavity)[0]]
    axes = np.linalg.norm(affine[:3, :3], axis=0)
    steps = max(1, round(axes[2] / min(axes[:2])))
    depths = [_depth(part, axes[1::-1], steps) for part in parts]
    # Smoothing would remove a structure one pixel wide.
    depth = next((d for d in (_wall([_smooth(d, axes[:2].min()) for d in depths]), _wall(depths)) if d.max() > 0), None)
    if depth is None:
        return None
    points, triangles, _, _ = marching_cubes(depth, 0.0)
    # Fine slice 0 lies one coarse slice before the first of the box.
    index = np.c_[points[:, 2], points[:, 1], points[:, 0] / steps - 1] + start[::-1]
    lps = LPS_TO_RAS @ affine
    surface = Surface(index @ lps[:3, :3].T + lps[:3, 3], triangles.astype(np.intp))
    return surface if surface.volume_ml > 0 else Surface(surface.points, surface.triangles[:, ::-1])


def _cropped(
    mask: NDArray[np.bool_], of: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.bool_], NDArray[np.int_]]:
    """Crop ``of`` (default ``mask``) to the box of ``mask`` with a margin in the plane; return it and its start."""
    places = np.argwhere(mask)
    first, last = places.min(0), places.max(0) + 1
    box = (mask if of is None else of)[tuple(slice(a, b) for a, b in zip(first, last, strict=True))]
    return np.pad(box, ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN))), first - [0, MARGIN, MARGIN]


def _wall(depths: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the depth below the surface of the first without the second, if there are two."""
    return depths[0] if len(depths) == 1 else np.minimum(depths[0], -depths[1])


def _depth(box: NDArray[np.bool_], pixel: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
    """Return the depth below the surface in mm, negative outside, on ``steps`` fine slices per slice."""
    from scipy.interpolate import PchipInterpolator

    n = len(box)
    inside = {z: _distance(mask, pixel) for z, mask in enumerate(box) if mask.any()}
    deepest = max(float(depth.max()) for depth in inside.values())
    fine = np.full(((n + 1) * steps + 1, *box.shape[1:]), -deepest)
    for first, last in _runs([z in inside for z in range(n)]):
        known = np.stack([inside[z] for z in range(first, last + 1)])
        rows = np.arange((first + 1) * steps, (last + 1) * steps + 1)
        if last > first:
            fine[rows] = PchipInterpolator(np.arange(first, last + 1), known)(rows / steps - 1)
        else:
            fine[rows] = known
        for end, direction in ((first, -1), (last, 1)):
            for k in range(1, steps // 2 + 1):
                beyond = (end + 1) * steps + direction * k
                fine[beyond] = np.maximum(fine[beyond], inside[end] - _cap(k / (steps / 2)) * inside[end].max())
    return fine


def _cap(part: float) -> float:
    """Return the lost fraction of the depth at this fraction, 0 to 1, of the distance to the tip of a cap."""
    return 1 - (1 - min(part, 1.0) ** CAP) ** (1 / CAP)


def _distance(mask: NDArray[np.bool_], pixel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the signed distance (Y, X) in mm to the border, which runs between the pixels."""
    from scipy.ndimage import distance_transform_edt

    half = float(np.mean(pixel)) / 2
    within, without = (distance_transform_edt(side, sampling=pixel) for side in (mask, ~mask))
    return np.where(mask, within - half, half - without)


def _runs(filled: list[bool]) -> list[tuple[int, int]]:
    """Return the first and last slice of each run of slices without a gap."""
    edges = np.flatnonzero(np.diff(np.r_[False, filled, False].astype(int)))
    return [(int(a), int(b) - 1) for a, b in edges.reshape(-1, 2)]


def _smooth(depth: NDArray[np.float64], pixel: float) -> NDArray[np.float64]:
    """Smooth near the surface; clipped, so that distant voxels of one side do not shift it."""
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(np.clip(depth, -pixel, pixel), SMOOTHING, mode="nearest")
