"""Single parts of the panel: the planes of the views, the map, the numbers, the surfaces."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
import slicer
from PySide6.QtGui import QFont, QFontMetrics
from scene.session_fakes import FakeRunner, finished
from widget import patient
from widget.conftest import Desktop
from widget.standins.pythonqt import unwrap

from MedVOSSegmentLib.scene.surfaces import SURFACE


@pytest.fixture
def segmented(faked: Desktop) -> Desktop:
    """The small patient, segmented by a stand-in for the second process; `test_story` starts the real one."""
    return faked


def test_the_first_view_shows_slices_as_scanned_and_the_next_two_cut_them(opened: Desktop, logics):
    views = [logics.scene.GetNthNodeByClass(number, "vtkMRMLSliceNode").GetSliceToRAS() for number in range(3)]
    normals = np.array([[view.GetElement(row, 2) for row in range(3)] for view in views])
    scanned = opened.session.cine.affine[:3, 2]
    scanned = scanned / np.linalg.norm(scanned)
    assert np.abs(normals @ scanned) == pytest.approx([1, 0, 0], abs=1e-6)
    assert normals[1] @ normals[2] == pytest.approx(0, abs=1e-6)


def test_the_base_of_the_heart_is_at_the_top_of_long_cuts(opened: Desktop, logics):
    towards_base = opened.session.cine.affine[:3, 2]
    for number in (1, 2):
        view = logics.scene.GetNthNodeByClass(number, "vtkMRMLSliceNode").GetSliceToRAS()
        assert np.dot([view.GetElement(row, 1) for row in range(3)], towards_base) > 0


def test_the_numbers_that_are_known_are_in_view_and_the_others_are_explained(segmented: Desktop):
    table, measures = segmented.ui.measureTable, segmented.session.measurement.measures()
    assert any(measure["value"] is None for measure in measures.values())
    shown = [table.item(row, 0).text() for row in range(table.rowCount) if not table.isRowHidden(row)]
    assert shown == [name for name, measure in measures.items() if measure["value"] is not None]
    assert [table.horizontalHeaderItem(column).text() for column in range(2)] == ["Measure", "Value"]
    assert table.horizontalHeaderItem(2).text() == "90 %"
    for name, measure in measures.items():
        if measure["value"] is None:
            assert name in segmented.ui.remarksLabel.text and measure["reason"] in segmented.ui.remarksLabel.text


def test_the_map_names_its_slices_and_ed_and_es(segmented: Desktop):
    table, named = segmented.ui.reviewMap, segmented.session.measurement.phases()
    rows = [table.verticalHeaderItem(row).text() for row in range(table.rowCount)]
    assert rows == ["base 6", "5", "4", "3", "2", "apex 1"]  # as in the report; the synthetic base is the last slice
    header = unwrap(table).verticalHeader()
    font = QFont(header.font())
    font.setPixelSize(8)  # as in the style of the headers
    assert QFontMetrics(font).horizontalAdvance("base 12") < header.width()
    worst, place = segmented.ui.worstList.item(0).text(), segmented.session.review.uncertain_slices()[0]
    assert worst.startswith(f"Slice {place[1] + 1}, phase {place[0] + 1}: ")
    assert table.item(5 - place[1], place[0]).toolTip().startswith(f"Slice {place[1] + 1}, phase {place[0] + 1}: ")
    for name, phase in named.items():
        assert table.horizontalHeaderItem(phase).text() == name


def test_the_map_of_another_cine_does_not_have_the_names_of_the_first(segmented: Desktop, small_patient):
    table, session, ui = segmented.ui.reviewMap, segmented.session, segmented.ui
    segmented.widget.choose(segmented.widget.logic.show(small_patient.cine, "Another"))
    segmented.click(ui.findPlaceButton)
    patient.draw(session, small_patient.labels)
    segmented.pass_time()
    segmented.click(ui.propagateButton)
    assert session.busy and session.nodes is not None
    assert {table.horizontalHeaderItem(phase).text() for phase in range(table.columnCount)} == {""}


def test_the_map_of_a_long_cine_needs_few_colours(segmented: Desktop):
    table = segmented.ui.reviewMap
    scores = np.random.default_rng(0).random((40, 12), np.float32)
    none = np.zeros(scores.shape, bool)
    modules = sys.modules["MedVOSSegmentLib.session.review_logic"], sys.modules["MedVOSSegmentWidgets.review_map"]
    modules[1].ReviewMap(table).show(modules[0].ReviewCells(scores, none, none, none), {}, is_clip=False)
    cells = [table.item(row, column) for row in range(12) for column in range(40)]
    shades: dict[str, set[tuple[int, ...]]] = {}
    for cell in cells:
        shade = cell.background().color()
        shades.setdefault(cell.toolTip().partition(": ")[2], set()).add((shade.red(), shade.green(), shade.blue()))
    assert len(shades) > 90 and {len(names) for names in shades.values()} == {1}


@pytest.fixture
def camera(segmented: Desktop) -> Any:
    """That of a 3D view, far from the heart."""
    scene = segmented.logics.scene
    view = scene.AddNewNodeByClass("vtkMRMLViewNode", "View1")
    view.SetLayoutName("1")
    camera = scene.AddNewNodeByClass("vtkMRMLCameraNode", "Camera")
    camera.SetLayoutName("1")
    camera.SetPosition((0, 5000, 0))
    return camera


def surfaces(desktop: Desktop) -> list[bool]:
    items = [desktop.session.nodes.sequence.GetNthDataNode(phase) for phase in range(patient.SHAPE[0])]
    return [bool(item.GetSegmentation().ContainsRepresentation(SURFACE)) for item in items]


def test_the_heart_in_3d_has_a_surface_in_every_phase_and_fills_the_view(segmented: Desktop, camera: Any):
    segmented.click(segmented.ui.surfaceButton)
    segmented.wait(lambda: all(surfaces(segmented)))
    cine, labels = segmented.session.cine, segmented.session.nodes.labels()[segmented.session.place[0]]
    voxels = np.argwhere(labels)[:, ::-1]
    points = voxels @ cine.affine[:3, :3].T + cine.affine[:3, 3]
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    radius = np.linalg.norm(points.max(axis=0) - points.min(axis=0)) / 2
    assert np.linalg.norm(np.subtract(camera.GetFocalPoint(), middle)) < 10
    distance = np.linalg.norm(np.subtract(camera.GetPosition(), camera.GetFocalPoint()))
    assert distance * np.sin(np.deg2rad(camera.GetViewAngle() / 2)) == pytest.approx(radius, rel=0.2)
    assert camera.GetPosition()[1] > middle[1] + 100


def test_after_an_edit_the_surfaces_are_made_again_and_the_camera_stays(segmented: Desktop, camera: Any):
    segmented.click(segmented.ui.surfaceButton)
    segmented.wait(lambda: all(surfaces(segmented)))
    camera.SetPosition((300, 300, 300))
    nodes = segmented.session.nodes
    labels = nodes.labels()
    labels[1] = 0
    nodes.set_labels(labels)
    assert not all(surfaces(segmented))
    segmented.wait(lambda: all(surfaces(segmented)))
    assert camera.GetPosition() == (300, 300, 300)


def test_one_button_shows_the_heart_in_3d_and_hides_it(segmented: Desktop, camera: Any):
    ui = segmented.ui
    (other,) = slicer.util.findChildren(ui.segmentEditor, name="Show3DButton")
    assert not other.visible and not ui.surfaceButton.checked
    segmented.click(ui.surfaceButton)
    segmented.wait(lambda: all(surfaces(segmented)))
    assert ui.surfaceButton.checked
    segmented.click(ui.surfaceButton)
    segmented.pass_time()
    assert not any(surfaces(segmented)) and not ui.surfaceButton.checked


def test_a_heart_that_comes_back_with_surfaces_is_still_shown_in_3d(
    segmented: Desktop, small_patient, started: FakeRunner, camera: Any
):
    ui, session, browser = segmented.ui, segmented.session, segmented.session.browser
    segmented.click(ui.surfaceButton)
    segmented.wait(lambda: all(surfaces(segmented)))
    camera.SetPosition((300, 300, 300))
    segmented.widget.choose(segmented.widget.logic.show(small_patient.cine, "Another"))
    segmented.click(ui.findPlaceButton)
    assert not ui.surfaceButton.checked and not any(surfaces(segmented))
    ui.cineSelector.setCurrentNode(browser)
    assert ui.surfaceButton.checked and all(surfaces(segmented))
    session.go_to(0, 4)
    segmented.pass_time()
    patient.erase(session, "RV")
    segmented.pass_time()
    corrected = small_patient.labels.copy()
    corrected[2:, 2] = 0
    segmented.click(ui.correctButton)
    started.job.events.append(finished(session.cine, corrected))
    segmented.wait(lambda: not session.busy)
    segmented.wait(lambda: all(surfaces(segmented)), 10)
    assert ui.surfaceButton.checked and camera.GetPosition() == (300, 300, 300)
    segmented.click(ui.surfaceButton)
    assert not any(surfaces(segmented)) and not ui.surfaceButton.checked


def test_a_layout_without_a_3d_view_gives_way_to_one_with_it(segmented: Desktop):
    layout = slicer.app.layoutManager()
    layout.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    segmented.click(segmented.ui.surfaceButton)
    segmented.wait(lambda: layout.layout == slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)


def test_the_data_module_lists_what_it_knows_and_each_once(segmented: Desktop):
    tree = slicer.app.subject_hierarchy
    names = tree.names()
    assert tree.unknown() == [] and len(set(names)) == len(names)
    whole = {"", " and results", " segmentation", " uncertainty", " measures", " volumes", " volume curves"}
    whole |= {" volume intervals", " ED and ES"}
    lines = {"LV", "Myo", "RV", "LV 90 %", "RV 90 %", "ED", "ES"}
    assert set(names) == {f"Synthetic heart{end}" for end in whole} | lines


def test_ventricles_that_eject_different_volumes_are_doubted_beside_the_numbers(segmented: Desktop):
    found = segmented.session.measurement.measures()
    left, right = (found[name]["value"] for name in ("LVSV", "RVSV"))
    assert abs(left - right) > 0.25 * max(left, right)
    assert f"Doubt: LVSV ({left:.0f} mL) and RVSV ({right:.0f} mL) differ by" in segmented.ui.measureLabel.text


def test_the_plot_shows_the_band_of_the_ventricles_and_marks_ed_and_es(segmented: Desktop):
    chart = segmented.session.measurement.chart
    names = [chart.GetNthPlotSeriesNode(number).GetName() for number in range(chart.GetNumberOfPlotSeriesNodes())]
    assert {"LV", "RV", "LV 90 %", "RV 90 %", "ED", "ES"} <= set(names)


def test_the_headers_of_the_map_follow_the_theme(segmented: Desktop, qt_application: Any):
    from PySide6.QtGui import QColor, QPalette

    light, dark = qt_application.palette(), QPalette(QColor("#303030"))
    header = unwrap(segmented.ui.reviewMap).verticalHeader()
    before = header.styleSheet()
    try:
        qt_application.setPalette(dark)
        segmented.pass_time()
        shade = dark.color(QPalette.ColorRole.Window)
        assert f"rgb({shade.red()}, {shade.green()}, {shade.blue()})" in header.styleSheet() != before
    finally:
        qt_application.setPalette(light)


def test_one_cell_at_a_time_is_underlined_where_it_has_a_mark(segmented: Desktop):
    table, session = segmented.ui.reviewMap, segmented.session
    for place in ((0, 3), (1, 3), (2, 3)):
        session.review.accept(*place)
    for place in ((0, 3), (1, 3), (0, 3), (2, 3), (4, 4), (1, 3)):
        session.go_to(*place)
        segmented.pass_time()
        cells = [(row, column) for row in range(6) for column in range(6)]
        underlined = [cell for cell in cells if table.item(*cell).font().underline()]
        assert underlined == ([] if place == (4, 4) else [(5 - place[1], place[0])])
