"""The septum in one slice: the RV's insertion points and the direction of the middle between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.structures import LV, MYO, RV

# Wall that is this near the RV is septum; the gap that readers leave between the two contours is narrower.
CONTACT_MM = 4.0
LEAST_SEPTUM = np.deg2rad(30)


def insertion_points(plane: NDArray[np.uint8], spacing: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the directions of the RV's insertion points from the LV's centre in a slice (Y, X), or None without RV.

    In rad from the image's right towards its lower side; the septum lies between the first and the second, in the
    direction of growing angles, and the second may exceed pi.
    """
    from scipy.ndimage import distance_transform_edt

    if not (plane == RV).any():
        return None
    touching = (plane == MYO) & (distance_transform_edt(plane != RV, sampling=spacing) <= CONTACT_MM)
    if not touching.any():
        return None
    away = np.argwhere(touching) * spacing - lv_centre(plane, spacing)
    angles = np.sort(np.arctan2(away[:, 0], away[:, 1]))
    gaps = np.diff(angles, append=angles[0] + 2 * np.pi)
    widest = int(np.argmax(gaps))
    first = float(angles[(widest + 1) % len(angles)])
    return first, first + float(2 * np.pi - gaps[widest])


def septum_of(plane: NDArray[np.uint8], spacing: NDArray[np.float64]) -> float | None:
    """Return the direction of the septum's middle in a slice (Y, X), in rad; None where too little RV touches it."""
    ends = insertion_points(plane, spacing)
    return None if ends is None or ends[1] - ends[0] < LEAST_SEPTUM else (ends[0] + ends[1]) / 2


def lv_centre(plane: NDArray[np.uint8], spacing: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the centre (y, x) of cavity and wall in a slice (Y, X), in mm from the first pixel."""
    return np.argwhere((plane == LV) | (plane == MYO)).mean(axis=0) * spacing
