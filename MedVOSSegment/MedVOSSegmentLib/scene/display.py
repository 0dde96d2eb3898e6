"""The display of segments and of maps of values in slice and 3D views."""

from __future__ import annotations

from typing import Any

from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.resources import UNCERTAINTY_COLOURS

FILL = 0.15
LINE_PIXELS = 2
WALL = "Myo"
# 3D views show the cavity through the wall.
WALL_OPACITY = 0.25


def show_segments(segmentation: Any) -> None:
    """Show the vtkMRMLSegmentationNode as outlines that leave the image readable; the user may change it."""
    segmentation.CreateDefaultDisplayNodes()
    display = segmentation.GetDisplayNode()
    display.SetOpacity2DFill(FILL)
    display.SetSliceIntersectionThickness(LINE_PIXELS)
    display.SetSegmentOpacity3D(WALL, WALL_OPACITY)


def show_uncertainty(logics: Logics, volume: Any) -> Any:
    """Show the vtkMRMLScalarVolumeNode of values from 0 (transparent) to 1 in uncertainty colours in every phase.

    Returns the vtkMRMLColorTableNode that came into the scene for it.
    """
    colours = logics.colors.LoadColorFile(str(UNCERTAINTY_COLOURS), "Uncertainty")
    volume.CreateDefaultDisplayNodes()
    display = volume.GetDisplayNode()
    display.SetAndObserveColorNodeID(colours.GetID())
    display.AutoWindowLevelOff()
    display.SetWindowLevelMinMax(0.0, 1.0)
    return colours
