"""The measures as a table and the volume curves as a plot, both nodes of the heart and updated in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from medvos.measure.catalogue import Needs, row_of
from medvos.measure.segments import NAMES
from medvos.mvo_notice import NOTICE
from medvos.structures import STRUCTURES
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes

TIME = "time_ms"
# Title of the last column, which is there where a measure has a reference range.
NORMAL = "Normal"
# Suffix of a curve's name, and the title of its axis.
UNITS = {"_mL": "Volume (mL)", "_percent": "Volume (% of end-diastole)"}
_ROOM = 1.3


def measure_table(
    heart: HeartNodes,
    measures: Mapping[str, Mapping[str, Any]],
    beats: Sequence[Mapping[str, Any]] = (),
    obstructed: Mapping[str, float] | None = None,
    ranges: Mapping[str, Mapping[str, Any]] | None = None,
) -> Any:
    """Write `measures`, `beats` and `obstructed` of ``report.json`` into the heart's vtkMRMLTableNode and return it.

    `ranges` are the reference ranges of ``report.json``, of measures that have one. An unknown value stays empty. Below
    the measures follow EF of each beat of a clip and the obstructed fraction of each wall segment in %; every number of
    obstruction has the notice as its remark.
    """
    rows = [_row(name, measure) for name, measure in measures.items()]
    for beat in beats:
        rows.append((f"EF, frames {beat['ed']} to {beat['es']}", f"{beat['ef']:.1f}", "", "%", ""))
    for number, fraction in (obstructed or {}).items():
        if fraction > 0:
            rows.append((f"MVO, segment {number} {NAMES[int(number)]}", f"{fraction:.1f}", "", "%", NOTICE))
    node = _node(heart, "vtkMRMLTableNode", "measures", f"{heart.name} measures")
    columns = {
        title: _text_column(title, [row[n] for row in rows])
        for n, title in enumerate(("Measure", "Value", "Interval", "Unit", "Remark"))
    }
    if ranges:
        texts = [_range(name, ranges.get(name)) for name in measures]
        columns[NORMAL] = _text_column(NORMAL, texts + [""] * (len(rows) - len(texts)))
    _fill(node, columns)
    # Else a view shows the titles as its first row, below headers A, B, C.
    node.SetUseColumnTitleAsColumnHeader(True)
    return node


def volume_curve_plot(heart: HeartNodes, curves: Mapping[str, Sequence[float | None]]) -> Any:
    """Plot `curves` of ``report.json`` (time_ms, LV_mL and so on, (T,) each) and return the vtkMRMLPlotChartNode."""
    table = _node(heart, "vtkMRMLTableNode", "curves", f"{heart.name} volumes")
    _fill(table, {name: _number_column(name, values) for name, values in curves.items()})
    chart = _node(heart, "vtkMRMLPlotChartNode", "chart", f"{heart.name} volume curves")
    modifying = chart.StartModify()
    chart.RemoveAllPlotSeriesNodeIDs()
    for name in curves:
        if name != TIME:
            chart.AddAndObservePlotSeriesNodeID(_series(heart, table, name).GetID())
    chart.SetTitle("Volume over the heart beat")
    chart.SetXAxisTitle("Time (ms)")
    chart.SetYAxisTitle(next((UNITS[end] for name in curves for end in UNITS if name.endswith(end)), UNITS["_mL"]))
    # From zero, so that fractions can be read; room above for the legend.
    volumes = [volume for name, values in curves.items() if name != TIME for volume in values if volume is not None]
    chart.SetYAxisRangeAuto(False)
    chart.SetYAxisRange(0.0, _ROOM * max(volumes, default=1.0))
    chart.EndModify(modifying)
    return chart


def _row(name: str, measure: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    value, interval, unit = measure["value"], measure.get("interval"), measure["unit"]
    row = row_of(name)
    digits = 2 if unit == "L/min" else row.decimals
    predicted = row.needs is Needs.OBSTRUCTION and value is not None
    return (
        name,
        "" if value is None else f"{value:.{digits}f}",
        "" if interval is None else f"{interval[0]:.{digits}f} to {interval[1]:.{digits}f}",
        unit,
        NOTICE if predicted else measure.get("reason") or "",
    )


def _range(name: str, normal: Mapping[str, Any] | None) -> str:
    """Return a reference range with the verdict, such as ``55 to 75, low``."""
    if normal is None:
        return ""
    digits = row_of(name).decimals
    return f"{normal['low']:.{digits}f} to {normal['high']:.{digits}f}, {normal['verdict']}"


def _series(heart: HeartNodes, table: Any, column: str) -> Any:
    name = column
    for unit in UNITS:
        name = name.removesuffix(unit)
    series = _node(heart, "vtkMRMLPlotSeriesNode", f"curve {name}", name)
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetXColumnName(TIME)
    series.SetYColumnName(column)
    series.SetPlotType(series.PlotTypeScatter)
    series.SetMarkerStyle(series.MarkerStyleNone)
    series.SetLineWidth(3)
    colours = {structure.name: structure.colour for structure in STRUCTURES}
    if name in colours:
        series.SetColor(*(component / 255 for component in colours[name]))
    return series


def _node(heart: HeartNodes, kind: str, role: str, name: str) -> Any:
    """Return the heart's node in this role; create it the first time."""
    node = heart.adopted(kind, role)
    if node is None:
        node = heart.logics.scene.AddNewNodeByClass(kind, name)
        heart.adopt(node, role)
    return node


def _fill(node: Any, columns: Mapping[str, Any]) -> None:
    import vtk

    table = vtk.vtkTable()
    for column in columns.values():
        table.AddColumn(column)
    node.SetAndObserveTable(table)


def _text_column(title: str, texts: Sequence[str]) -> Any:
    import vtk

    column = vtk.vtkStringArray()
    column.SetName(title)
    for text in texts:
        column.InsertNextValue(text)
    return column


def _number_column(title: str, values: Sequence[float | None]) -> Any:
    from vtk.util.numpy_support import numpy_to_vtk

    column = numpy_to_vtk(np.array([np.nan if value is None else value for value in values], float), deep=True)
    column.SetName(title)
    return column
