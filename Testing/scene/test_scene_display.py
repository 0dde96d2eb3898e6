from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.image_arrays import voxels
from MedVOSSegmentLib.scene.resources import UNCERTAINTY_COLOURS

SHOWN = (0.0, 0.05, 0.3, 0.6, 1.0)


@pytest.fixture
def rgba(heart_nodes: HeartNodes) -> NDArray[np.uint8]:
    """(5, 4) of what a slice view paints for the uncertainties of SHOWN."""
    uncertainty = np.zeros((*heart_nodes.labels().shape[:2], 80, 80), np.float32)
    uncertainty[..., 0, : len(SHOWN)] = SHOWN
    heart_nodes.set_uncertainty(uncertainty)
    heart_nodes.browser.SetSelectedItemNumber(2)
    display = heart_nodes.uncertainty_volume.GetDisplayNode()
    display.SetInputImageDataConnection(heart_nodes.uncertainty_volume.GetImageDataConnection())
    output = display.GetImageDataConnection().GetProducer()
    output.Update()
    return voxels(output.GetOutput())[0, 0, : len(SHOWN)]


def test_a_slice_view_is_clear_where_the_model_is_sure(rgba: NDArray[np.uint8]) -> None:
    assert [bool(alpha) for alpha in rgba[:, 3]] == [False, False, True, True, True]


def test_more_uncertainty_is_a_stronger_colour(rgba: NDArray[np.uint8]) -> None:
    saturation = np.ptp(rgba[2:, :3].astype(int), axis=1)
    assert (np.diff(saturation) > 20).all()


def test_the_table_has_a_colour_for_every_step() -> None:
    rows = [line.split() for line in UNCERTAINTY_COLOURS.read_text().splitlines() if not line.startswith("#")]
    assert [int(row[0]) for row in rows] == list(range(256))
    assert all(len(row) == 6 and all(0 <= int(value) <= 255 for value in row[2:]) for row in rows)


def test_an_image_stays_readable_under_its_segments(heart_nodes: HeartNodes) -> None:
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
