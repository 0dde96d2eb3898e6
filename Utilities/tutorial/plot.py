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
    drawn.GetTitleProperties().SetFontSize(chart.GetTitleFontSize())
    drawn.SetShowLegend(chart.GetLegendVisibility())
    drawn.GetLegend().SetLabelSize(chart.GetLegendFontSize())
    for side, title in ((vtk.vtkAxis.BOTTOM, chart.GetXAxisTitle()), (vtk.vtkAxis.LEFT, chart.GetYAxisTitle())):
        axis = drawn.GetAxis(side)
        axis.SetTitle(title)
        axis.GetTitleProperties().SetFontSize(chart.GetAxisTitleFontSize())
        axis.GetLabelProperties().SetFontSize(chart.GetAxisLabelFontSize())
    for side, is_auto, ends in (
        (vtk.vtkAxis.LEFT, chart.GetYAxisRangeAuto(), chart.GetYAxisRange()),
        (vtk.vtkAxis.BOTTOM, chart.GetXAxisRangeAuto(), chart.GetXAxisRange()),
    ):
        if not is_auto:
            drawn.GetAxis(side).SetBehavior(vtk.vtkAxis.FIXED)
            drawn.GetAxis(side).SetRange(*ends)
    for number in range(chart.GetNumberOfPlotSeriesNodes()):
        series = chart.GetNthPlotSeriesNode(number)
        table = series.GetTableNode().GetTable()
        line = drawn.AddPlot(vtk.vtkChart.LINE)
        line.SetInputData(table, series.GetXColumnName(), series.GetYColumnName())
        line.SetLabel(series.GetName())
        line.SetColorF(*series.GetColor())
        line.SetWidth(series.GetLineWidth())
        line.GetPen().SetLineType(series.GetLineStyle())
    return image_of(view.GetRenderWindow())
