"""Closed surfaces of the heart for 3D views."""

from __future__ import annotations

from MedVOSSegmentLib.scene.heart_nodes import HeartNodes

SURFACE = "Closed surface"


def make_surface(heart: HeartNodes, phase: int) -> None:
    """Make the surfaces of the segments of `phase` for 3D views; a later change of its labels removes them.

    A phase without surfaces is missing in 3D while the browser shows it, so all of them should have theirs. One takes
    a fraction of a second, which is why they come one at a time.
    """
    heart.sequence.GetNthDataNode(phase).GetSegmentation().CreateRepresentation(SURFACE)
