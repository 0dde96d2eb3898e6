"""Sequences beside a cine's own in the same browser: one item a phase, a proxy, and the same index."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def new_sequence(scene: Any, name: str, index: Any, items: Iterable[Any]) -> Any:
    """Create a sequence node of copies of `items`, one for each index value of the sequence node `index`."""
    sequence = scene.AddNewNodeByClass("vtkMRMLSequenceNode", scene.GetUniqueNameByString(name))
    sequence.SetIndexName(index.GetIndexName())
    sequence.SetIndexUnit(index.GetIndexUnit())
    sequence.SetIndexType(index.GetIndexType())
    sequence.SetNumericIndexValueTolerance(index.GetNumericIndexValueTolerance())
    for number, item in enumerate(items):
        sequence.SetDataNodeAtValue(item, index.GetNthIndexValue(number))
    return sequence


def browse(logic: Any, browser: Any, sequence: Any) -> Any:
    """Add `sequence` to `browser` and return its proxy node.

    The proxy and the item shown are one and the same, so that an edit of one is an edit of both.
    """
    browser.AddSynchronizedSequenceNodeID(sequence.GetID())
    browser.SetSaveChanges(sequence, True)
    browser.SetOverwriteProxyName(sequence, False)
    logic.UpdateProxyNodesFromSequences(browser)
    return browser.GetProxyNode(sequence)


def sequences_of(browser: Any) -> list[Any]:
    """Return the browser's sequence nodes, its master first."""
    import vtk

    found = vtk.vtkCollection()
    browser.GetSynchronizedSequenceNodes(found, True)
    return [found.GetItemAsObject(number) for number in range(found.GetNumberOfItems())]


def items_of(sequence: Any) -> list[Any]:
    """Return the data nodes of a sequence in the order of its index."""
    return [sequence.GetNthDataNode(number) for number in range(sequence.GetNumberOfDataNodes())]
