"""Slicer's plot view without a window: a chart node drawn by VTK's charts as in Slicer."""

from __future__ import annotations

from typing import Any

import numpy as np
import vtk
from numpy.typing import NDArray

from tutorial.views import image_of


def plot(chart: Any, width: int, height: int) -> NDArray[np.uint8]:
    """Return an image (Y, X, 3) of a vtkMRMLPlotChartNode."""
    view = vtk.vtkContextView()
    view.GetRenderWindow().SetOffScreenRendering(True)
    view.GetRenderWindow().SetMultiSamples(8)
    view.GetRenderWindow().SetSize(width, height)
    view.GetRenderer().SetBackground(1, 1, 1)
    drawn = vtk.vtkChartXY()
    view.GetScene().AddItem(drawn)
    drawn.SetTitle(chart.GetTitle())
    drawn.GetTitleProperties().SetFontSize(20)
    drawn.SetShowLegend(True)
    drawn.GetLegend().SetLabelSize(16)
    for side, title in ((vtk.vtkAxis.BOTTOM, chart.GetXAxisTitle()), (vtk.vtkAxis.LEFT, chart.GetYAxisTitle())):
        axis = drawn.GetAxis(side)
        axis.SetTitle(title)
        axis.GetTitleProperties().SetFontSize(16)
        axis.GetLabelProperties().SetFontSize(14)
    if not chart.GetYAxisRangeAuto():
        drawn.GetAxis(vtk.vtkAxis.LEFT).SetBehavior(vtk.vtkAxis.FIXED)
        drawn.GetAxis(vtk.vtkAxis.LEFT).SetRange(*chart.GetYAxisRange())
    for number in range(chart.GetNumberOfPlotSeriesNodes()):
        series = chart.GetNthPlotSeriesNode(number)
        table = series.GetTableNode().GetTable()
        line = drawn.AddPlot(vtk.vtkChart.LINE)
        line.SetInputData(table, series.GetXColumnName(), series.GetYColumnName())
        line.SetLabel(series.GetName())
        line.SetColorF(*series.GetColor())
        line.SetWidth(series.GetLineWidth())
    return image_of(view.GetRenderWindow())
