"""The views that draw the tutorial show what the scene holds."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from medvos.structures import STRUCTURES
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.measure_nodes import volume_curve_plot
from MedVOSSegmentLib.scene.surfaces import has_surface, make_next_surface

ROOT = Path(__file__).parents[2]
SIDE = 120


@pytest.fixture
def views(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "Utilities")
    monkeypatch.setenv("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    from tutorial import views

    return views


def shows(image: NDArray[np.uint8], colour: tuple[int, int, int], near: float) -> bool:
    return bool((np.abs(image.astype(float) - colour).max(axis=-1) < near).any())


def test_a_slice_view_shows_the_image_and_the_outlines_in_their_colours(
    views: ModuleType, logics: Logics, heart_nodes: HeartNodes, small_heart: SyntheticHeart
):
    view = views.SliceView(logics, "Red", "Axial")
    view.resize(SIDE, SIDE)
    view.logic.GetSliceCompositeNode().SetBackgroundVolumeID(heart_nodes.volume.GetID())
    view.node.RotateToVolumePlane(heart_nodes.volume)
    view.logic.FitSliceToBackground()
    z, y, x = np.argwhere(small_heart.labels[0] > 0).mean(axis=0).round()
    view.node.JumpSlice(*(small_heart.cine.affine @ (x, y, z, 1))[:3])
    without = view.image()
    assert without.shape == (SIDE, SIDE, 3) and without.max() > 100
    heart_nodes.set_labels(small_heart.labels)
    image = view.image()
    for structure in STRUCTURES:
        assert not shows(without, structure.colour, 10)
        assert shows(image, structure.colour, 10)


def test_a_3d_view_shows_the_surface_of_the_heart(
    views: ModuleType, logics: Logics, heart_nodes: HeartNodes, small_heart: SyntheticHeart
):
    view = views.SurfaceView(logics)
    view.resize(SIDE, SIDE)
    empty = view.image()
    heart_nodes.set_labels(small_heart.labels)
    while not has_surface(heart_nodes, 0):
        make_next_surface(heart_nodes, 0)
    z, y, x = np.argwhere(small_heart.labels[0] > 0).mean(axis=0)
    middle = (small_heart.cine.affine @ (x, y, z, 1))[:3]
    view.look(middle, np.array([0.0, -1.0, 0.0]), np.array([0.0, 0.0, 1.0]), 150.0)
    assert np.mean(np.abs(view.image().astype(int) - empty).max(axis=-1) > 40) > 0.1


@pytest.mark.parametrize("size", [(720, 480), (420, 300)])
@pytest.mark.parametrize("ends_high", [True, False])
def test_the_legend_of_the_volume_plot_covers_no_curve(
    views: ModuleType, heart_nodes: HeartNodes, size: tuple[int, int], ends_high: bool
):
    from tutorial.plot import plot

    times = np.linspace(0.0, 870.0, 30)
    curve = 90 + 60 * np.cos(2 * np.pi * times / 900) * (1 if ends_high else -1)
    curves = {"time_ms": times.tolist(), "LV_mL": curve.tolist(), "RV_mL": (curve + 4).tolist(), "Myo_mL": [120] * 30}
    bands = {name: np.stack([curve - 8, curve + 8]).tolist() for name in ("LV_mL", "RV_mL")}
    chart = volume_curve_plot(heart_nodes, curves, bands, {"ED": 0, "ES": 15})
    with_legend = plot(chart, *size).astype(int)
    chart.SetLegendVisibility(False)
    without = plot(chart, *size).astype(int)
    is_curve = np.ptp(without, axis=-1) > 60  # in colour, unlike the axes
    assert is_curve.sum() > 500
    assert np.array_equal(with_legend[is_curve], without[is_curve]) and not np.array_equal(with_legend, without)
