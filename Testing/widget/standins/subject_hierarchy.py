"""The desktop's side of the subject hierarchy: an item for each new node, and segments that go with their item."""

from __future__ import annotations

from typing import Any

import slicer
import vtk

# A node of any other class that is given an item has no plugin: the Data module shows it as "?".
OWNED = (
    "vtkMRMLVolumeNode",
    "vtkMRMLSegmentationNode",
    "vtkMRMLTableNode",
    "vtkMRMLPlotChartNode",
    "vtkMRMLPlotSeriesNode",
    "vtkMRMLModelNode",
    "vtkMRMLMarkupsNode",
    "vtkMRMLTransformNode",
)


class SubjectHierarchy:
    """`qSlicerSubjectHierarchyPluginLogic` with the plugins of Slicer's own modules."""

    def __init__(self, scene: Any) -> None:
        self._scene = scene

        @vtk.calldata_type(vtk.VTK_OBJECT)
        def added(caller: Any, _event: str, node: Any) -> None:
            if is_owned(node) and not node.GetHideFromEditors() and not caller.IsBatchProcessing():
                self._items.CreateItem(self._items.GetSceneItemID(), node)

        @vtk.calldata_type(vtk.VTK_OBJECT)
        def going(caller: Any, _event: str, node: Any = None) -> None:
            # A scene that is destroyed at the end of a test has no nodes to hand over.
            if node is not None and caller is not None and not caller.IsClosing():
                self._forget(node)

        scene.AddObserver(scene.NodeAddedEvent, added)
        scene.AddObserver(scene.NodeAboutToBeRemovedEvent, going)

    def unknown(self) -> list[str]:
        """Names of the entries that the Data module shows as "?"."""
        nodes = [self._items.GetItemDataNode(item) for item in self._ids()]
        return [node.GetName() for node in nodes if node is not None and not is_owned(node)]

    def names(self) -> list[str]:
        """Names of all entries."""
        return [self._items.GetItemName(item) for item in self._ids()]

    def delete(self, node: Any) -> None:
        """What "Delete" in the Data module does."""
        self._items.RemoveItem(self._items.GetItemByDataNode(node), True, True)

    @property
    def _items(self) -> Any:
        return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self._scene)

    def _ids(self) -> list[int]:
        found = vtk.vtkIdList()
        self._items.GetItemChildren(self._items.GetSceneItemID(), found, True)
        return [found.GetId(number) for number in range(found.GetNumberOfIds())]

    def _forget(self, node: Any) -> None:
        item = self._items.GetItemByDataNode(node) if node is not self._items else 0
        if not item:
            return
        # The items of the segments go with that of their segmentation, and each takes its segment along.
        if node.IsA("vtkMRMLSegmentationNode"):
            for name in node.GetSegmentation().GetSegmentIDs():
                node.GetSegmentation().RemoveSegment(name)
        self._items.RemoveItem(item, False, False)


def is_owned(node: Any) -> bool:
    """Whether a plugin of Slicer's own modules makes and draws the entry of the node."""
    return any(node.IsA(kind) for kind in OWNED)
