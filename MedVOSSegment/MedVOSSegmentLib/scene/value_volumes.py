"""Values of every voxel from 0 to 1, such as the uncertainty, as volumes in step with a cine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from MedVOSSegmentLib.scene.cine_nodes import ROLE
from MedVOSSegmentLib.scene.display import show_uncertainty
from MedVOSSegmentLib.scene.image_arrays import allocated_image, voxels
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.sequences import browse, items_of, new_sequence
from MedVOSSegmentLib.scene.volume_grid import VolumeGrid, matrix_of


def image_of_values(grid: VolumeGrid, values: NDArray[np.float32]) -> Any:
    """Return a vtkImageData of the values (Z, Y, X) of one phase."""
    image = allocated_image(grid.size, np.float32)
    grid.on_cine(voxels(image))[:] = values
    return image


def new_values(
    logics: Logics, browser: Any, images: Any, grid: VolumeGrid, role: str, name: str, made: Sequence[Any]
) -> tuple[Any, Any, Any]:
    """Add a sequence of volumes in `role` to the browser of the sequence `images`, with an image of `made` each.

    Returns the sequence, the node that shows its phase, and the colours that came into the scene for it.
    """
    import slicer

    volume = browser.GetProxyNode(images)
    blank = slicer.vtkMRMLScalarVolumeNode()
    blank.SetIJKToRASMatrix(matrix_of(grid.ijk_to_ras))
    sequence = new_sequence(logics.scene, f"{volume.GetName()} {name}", images, [blank] * len(made))
    for item, image in zip(items_of(sequence), made, strict=True):
        item.SetAndObserveImageData(image)
    sequence.SetAttribute(ROLE, role)
    proxy = browse(logics.sequences, browser, sequence)
    proxy.SetAndObserveTransformNodeID(volume.GetTransformNodeID())
    return sequence, proxy, show_uncertainty(logics, proxy)


def read_values(sequence: Any, grid: VolumeGrid) -> NDArray[np.float32] | None:
    """Return the values (T, Z, Y, X) float32 of a sequence; None without one."""
    if sequence is None:
        return None
    return np.stack([grid.on_cine(voxels(volume.GetImageData())) for volume in items_of(sequence)])


def write_values(sequence: Any, grid: VolumeGrid, values: NDArray[np.float32]) -> Iterator[None]:
    """Write `values` (T, Z, Y, X) into the volumes of a sequence, phase by phase."""
    for volume, phase in zip(items_of(sequence), values, strict=True):
        image = volume.GetImageData()
        grid.on_cine(voxels(image))[:] = phase
        image.GetPointData().GetScalars().Modified()
        image.Modified()
        yield
