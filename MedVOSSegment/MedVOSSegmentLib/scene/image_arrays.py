"""VTK images and numpy arrays that share their memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def voxels(image: Any) -> NDArray:
    """Return a writable view (K, J, I), or (K, J, I, components), of the scalars of a vtkImageData."""
    from vtk.util.numpy_support import vtk_to_numpy

    i, j, k = image.GetDimensions()
    values = vtk_to_numpy(image.GetPointData().GetScalars())
    return values.reshape((k, j, i) if values.ndim == 1 else (k, j, i, -1))


def new_image(size: tuple[int, int, int], dtype: type[np.generic], kind: Any = None) -> Any:
    """Return a vtkImageData, or an image of the class `kind`, of `size` (K, J, I) zeros."""
    image = allocated_image(size, dtype, kind)
    voxels(image)[:] = 0
    return image


def image_of(array: NDArray) -> Any:
    """Return a vtkImageData with a copy of `array` (K, J, I); may be called on any thread."""
    image = allocated_image(array.shape, array.dtype.type)
    voxels(image)[:] = array
    return image


def allocated_image(size: tuple[int, ...], dtype: type[np.generic], kind: Any = None) -> Any:
    """Return what `new_image` does, with voxels of any value."""
    import vtk
    from vtk.util.numpy_support import get_vtk_array_type

    image = (kind or vtk.vtkImageData)()
    image.SetDimensions(*size[::-1])
    image.AllocateScalars(get_vtk_array_type(dtype), 1)
    return image
