"""Smooth random fields, from which textures are made."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

Array = NDArray[np.float32]
Noise = Callable[[float], Array]
"""Fresh noise that varies over the given number of mm."""


def smooth_noise(rng: np.random.Generator, shape: tuple[int, ...], cells: tuple[float, ...]) -> Array:
    """Return a field of about zero mean and unit variance that varies over ``cells`` voxels along each axis."""
    knots = tuple(int(np.ceil(n / c)) + 3 for n, c in zip(shape, cells, strict=True))
    field = rng.standard_normal(knots, dtype=np.float32)
    for axis, (size, cell) in enumerate(zip(shape, cells, strict=True)):
        # Separable cubic interpolation: one small matrix for each axis.
        field = np.moveaxis(np.tensordot(_basis(size, cell, knots[axis]), field, (1, axis)), 0, axis)
    return (field / max(float(field.std()), 1e-6)).astype(np.float32)


@lru_cache(maxsize=128)  # one heart needs some fifty of about 50 KB, and most of them several times
def _basis(size: int, cell: float, knots: int) -> Array:
    """(size, knots): the weight of each knot at each voxel; not to be changed."""
    grid = np.stack(np.meshgrid(np.arange(size) / cell + 1.0, np.arange(knots), indexing="ij"))
    basis = map_coordinates(np.eye(knots), grid, order=3, mode="nearest").astype(np.float32)
    basis.flags.writeable = False
    return basis


def ramp(distance: NDArray[Any], width: float) -> Array:
    """Return the coverage of a voxel whose centre is ``distance`` (mm, positive outside) from a body's surface."""
    return np.clip(0.5 - distance / width, 0.0, 1.0).astype(np.float32, copy=False)


def paint(signal: Array, coverage: NDArray[Any], value: NDArray[Any] | float) -> None:
    """Paint tissue of the given signal over an image, in place."""
    signal += coverage * (value - signal)
