"""The slice and plot views of the window."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
from numpy.typing import NDArray

from medvos.cine.viewing import facing, plane
from MedVOSSegmentLib.scene.heart_nodes import HEART

_MAP_OPACITY = 0.6


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
    return scanned, facing(right, along), facing(up, along)


def show_over(volume: Any | None) -> None:
    """Show a map of values over the cine; None removes it."""
    slicer.util.setSliceViewerLayers(foreground=volume, foregroundOpacity=_MAP_OPACITY)


def go_to(ras: tuple[float, float, float]) -> None:
    """Move the slice views through `ras` (mm) without a change of zoom or pan."""
    for view in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        view.JumpSliceByOffsetting(*ras)


def zoom_to(ras: tuple[float, float, float], width: float) -> None:
    """Centre the slice views on `ras` (mm), so that `width` mm fill the shorter side of each."""
    for view in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        x, y, z = view.GetFieldOfView()
        scale = width / min(x, y)
        view.SetFieldOfView(x * scale, y * scale, z)
        view.SetXYZOrigin(0.0, 0.0, 0.0)
        view.JumpSliceByCentering(*ras)


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


def swap_chart(chart: Any | None) -> None:
    """Show a plot wherever that of another heart is shown, or none; plots of other modules stay."""
    for view in slicer.util.getNodesByClass("vtkMRMLPlotViewNode"):
        shown = view.GetPlotChartNode()
        if shown is None or shown.GetNodeReferenceID(HEART):
            view.SetPlotChartNodeID(None if chart is None else chart.GetID())


def show_in_toolbar(browser: Any) -> None:
    """Show a sequence browser in the toolbar that plays it."""
    slicer.modules.sequences.showSequenceBrowser(browser)


def show_in_3d(centre: tuple[float, float, float], radius: float) -> None:
    """Move the cameras of the 3D views so that a sphere (RAS in mm) fills them, without turning them.

    A layout without a 3D view is replaced by one with it.
    """
    layout = slicer.app.layoutManager()
    if layout.threeDViewCount == 0:
        layout.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
    for view in slicer.util.getNodesByClass("vtkMRMLViewNode"):
        # The views' own reset fits all that is visible, such as the planes of the slices, and misses new surfaces.
        camera = slicer.modules.cameras.logic().GetViewActiveCameraNode(view)
        if camera is not None:
            towards = np.subtract(camera.GetPosition(), camera.GetFocalPoint())
            towards /= np.linalg.norm(towards)
            distance = radius / np.sin(np.deg2rad(camera.GetViewAngle() / 2))
            camera.SetFocalPoint(centre)
            camera.SetPosition((np.asarray(centre) + distance * towards).tolist())
            camera.SetParallelScale(radius)
            camera.ResetClippingRange()


def _first_view() -> Any | None:
    return slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSliceNode")
