"""How an uncertainty volume looks: clear where the model is sure, ever more coloured where it is not."""

from __future__ import annotations

from typing import Any

from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.resources import UNCERTAINTY_COLOURS


def show_uncertainty(logics: Logics, volume: Any) -> Any:
    """Let the vtkMRMLScalarVolumeNode `volume`, 0 sure to 1, look like uncertainty in every phase.

    Returns the vtkMRMLColorTableNode that came into the scene for it.
    """
    colours = logics.colors.LoadColorFile(str(UNCERTAINTY_COLOURS), "Uncertainty")
    volume.CreateDefaultDisplayNodes()
    display = volume.GetDisplayNode()
    display.SetAndObserveColorNodeID(colours.GetID())
    display.AutoWindowLevelOff()
    display.SetWindowLevelMinMax(0.0, 1.0)
    return colours
