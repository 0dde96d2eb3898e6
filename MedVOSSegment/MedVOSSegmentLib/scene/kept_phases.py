"""Phases keep their segments when the node that shows them is deleted.

A phase and the node that shows it share their segments, and the desktop's subject hierarchy takes the segments out of a
segmentation one by one while its node is being removed, which would leave the phase in view empty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from MedVOSSegmentLib.scene.cine_nodes import ROLE
from MedVOSSegmentLib.scene.sequences import sequences_of

# The subject hierarchy observes the removal of nodes with the default priority, 0.
BEFORE_THE_HIERARCHY = 1.0


def keep_phases(scene: Any) -> Callable[[], None]:
    """Put the segments of a phase back after the segmentation node that showed it was removed from the scene.

    Returns a function that ends it.
    """
    import slicer
    import vtk

    kept: dict[Any, tuple[Any, Any]] = {}

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def going(_caller: Any, _event: str, node: Any) -> None:
        item = None if scene.IsClosing() else _item_of(scene, node)
        if item is not None:
            segments = slicer.vtkSegmentation()
            segments.DeepCopy(item.GetSegmentation())
            kept[node] = item, segments

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def gone(_caller: Any, _event: str, node: Any) -> None:
        if node in kept:
            item, segments = kept.pop(node)
            item.SetAndObserveSegmentation(segments)

    tags = [
        scene.AddObserver(scene.NodeAboutToBeRemovedEvent, going, BEFORE_THE_HIERARCHY),
        scene.AddObserver(scene.NodeRemovedEvent, gone),
    ]

    def disconnect() -> None:
        while tags:
            scene.RemoveObserver(tags.pop())

    return disconnect


def _item_of(scene: Any, node: Any) -> Any:
    """Return the segmentation of the phase that `node` shows, or None where it shows none of the module's."""
    if not node.IsA("vtkMRMLSegmentationNode"):
        return None
    for number in range(scene.GetNumberOfNodesByClass("vtkMRMLSequenceBrowserNode")):
        browser = scene.GetNthNodeByClass(number, "vtkMRMLSequenceBrowserNode")
        for sequence in sequences_of(browser):
            if sequence.GetAttribute(ROLE) is not None and browser.GetProxyNode(sequence) is node:
                return sequence.GetNthDataNode(browser.GetSelectedItemNumber())
    return None
