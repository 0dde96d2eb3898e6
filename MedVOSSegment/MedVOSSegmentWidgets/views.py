"""The slice and plot views of the window."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
from numpy.typing import NDArray

_UNCERTAINTY_OPACITY = 0.6


def show_cine(volume: Any, affine: NDArray[np.float64]) -> None:
    """Show the cine in the slice views and fit it.

    The first shows the scanned slices, the next two cut along the heart; Slicer alone would turn each view to the
    nearest plane of the volume, and two of them might show the same.
    """
    slicer.util.setSliceViewerLayers(background=volume, foreground=None, rotateToVolumePlane=True)
    views = slicer.util.getNodesByClass("vtkMRMLSliceNode")
    for view, directions in zip(views, planes(affine), strict=False):
        to_ras = view.GetSliceToRAS()
        for row, column in np.ndindex(3, 3):
            to_ras.SetElement(row, column, directions[row, column])
        view.UpdateMatrices()
    slicer.util.setSliceViewerLayers(fit=True)


def planes(affine: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return three (3, 3) like `plane`: along the slices, and across them through their rows and their columns."""
    scanned = plane(affine)
    right, up, towards = scanned.T
    # The base of the heart, which lies nearer to the head, is at the top.
    along = towards if towards @ (0.0, -0.5, 1.0) > 0 else -towards
    return scanned, np.column_stack((right, along, up)), np.column_stack((up, along, right))


def plane(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (3, 3) orthonormal columns right, up and towards the viewer in RAS, in radiological convention."""
    right, down = affine[:3, 0] / np.linalg.norm(affine[:3, 0]), affine[:3, 1]
    # The patient's left, or back, is on the right of the image, the head, or front, at its top.
    if right @ (-1.0, -0.5, 0.0) < 0:
        right = -right
    up = -down + (down @ right) * right
    if up @ (0.0, 0.5, 1.0) < 0:
        up = -up
    up /= np.linalg.norm(up)
    return np.column_stack((right, up, np.cross(right, up)))


def show_uncertainty(volume: Any | None) -> None:
    """Show the uncertainty over the cine; None removes it."""
    slicer.util.setSliceViewerLayers(foreground=volume, foregroundOpacity=_UNCERTAINTY_OPACITY)


def go_to(ras: tuple[float, float, float]) -> None:
    """Move the slice views through `ras` (mm) without a change of zoom or pan."""
    for view in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        view.JumpSliceByOffsetting(*ras)


def shown() -> tuple[float, float, float] | None:
    """Return the middle of the first slice view, RAS in mm."""
    view = _first_view()
    if view is None:
        return None
    to_ras = view.GetSliceToRAS()
    return to_ras.GetElement(0, 3), to_ras.GetElement(1, 3), to_ras.GetElement(2, 3)


def show_chart(chart: Any) -> None:
    """Show a plot beside the slices."""
    layout, plots = slicer.app.layoutManager(), slicer.modules.plots.logic()
    layout.setLayout(plots.GetLayoutWithPlot(layout.layout))
    plots.ShowChartInLayout(chart)


def show_in_toolbar(browser: Any) -> None:
    """Show a sequence browser in the toolbar that plays it."""
    slicer.modules.sequences.showSequenceBrowser(browser)


def show_in_3d() -> None:
    """Centre the 3D views on the scene's contents; a layout without a 3D view is replaced by one with it."""
    layout = slicer.app.layoutManager()
    if layout.threeDViewCount == 0:
        layout.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
    layout.resetThreeDViews()


def _first_view() -> Any | None:
    return slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSliceNode")
