"""The measures as a table and the volume curves as a plot, both nodes of the heart and updated in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from medvos.measure.catalogue import Needs, row_of
from medvos.measure.intervals import LEVEL
from medvos.measure.segments import NAMES
from medvos.mvo_notice import NOTICE
from medvos.structures import EVERY_STRUCTURE, STRUCTURES, name_of
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.own_structures import own_structures
from MedVOSSegmentLib.text import tr

TIME = "time_ms"
# Title of the last column, which is there where a measure has a reference range.
NORMAL = tr("Normal")
# Title of the column of intervals.
INTERVAL = f"{round(100 * LEVEL)} %"
# Suffix of a curve's name, and the title of its axis.
UNITS = {"_mL": tr("Volume (mL)"), "_percent": tr("Volume (% of end-diastole)")}
_ROOM = 1.05
# Of the beat's duration: ED at its start is marked beside the axis, and the legend is right of its end in a view of
# 400 pixels or more.
_BEFORE, _BESIDE, _LEGEND_POINTS = 0.03, 0.3, 10
_MARK_COLOUR = (0.4, 0.4, 0.4)


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
        title = tr("EF, frames {ed} to {es}").format(ed=beat["ed"] + 1, es=beat["es"] + 1)
        rows.append((title, f"{beat['ef']:.1f}", "", "%", tr("frames counted from 1")))
    for number, fraction in (obstructed or {}).items():
        if fraction > 0:
            title = tr("MVO, segment {number} {name}").format(number=number, name=NAMES[int(number)])
            rows.append((title, f"{fraction:.1f}", "", "%", NOTICE))
    node = _node(heart, "vtkMRMLTableNode", "measures", f"{heart.name} measures")
    columns = {
        title: _text_column(title, [row[n] for row in rows])
        for n, title in enumerate((tr("Measure"), tr("Value"), INTERVAL, tr("Unit"), tr("Remark")))
    }
    if ranges:
        texts = [_range(name, ranges.get(name)) for name in measures]
        columns[NORMAL] = _text_column(NORMAL, texts + [""] * (len(rows) - len(texts)))
    _fill(node, columns)
    # Else a view shows the titles as its first row, below headers A, B, C.
    node.SetUseColumnTitleAsColumnHeader(True)
    return node


def volume_curve_plot(
    heart: HeartNodes,
    curves: Mapping[str, Sequence[float | None]],
    bands: Mapping[str, Sequence[Sequence[float | None]]] | None = None,
    phases: Mapping[str, int | None] | None = None,
) -> Any:
    """Plot the volumes over the beat and return the vtkMRMLPlotChartNode.

    Parameters
    ----------
    curves: of ``report.json``: time_ms, LV_mL and so on, (T,) each.
    bands: the outline of the 90 % interval of a curve, (2, T) lower and upper ends, under the curve's name.
    phases: ``ED`` and ``ES``, which are marked with vertical lines.
    """
    table = _node(heart, "vtkMRMLTableNode", "curves", f"{heart.name} volumes")
    _fill(table, {name: _number_column(name, values) for name, values in curves.items()})
    chart = _node(heart, "vtkMRMLPlotChartNode", "chart", f"{heart.name} volume curves")
    modifying = chart.StartModify()
    chart.RemoveAllPlotSeriesNodeIDs()
    for name in curves:
        if name != TIME:
            chart.AddAndObservePlotSeriesNodeID(_series(heart, table, name).GetID())
    highest = max(_ROOM * _largest(values for name, values in curves.items() if name != TIME), 1.0)
    highest = max(highest, _largest(ends[1] for ends in (bands or {}).values()))
    for series in (*_outlines(heart, curves, bands or {}), *_marks(heart, curves, phases or {}, highest)):
        chart.AddAndObservePlotSeriesNodeID(series.GetID())
    chart.SetTitle(tr("Volume over the heart beat"))
    chart.SetXAxisTitle(tr("Time (ms)"))
    chart.SetYAxisTitle(next((UNITS[end] for name in curves for end in UNITS if name.endswith(end)), UNITS["_mL"]))
    # From zero, so that fractions can be read.
    chart.SetYAxisRangeAuto(False)
    chart.SetYAxisRange(0.0, highest)
    first, last = (
        float(end([time for time in curves.get(TIME, ()) if time is not None] or [0.0])) for end in (min, max)
    )
    chart.SetXAxisRangeAuto(False)
    duration = max(last - first, 1.0)
    chart.SetXAxisRange(first - _BEFORE * duration, first + (1 + _BESIDE) * duration)
    chart.SetLegendFontSize(_LEGEND_POINTS)
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
        "" if interval is None else _from_to(interval[0], interval[1], digits),
        unit,
        NOTICE if predicted else measure.get("reason") or "",
    )


def _range(name: str, normal: Mapping[str, Any] | None) -> str:
    """Return a reference range with the verdict, such as ``55 to 75, low or normal``."""
    if normal is None:
        return ""
    digits = row_of(name).decimals
    return f"{_from_to(normal['low'], normal['high'], digits)}, {normal['verdict_text']}"


def _from_to(low: float, high: float, digits: int) -> str:
    return tr("{low} to {high}").format(low=f"{low:.{digits}f}", high=f"{high:.{digits}f}")


def _largest(curves: Iterable[Sequence[float | None]]) -> float:
    return max((value for values in curves for value in values if value is not None), default=0.0)


def _outlines(
    heart: HeartNodes,
    curves: Mapping[str, Sequence[float | None]],
    bands: Mapping[str, Sequence[Sequence[float | None]]],
) -> Iterator[Any]:
    """Draw each band as one line, along its upper end and back along its lower one."""
    columns: dict[str, Any] = {}
    times = list(curves.get(TIME, ()))
    for column, (low, high) in bands.items():
        columns[TIME] = _number_column(TIME, [*times, *times[::-1]])
        columns[column] = _number_column(column, [*high, *list(low)[::-1]])
    if not columns:
        return
    table = _node(heart, "vtkMRMLTableNode", "bands", f"{heart.name} volume intervals")
    _fill(table, columns)
    for column in bands:
        name = _structure_of(column)
        series = _line(heart, f"band {name}", f"{name} {INTERVAL}", table, TIME, column)
        series.SetLineWidth(1)
        _colour(series, name)
        yield series


def _marks(
    heart: HeartNodes,
    curves: Mapping[str, Sequence[float | None]],
    phases: Mapping[str, int | None],
    highest: float,
) -> Iterator[Any]:
    """Draw a vertical line at each named phase."""
    times = {name: curves[TIME][phase] for name, phase in phases.items() if phase is not None and TIME in curves}
    if not times:
        return
    table = _node(heart, "vtkMRMLTableNode", "marks", f"{heart.name} ED and ES")
    columns = {name: _number_column(name, [time, time]) for name, time in times.items()}
    _fill(table, {**columns, "height": _number_column("height", [0.0, highest])})
    for name in times:
        series = _line(heart, f"mark {name}", name, table, name, "height")
        series.SetLineWidth(1)
        series.SetLineStyle(series.LineStyleDash if name == "ED" else series.LineStyleDot)
        series.SetColor(*_MARK_COLOUR)
        yield series


def _series(heart: HeartNodes, table: Any, column: str) -> Any:
    name = _structure_of(column)
    series = _line(heart, f"curve {name}", name, table, TIME, column)
    series.SetLineWidth(3)
    own = next((o for o in own_structures(heart.segmentation.GetSegmentation()) if name_of(o.label) == name), None)
    if own is None:
        _colour(series, name)
    else:
        # A name of the heart's would pass one off for the other.
        is_taken = own.long_name.casefold() in {structure.name.casefold() for structure in EVERY_STRUCTURE}
        series.SetName(name if is_taken else own.long_name)
        series.SetColor(*(component / 255 for component in own.colour))
    return series


def _line(heart: HeartNodes, role: str, name: str, table: Any, x: str, y: str) -> Any:
    """Return the series of a role, a line through two columns of a table."""
    series = _node(heart, "vtkMRMLPlotSeriesNode", role, name)
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetXColumnName(x)
    series.SetYColumnName(y)
    series.SetPlotType(series.PlotTypeScatter)
    series.SetMarkerStyle(series.MarkerStyleNone)
    return series


def _structure_of(column: str) -> str:
    name = column
    for unit in UNITS:
        name = name.removesuffix(unit)
    return name


def _colour(series: Any, name: str) -> None:
    colours = {structure.name: structure.colour for structure in STRUCTURES}
    if name in colours:
        series.SetColor(*(component / 255 for component in colours[name]))


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
