"""The subject-hierarchy folder of the nodes that the module adds for one cine, and removing nodes."""

from __future__ import annotations

from typing import Any

# Kinds of nodes that the desktop shows in the tree by itself; one of another kind would be listed as "?".
IN_TREE = (
    "vtkMRMLVolumeNode",
    "vtkMRMLSegmentationNode",
    "vtkMRMLTableNode",
    "vtkMRMLPlotChartNode",
    "vtkMRMLPlotSeriesNode",
)


def new_folder(hierarchy: Any, name: str, beside: Any) -> int:
    """Create a folder item beside the node `beside` in the tree."""
    return hierarchy.CreateFolderItem(hierarchy.GetItemParent(item_of(hierarchy, beside)), name)


def folder_of(hierarchy: Any, node: Any) -> int:
    """Return the item of the folder that holds `node`."""
    return hierarchy.GetItemParent(item_of(hierarchy, node))


def put_into(hierarchy: Any, folder: int, *nodes: Any) -> None:
    """Move the items of `nodes` into `folder`; a node of a kind that has no place in the tree is left out of it."""
    for node in nodes:
        if is_in_tree(node):
            hierarchy.SetItemParent(item_of(hierarchy, node), folder)


def is_in_tree(node: Any) -> bool:
    """Return whether nodes of this kind have a place in the tree."""
    return any(node.IsA(kind) for kind in IN_TREE)


def item_of(hierarchy: Any, node: Any) -> int:
    """Return the item of `node`; create it outside the desktop, which makes one for each new node by itself."""
    item = hierarchy.GetItemByDataNode(node)
    if item == hierarchy.GetInvalidItemID():
        item = hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
    return item


def remove_node(hierarchy: Any, node: Any) -> None:
    """Remove `node` from its scene with its item and its display and storage nodes, which would stay otherwise."""
    scene = hierarchy.GetScene()
    forget(hierarchy, node)
    roles = [(role, n) for role in ("display", "storage") for n in range(node.GetNumberOfNodeReferences(role))]
    for leaving in (*[node.GetNthNodeReference(role, n) for role, n in roles], node):
        if leaving is not None:
            scene.RemoveNode(leaving)


def forget(hierarchy: Any, node: Any) -> None:
    """Remove the item of `node`, if it has one, and no node."""
    item = hierarchy.GetItemByDataNode(node)
    if item != hierarchy.GetInvalidItemID():
        hierarchy.RemoveItem(item, False, False)


def remove_empty_folder(hierarchy: Any, folder: int) -> None:
    """Remove the folder item `folder` where nothing lies in it."""
    is_folder = hierarchy.GetItemLevel(folder) == "Folder"
    if is_folder and hierarchy.GetNumberOfItemChildren(folder) == 0:
        hierarchy.RemoveItem(folder)
