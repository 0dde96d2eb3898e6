"""Segments look the same in every phase, and the user's choice of looks stays."""

from __future__ import annotations

from MedVOSSegmentLib.scene.heart_nodes import HeartNodes


def test_a_picture_stays_readable_under_its_segments(heart_nodes: HeartNodes) -> None:
    display = heart_nodes.segmentation.GetDisplayNode()
    assert 0 < display.GetOpacity2DFill() < 0.3 < display.GetOpacity2DOutline()


def test_the_cavity_shows_through_the_wall_alone_in_3d(heart_nodes: HeartNodes) -> None:
    display = heart_nodes.segmentation.GetDisplayNode()
    assert display.GetSegmentOpacity3D("Myo") < 0.5
    assert display.GetSegmentOpacity3D("LV") == display.GetSegmentOpacity3D("RV") == 1.0


def test_what_the_user_chose_stays_from_phase_to_phase(heart_nodes: HeartNodes) -> None:
    display = heart_nodes.segmentation.GetDisplayNode()
    display.SetOpacity2DFill(0.6)
    display.SetSegmentOpacity3D("Myo", 0.9)
    heart_nodes.browser.SetSelectedItemNumber(2)
    HeartNodes.find(heart_nodes.logics, heart_nodes.browser)
    assert heart_nodes.segmentation.GetDisplayNode() is display
    assert (display.GetOpacity2DFill(), display.GetSegmentOpacity3D("Myo")) == (0.6, 0.9)
