"""The views show the heart from the side that it was scanned from, and the nodes that belong to the open cine."""

from __future__ import annotations

import importlib
import itertools
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import slicer
from numpy.typing import NDArray
from widget.conftest import Desktop
from widget.standins.application import Dialogs

from MedVOSSegmentLib.scene.cine_nodes import show_cine
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.measure_nodes import volume_curve_plot

# Patient axes of rows and columns of a radiological image, in RAS: from the feet, the front and the left.
AXIAL = ((-1, 0, 0), (0, -1, 0))
CORONAL = ((-1, 0, 0), (0, 0, -1))
SAGITTAL = ((0, -1, 0), (0, 0, -1))
# As the scanner stored two short axes, one turned by a quarter; both are seen from the apex.
UPRIGHT = ((-0.71, -0.70, -0.03), (0.31, -0.27, -0.91))
TURNED = ((0.10, -0.35, -0.93), (0.73, 0.66, -0.16))
SCANS = {"axial": AXIAL, "coronal": CORONAL, "sagittal": SAGITTAL, "upright": UPRIGHT, "turned": TURNED}
ORDERS = [(swap, row, column) for swap in (False, True) for row in (1, -1) for column in (1, -1)]


def an_affine(right: Any, down: Any, spacing: tuple[float, float, float] = (1.4, 1.4, 8.0)) -> NDArray[np.float64]:
    """Of a stack whose rows and columns go there, exactly orthogonal."""
    x = np.array(right, float) / np.linalg.norm(right)
    y = np.array(down, float) - (np.array(down) @ x) * x
    y /= np.linalg.norm(y)
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack((x, y, np.cross(x, y))) * spacing
    return affine


def quarter_turn(to_ras: NDArray[np.float64], affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rows and columns of an image along the right and down of a view."""
    axes = affine[:3, :2] / np.linalg.norm(affine[:3, :2], axis=0)
    return np.column_stack((to_ras[:, 0], -to_ras[:, 1])).T @ axes


@pytest.fixture
def views(dialogs: Dialogs) -> ModuleType:
    return importlib.import_module("MedVOSSegmentWidgets.views")


@pytest.mark.parametrize("scan", SCANS)
def test_a_scan_is_shown_from_the_side_that_it_was_scanned_from_and_only_rotated(views: ModuleType, scan: str):
    affine = an_affine(*SCANS[scan])
    turn = quarter_turn(views.plane(affine), affine)
    assert np.linalg.det(turn) == pytest.approx(1)
    assert np.allclose(np.abs(turn).round(), np.abs(turn), atol=1e-6)


def test_whatever_the_order_of_its_voxels_a_stack_is_shown_from_the_same_side(views: ModuleType):
    # Slicer's own sagittal, coronal and axial views have these rights and ups.
    r, a, s = np.eye(3)
    expected = ((-a, s), (-r, s), (-r, a))
    for axes, signs in itertools.product(itertools.permutations(range(3)), itertools.product((1, -1), repeat=3)):
        affine = np.eye(4)
        affine[:3, :3] = np.eye(3)[:, axes] * signs
        right, up, _towards = views.plane(affine).T
        np.testing.assert_allclose((right, up), expected[axes[2]], atol=1e-9, err_msg=f"{axes} {signs}")


@pytest.mark.parametrize("scan", SCANS)
def test_no_order_of_rows_and_columns_of_an_oblique_scan_mirrors_it(views: ModuleType, scan: str):
    x, y = (an_affine(*SCANS[scan])[:3, column] / 1.4 for column in (0, 1))
    for degrees, (swap, row, column) in itertools.product(range(-40, 41, 20), ORDERS):
        turn = np.deg2rad(degrees)
        axes = [np.cos(turn) * x + np.sin(turn) * y, np.cos(turn) * y - np.sin(turn) * x]
        stored = [axes[0] * row, axes[1] * column]
        shown = [views.planes(an_affine(*pair)) for pair in (axes, stored[::-1] if swap else stored)]
        np.testing.assert_allclose(shown[0], shown[1], atol=1e-6, err_msg=f"{degrees} {swap} {row} {column}")


@pytest.mark.parametrize("scan", SCANS)
def test_all_three_views_are_planes_without_a_reflection(views: ModuleType, scan: str):
    across, *cuts = views.planes(an_affine(*SCANS[scan]))
    for plane in (across, *cuts):
        np.testing.assert_allclose(plane.T @ plane, np.eye(3), atol=1e-9)
        assert np.linalg.det(plane) == pytest.approx(1)
    assert across[1, 1] > 0 or across[2, 1] > 0


def test_a_clip_is_shown_as_it_is_stored(views: ModuleType):
    affine = np.diag([-0.5, -0.5, 1, 1])
    np.testing.assert_allclose(quarter_turn(views.plane(affine), affine), np.eye(2), atol=1e-9)


def test_the_slice_nodes_show_the_planes(views: ModuleType, logics: Logics, small_heart: Any):
    for name in ("Red", "Green", "Yellow"):
        view = slicer.vtkMRMLSliceNode()
        view.SetName(name)
        view.SetLayoutName(name)
        logics.scene.AddNode(view)
    browser = show_cine(logics, small_heart.cine, "Cine")
    views.show_cine(browser.GetProxyNode(browser.GetMasterSequenceNode()), small_heart.cine.affine)
    nodes = slicer.util.getNodesByClass("vtkMRMLSliceNode")
    for node, plane in zip(nodes, views.planes(small_heart.cine.affine), strict=True):
        matrix = node.GetSliceToRAS()
        shown = np.array([[matrix.GetElement(row, column) for column in range(3)] for row in range(3)])
        np.testing.assert_allclose(shown, plane, atol=1e-9)


def test_the_plot_of_a_cine_that_is_left_goes_and_comes_back(views: ModuleType, logics: Logics, small_heart: Any):
    hearts = [HeartNodes.create(logics, show_cine(logics, small_heart.cine, "Cine")) for _ in range(2)]
    charts = [volume_curve_plot(heart, {"time_ms": [0.0, 1.0], "LV_mL": [2.0, 3.0]}) for heart in hearts]
    view, foreign = (logics.scene.AddNewNodeByClass("vtkMRMLPlotViewNode", name) for name in ("Ours", "Theirs"))
    others = logics.scene.AddNewNodeByClass("vtkMRMLPlotChartNode")
    foreign.SetPlotChartNodeID(others.GetID())
    view.SetPlotChartNodeID(charts[0].GetID())
    for chart in (charts[1], None, charts[0]):
        views.swap_chart(chart)
        assert view.GetPlotChartNode() is chart and foreign.GetPlotChartNode() is others


def test_the_curve_comes_back_with_its_heart(faked: Desktop, small_heart):
    view = faked.logics.scene.AddNewNodeByClass("vtkMRMLPlotViewNode")
    first, chart = faked.session.browser, faked.session.measurement.chart
    view.SetPlotChartNodeID(chart.GetID())
    faked.widget.choose(faked.widget.logic.show(small_heart.cine, "Another"))
    faked.pass_time()
    assert view.GetPlotChartNode() is None
    faked.widget.choose(first)
    faked.wait(lambda: not faked.session.busy)
    faked.pass_time()
    assert view.GetPlotChartNode() is faked.session.measurement.chart is not None


def test_a_second_cine_is_shown_without_what_belongs_to_the_first(opened: Desktop):
    session = opened.session
    first, browser = session.nodes.segmentation, session.browser
    session.nodes.set_uncertainty(np.ones(session.cine.shape, np.float32))
    opened.widget.panel.refresh()
    opened.click(opened.ui.sampleButton)
    assert session.browser is not browser and not first.GetDisplayNode().GetVisibility()
    opened.ui.cineSelector.setCurrentNode(browser)
    opened.pass_time()
    assert session.browser is browser and first.GetDisplayNode().GetVisibility()
    opened.ui.cineSelector.setCurrentNode(None)
    opened.pass_time()
    assert session.browser is None and not first.GetDisplayNode().GetVisibility()


def test_going_to_the_best_slice_zooms_to_the_heart(desktop: Desktop, small_patient: Any, logics: Logics):
    nodes = slicer.util.getNodesByClass("vtkMRMLSliceNode")
    for node, shape in zip(nodes, ((400, 300), (300, 400), (200, 200)), strict=True):
        node.SetDimensions(*shape, 1)
        node.SetFieldOfView(2.0 * shape[0], 2.0 * shape[1], 1.0)
        node.SetXYZOrigin(40.0, 0.0, 0.0)
    desktop.click(desktop.ui.sampleButton)
    desktop.click(desktop.ui.findPlaceButton)
    cine, (phase, z) = desktop.session.cine, desktop.session.place
    y, x = np.argwhere(small_patient.labels[phase, z] == 3).mean(axis=0)
    heart = (cine.affine @ (x, y, z, 1))[:3]
    for node in nodes:
        width, height, _depth = node.GetFieldOfView()
        assert min(width, height) == pytest.approx(180)
        columns, rows, _ = node.GetDimensions()
        assert width / height == pytest.approx(columns / rows)
        matrix = node.GetXYToRAS()
        middle = np.array(matrix.MultiplyPoint((columns / 2, rows / 2, 0, 1)))[:3]
        assert np.linalg.norm(middle - heart) < 45
    assert desktop.session.place == (phase, z)
