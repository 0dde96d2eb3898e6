"""The beating heart in 3D."""

from __future__ import annotations

from MedVOSSegmentLib.scene.heart_nodes import HeartNodes

SURFACE = "Closed surface"


def make_surface(heart: HeartNodes, phase: int) -> None:
    """Give the segments of `phase` the surfaces that 3D views show; a later change of its labels takes them away.

    A phase without surfaces is missing in 3D while the browser shows it, so all of them should have theirs. One takes
    a fraction of a second, which is why they come one at a time.
    """
    heart.sequence.GetNthDataNode(phase).GetSegmentation().CreateRepresentation(SURFACE)
