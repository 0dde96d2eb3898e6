from __future__ import annotations

import math

import pytest

from medvos.mvo_notice import NOTICE
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.measure_nodes import measure_table, volume_curve_plot

MEASURES = {
    "LVEDV": {"value": 142.26, "interval": [135.0, 150.04], "unit": "mL", "reason": None},
    "CO": {"value": 5.128, "interval": None, "unit": "L/min", "reason": None},
    "MVO": {"value": None, "interval": None, "unit": "g", "reason": "A cine does not show it."},
}
CURVES = {"time_ms": [0.0, 40.0, 80.0], "LV_mL": [140.0, 90.0, None], "RV_mL": [120.0, 80.0, 95.0]}


def texts(table: object) -> list[list[str]]:
    columns, rows = table.GetNumberOfColumns(), table.GetNumberOfRows()
    return [[table.GetCellText(row, column) for column in range(columns)] for row in range(rows)]


def test_measures_stand_in_a_table_with_their_interval(heart_nodes: HeartNodes) -> None:
    assert texts(measure_table(heart_nodes, MEASURES)) == [
        ["LVEDV", "142.3", "135.0 to 150.0", "mL", ""],
        ["CO", "5.13", "", "L/min", ""],
        ["MVO", "", "", "g", "A cine does not show it."],
    ]


def test_every_number_of_a_predicted_obstruction_says_what_it_is_worth(heart_nodes: HeartNodes) -> None:
    found = {
        name: {"value": 1.5, "unit": unit, "reason": "no interval"} for name, unit in (("MVO", "mL"), ("MVOM", "%"))
    }
    rows = texts(measure_table(heart_nodes, MEASURES | found, obstructed={"7": 12.0, "8": 0.0}))
    assert [(row[0], row[-1]) for row in rows if row[0].startswith("MVO")] == [
        ("MVO", NOTICE),
        ("MVOM", NOTICE),
        ("MVO, segment 7 mid anterior", NOTICE),
    ]


def test_new_measures_replace_the_old_ones_in_the_same_table(heart_nodes: HeartNodes) -> None:
    table = measure_table(heart_nodes, MEASURES)
    assert measure_table(heart_nodes, {"CO": MEASURES["CO"]}) is table
    assert texts(table) == [["CO", "5.13", "", "L/min", ""]]


def test_every_structure_has_a_curve_in_its_colour(heart_nodes: HeartNodes) -> None:
    chart = volume_curve_plot(heart_nodes, CURVES)
    series = [chart.GetNthPlotSeriesNode(number) for number in range(chart.GetNumberOfPlotSeriesNodes())]
    assert [one.GetName() for one in series] == ["LV", "RV"]
    assert series[0].GetColor() == pytest.approx((255 / 255, 90 / 255, 54 / 255))
    table = series[0].GetTableNode().GetTable()
    times = table.GetColumnByName(series[0].GetXColumnName())
    volumes = table.GetColumnByName(series[0].GetYColumnName())
    assert [times.GetValue(phase) for phase in range(3)] == [0, 40, 80]
    assert volumes.GetValue(1) == 90
    assert math.isnan(volumes.GetValue(2))


def test_volumes_are_plotted_from_zero_with_room_above(heart_nodes: HeartNodes) -> None:
    chart = volume_curve_plot(heart_nodes, CURVES)
    assert not chart.GetYAxisRangeAuto()
    lowest, highest = chart.GetYAxisRange()
    assert lowest == 0 and highest > 140
    assert volume_curve_plot(heart_nodes, {"time_ms": [0.0], "LV_mL": [None]}).GetYAxisRange()[1] > 0


def test_the_mark_of_the_first_phase_is_beside_the_axis_and_little_of_the_plot_is_empty(
    heart_nodes: HeartNodes,
) -> None:
    first, last = volume_curve_plot(heart_nodes, CURVES, {}, {"ED": 0, "ES": 1}).GetXAxisRange()
    assert first < 0 < 80 < last and 80 / (last - first) > 0.75


def test_new_curves_replace_the_old_ones_in_the_same_plot(heart_nodes: HeartNodes) -> None:
    chart = volume_curve_plot(heart_nodes, CURVES)
    scene = heart_nodes.logics.scene
    nodes = scene.GetNumberOfNodes()
    assert volume_curve_plot(heart_nodes, {**CURVES, "RV_mL": [1.0, 2.0, 3.0]}) is chart
    assert scene.GetNumberOfNodes() == nodes
    assert chart.GetNumberOfPlotSeriesNodes() == 2
    assert chart.GetNthPlotSeriesNode(1).GetTableNode().GetCellText(2, 2) == "3"


def test_a_structure_without_a_curve_any_more_leaves_the_plot(heart_nodes: HeartNodes) -> None:
    volume_curve_plot(heart_nodes, CURVES)
    chart = volume_curve_plot(heart_nodes, {"time_ms": [0.0], "LV_mL": [1.0]})
    assert chart.GetNumberOfPlotSeriesNodes() == 1


def test_the_interval_says_of_how_many_percent_it_is(heart_nodes: HeartNodes) -> None:
    table = measure_table(heart_nodes, MEASURES)
    assert [table.GetColumnName(column) for column in range(5)] == ["Measure", "Value", "90 %", "Unit", "Remark"]


def test_the_plot_outlines_the_band_and_marks_ed_and_es(heart_nodes: HeartNodes) -> None:
    curves = {"time_ms": [0.0, 40.0, 80.0], "LV_mL": [140.0, 90.0, 120.0]}
    bands = {"LV_mL": [[130.0, 80.0, 110.0], [150.0, 100.0, 130.0]]}
    chart = volume_curve_plot(heart_nodes, curves, bands, {"ED": 0, "ES": 1})
    series = {one.GetName(): one for one in map(chart.GetNthPlotSeriesNode, range(chart.GetNumberOfPlotSeriesNodes()))}
    assert list(series) == ["LV", "LV 90 %", "ED", "ES"]

    def points(name: str) -> list[tuple[float, float]]:
        one = series[name]
        table = one.GetTableNode().GetTable()
        x, y = (table.GetColumnByName(column) for column in (one.GetXColumnName(), one.GetYColumnName()))
        return [(x.GetValue(row), y.GetValue(row)) for row in range(table.GetNumberOfRows())]

    assert points("LV 90 %") == [(0, 150), (40, 100), (80, 130), (80, 110), (40, 80), (0, 130)]
    assert points("ES") == [(40, 0), (40, chart.GetYAxisRange()[1])]
    wide = volume_curve_plot(heart_nodes, curves, {"LV_mL": [[130.0, 80.0, 110.0], [400.0, 100.0, 130.0]]}, {})
    assert wide.GetYAxisRange()[1] == 400
    assert series["LV 90 %"].GetColor() == series["LV"].GetColor()
    nodes = heart_nodes.logics.scene.GetNumberOfNodes()
    assert volume_curve_plot(heart_nodes, curves, bands, {"ED": 0, "ES": 2}) is chart
    assert heart_nodes.logics.scene.GetNumberOfNodes() == nodes
