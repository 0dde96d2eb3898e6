"""Hearts of several cines in one scene: that of the open cine is visible, the others are hidden."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from medvos.cine.nrrd import NOTICE
from MedVOSSegmentLib.scene.cine_nodes import ROLE
from MedVOSSegmentLib.scene.heart_nodes import SEGMENTATION
from MedVOSSegmentLib.scene.segment_tags import tag_of
from MedVOSSegmentLib.scene.sequences import sequences_of

# Set where the module hid a heart, so that one that the user hid stays hidden.
HIDDEN = "MedVOS.Hidden"


def show_heart_of(scene: Any, browser: Any | None) -> None:
    """Show the heart of the sequence browser of the open cine, and hide those of all others; None hides all.

    A heart comes back as the user had left it.
    """
    for other in _nodes(scene, "vtkMRMLSequenceBrowserNode"):
        for sequence in sequences_of(other):
            proxy = other.GetProxyNode(sequence) if sequence.GetAttribute(ROLE) == SEGMENTATION else None
            if proxy is not None:
                _set_visible(sequence, _displays(proxy), other is browser)


def visible_notice(scene: Any) -> str:
    """Return the notice of a predicted segment that is visible anywhere in the scene; empty without one."""
    for node in _nodes(scene, "vtkMRMLSegmentationNode"):
        segmentation = node.GetSegmentation()
        for name in segmentation.GetSegmentIDs():
            found = tag_of(segmentation.GetSegment(name), NOTICE)
            if found and any(each.GetVisibility() and each.GetSegmentVisibility(name) for each in _displays(node)):
                return found
    return ""


def _set_visible(sequence: Any, displays: list[Any], visible: bool) -> None:
    if visible and sequence.GetAttribute(HIDDEN):
        sequence.RemoveAttribute(HIDDEN)
    elif not visible and any(display.GetVisibility() for display in displays):
        sequence.SetAttribute(HIDDEN, "1")
    else:
        return
    for display in displays:
        display.SetVisibility(visible)


def _displays(node: Any) -> list[Any]:
    displays = [node.GetNthDisplayNode(number) for number in range(node.GetNumberOfDisplayNodes())]
    return [display for display in displays if display is not None]


def _nodes(scene: Any, kind: str) -> Iterator[Any]:
    for number in range(scene.GetNumberOfNodesByClass(kind)):
        yield scene.GetNthNodeByClass(number, kind)
