"""Resample the slices of one stack onto one in-plane grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.cine.dicom_frames import Frame


def same_grid(a: Frame, b: Frame) -> bool:
    """Return whether two frames have the same size, pixel spacing and directions (not position)."""
    return (
        a.shape == b.shape
        and np.allclose(a.pixel_spacing, b.pixel_spacing, rtol=1e-4)
        and np.allclose(a.orientation, b.orientation, atol=1e-3)
    )


def offset_pixels(origin: NDArray[np.float64], frame: Frame) -> NDArray[np.float64]:
    """Return the (row, column) in pixels of the point `origin` (3,), projected onto the frame's plane."""
    away = origin - frame.position
    return np.array([away @ frame.orientation[3:], away @ frame.orientation[:3]]) / frame.pixel_spacing


def resampled(
    images: NDArray[np.float32], frame: Frame, grid: Frame, origin: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Resample `images` (T, Y, X) of the slice of `frame` linearly onto `grid` that starts at `origin` (3,).

    Outside the slice's own image the values are 0.
    """
    from scipy.ndimage import affine_transform

    grid_axes = np.stack(
        [grid.orientation[3:] * grid.pixel_spacing[0], grid.orientation[:3] * grid.pixel_spacing[1]], 1
    )
    own_axes = np.stack(
        [frame.orientation[3:] / frame.pixel_spacing[0], frame.orientation[:3] / frame.pixel_spacing[1]]
    )
    matrix, offset = own_axes @ grid_axes, offset_pixels(origin, frame)
    return np.stack(
        [
            affine_transform(image, matrix, offset, output_shape=grid.shape, order=1, mode="grid-constant")
            for image in images
        ]
    ).astype(np.float32)
