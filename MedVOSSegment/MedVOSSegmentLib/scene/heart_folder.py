"""The subject-hierarchy folder that holds a cine and the nodes of its heart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from MedVOSSegmentLib.scene.cine_nodes import ROLE
from MedVOSSegmentLib.scene.hierarchy import (
    folder_of,
    forget,
    is_in_tree,
    new_folder,
    put_into,
    remove_empty_folder,
)

# The value of its attribute, which is saved in scenes and stays.
OF_HEART = "segmentation"


def folder_of_heart(hierarchy: Any, volume: Any) -> int:
    """Return the item of the folder of the heart in the cine that `volume` shows; create it where there is none.

    The cine lies in it too, since the Segment Editor moves a segmentation to the folder of its source volume.
    """
    folder = int(folder_of(hierarchy, volume))
    if not hierarchy.HasItemAttribute(folder, ROLE):
        folder = new_folder(hierarchy, f"{volume.GetName()} and results", volume)
        hierarchy.SetItemAttribute(folder, ROLE, OF_HEART)
        put_into(hierarchy, folder, volume)
    return folder


def put_into_folder(hierarchy: Any, volume: Any, *nodes: Any) -> None:
    """Put nodes into the folder of the heart in the cine that `volume` shows."""
    put_into(hierarchy, folder_of_heart(hierarchy, volume), *nodes)


def tidy_folder(hierarchy: Any, volume: Any, nodes: Iterable[Any]) -> None:
    """Put a heart's nodes into its folder, and take those out of the tree that have no place in it.

    A node that comes back after a deletion lies elsewhere, and scenes that were saved by earlier versions have a
    folder without the cine, and entries for sequences and colours. None among the nodes is skipped.
    """
    known = [node for node in nodes if node is not None]
    shown = [node for node in known if is_in_tree(node)]
    before = {folder_of(hierarchy, node) for node in shown}
    put_into_folder(hierarchy, volume, *shown)
    for node in known:
        if not is_in_tree(node):
            forget(hierarchy, node)
    for folder in before:
        remove_empty_folder(hierarchy, folder)
