"""Names, colours and terminology of segments, which each phase has for itself and which are the same in all phases."""

from __future__ import annotations

from typing import Any

from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.segment_tags import tag_of


def spread_looks(heart: HeartNodes, phase: int) -> None:
    """Give the segments of all phases the names, colours and terminology of those of `phase`."""
    shown = heart.sequence.GetNthDataNode(phase).GetSegmentation()
    with heart.own_edit():
        for name in shown.GetSegmentIDs():
            wanted = shown.GetSegment(name)
            for number in range(heart.sequence.GetNumberOfDataNodes()):
                segment = heart.sequence.GetNthDataNode(number).GetSegmentation().GetSegment(name)
                if segment is not None and segment is not wanted:
                    _copy_looks(wanted, segment)


def _copy_looks(wanted: Any, segment: Any) -> None:
    if segment.GetName() != wanted.GetName():
        segment.SetName(wanted.GetName())
    if segment.GetColor() != wanted.GetColor():
        segment.SetColor(wanted.GetColor())
    tag = wanted.GetTerminologyEntryTagName()
    terminology = tag_of(wanted, tag)
    if terminology and tag_of(segment, tag) != terminology:
        segment.SetTag(tag, terminology)
