"""Values of every voxel from 0 to 1, such as the uncertainty, as volumes in step with a cine."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from MedVOSSegmentLib.scene.cine_nodes import ROLE
from MedVOSSegmentLib.scene.display import show_uncertainty
from MedVOSSegmentLib.scene.image_arrays import new_image, voxels
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.sequences import browse, items_of, new_sequence
from MedVOSSegmentLib.scene.volume_grid import VolumeGrid, matrix_of


def new_values(
    logics: Logics, browser: Any, images: Any, grid: VolumeGrid, role: str, name: str
) -> tuple[Any, Any, Any]:
    """Add a sequence of blank volumes in `role` to the browser of the sequence `images`.

    Returns the sequence, the node that shows its phase, and the colours that came into the scene for it.
    """
    import slicer

    volume = browser.GetProxyNode(images)
    blank = slicer.vtkMRMLScalarVolumeNode()
    blank.SetAndObserveImageData(new_image(grid.size, np.float32))
    blank.SetIJKToRASMatrix(matrix_of(grid.ijk_to_ras))
    phases = images.GetNumberOfDataNodes()
    sequence = new_sequence(logics.scene, f"{volume.GetName()} {name}", images, [blank] * phases)
    sequence.SetAttribute(ROLE, role)
    proxy = browse(logics.sequences, browser, sequence)
    proxy.SetAndObserveTransformNodeID(volume.GetTransformNodeID())
    return sequence, proxy, show_uncertainty(logics, proxy)


def read_values(sequence: Any, grid: VolumeGrid) -> NDArray[np.float32] | None:
    """Return the values (T, Z, Y, X) float32 of a sequence; None without one."""
    if sequence is None:
        return None
    return np.stack([grid.on_cine(voxels(volume.GetImageData())) for volume in items_of(sequence)])


def write_values(sequence: Any, grid: VolumeGrid, values: NDArray[np.float32]) -> None:
    """Write `values` (T, Z, Y, X) into the volumes of a sequence."""
    for volume, phase in zip(items_of(sequence), values, strict=True):
        image = volume.GetImageData()
        grid.on_cine(voxels(image))[:] = phase
        image.GetPointData().GetScalars().Modified()
        image.Modified()
