"""How segments look: outlines that leave the picture readable, and a wall through which 3D views show the cavity."""

from __future__ import annotations

from typing import Any

FILL = 0.15
LINE_PIXELS = 2
WALL = "Myo"
WALL_OPACITY = 0.25


def show_segments(segmentation: Any) -> None:
    """Let the vtkMRMLSegmentationNode `segmentation` look like this in every phase; the user may change it."""
    segmentation.CreateDefaultDisplayNodes()
    display = segmentation.GetDisplayNode()
    display.SetOpacity2DFill(FILL)
    display.SetSliceIntersectionThickness(LINE_PIXELS)
    display.SetSegmentOpacity3D(WALL, WALL_OPACITY)
