"""Volume sequences that Slicer or other extensions have loaded: their times, and whether they are clips."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from MedVOSSegmentLib.scene.sequences import items_of

# Slicer's reader of multivolumes numbers the phases in the index, and keeps their times in these attributes. Of the
# tags by which it may tell phases apart, this one alone is the time within the beat.
_LABELS, _TAG = "MultiVolume.FrameLabels", "MultiVolume.FrameIdentifyingDICOMTagName"
_TIME_IN_BEAT = "TriggerTime"
ULTRASOUND = "US"
# Slicer's reader of image sequences gives a pixel this size in mm where the file states none.
_NO_SIZE = 1.0


def stated_times(sequence: Any) -> tuple[list[str], str]:
    """Return the time of each phase as text, and its unit: those of the index, or better ones in its attributes."""
    phases = sequence.GetNumberOfDataNodes()
    labels = (sequence.GetAttribute(_LABELS) or "").split(",")
    if sequence.GetAttribute(_TAG) == _TIME_IN_BEAT and len(labels) == phases:
        return labels, "ms"
    return [sequence.GetNthIndexValue(number) for number in range(phases)], sequence.GetIndexUnit() or ""


def is_ultrasound_clip(browser: Any, sequence: Any) -> bool:
    """Return whether the sequence holds flat images and its series in the subject hierarchy is ultrasound."""
    import slicer

    sizes = {volume.GetImageData().GetDimensions()[2] for volume in items_of(sequence)}
    proxy = browser.GetProxyNode(sequence)
    scene = browser.GetScene()
    if sizes != {1} or proxy is None or scene is None:
        return False
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    item = hierarchy.GetItemByDataNode(proxy)
    name = slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMSeriesModalityAttributeName()
    return item != hierarchy.GetInvalidItemID() and hierarchy.GetItemAttribute(item, name) == ULTRASOUND


def states_pixel_size(affine: NDArray[np.float64]) -> bool:
    """Return whether the size of a pixel by the affine (4, 4) of a clip is one that a file states."""
    return not np.allclose(np.linalg.norm(affine[:3, :2], axis=0), _NO_SIZE)
