"""Outlines in the slice views are smooth, and follow the labels, the phase and the user's choices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scene.session_user import User
from segment_editor import SegmentEditor

from medvos.structures import LV, RV, STRUCTURES
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.image_arrays import voxels
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.outlines import UNCERTAIN, UNCERTAIN_COLOUR, Outlines, smoothed

ROOT = Path(__file__).parents[2]
CENTRE, RADIUS, SIDE, MM = 40.0, 20.0, 600, 150.0
COLOURS = {structure.name: structure.colour for structure in STRUCTURES}


@pytest.fixture
def disk() -> NDArray[np.bool_]:
    """(Z, Y, X) of one disk in every slice."""
    y, x = np.ogrid[:80, :80]
    return np.broadcast_to(np.hypot(y - CENTRE, x - CENTRE) < RADIUS, (6, 80, 80)).copy()


@pytest.fixture
def outlines(heart_nodes: HeartNodes, disk: NDArray[np.bool_]) -> Iterator[Outlines]:
    """Those of a heart whose LV is the disk, smaller in each phase."""
    labels = np.zeros((6, *disk.shape), np.uint8)
    for phase in range(6):
        labels[phase, :, phase:] = np.where(disk, LV, 0)[:, phase:]
    heart_nodes.set_labels(labels)
    made = Outlines(heart_nodes)
    yield made
    made.end()


@pytest.fixture
def view(logics: Logics, heart_nodes: HeartNodes, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A slice view on slice 3."""
    monkeypatch.syspath_prepend(ROOT / "Utilities")
    monkeypatch.setenv("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    views: ModuleType = pytest.importorskip("tutorial.views")
    view = views.SliceView(logics, "Red", "Axial")
    view.resize(SIDE, SIDE)
    view.logic.GetSliceCompositeNode().SetBackgroundVolumeID(heart_nodes.volume.GetID())
    axes = heart_nodes.grid.affine[:3, :3] / np.linalg.norm(heart_nodes.grid.affine[:3, :3], axis=0)
    for row, column in np.ndindex(3, 3):
        view.node.GetSliceToRAS().SetElement(row, column, axes[row, column])
    view.node.UpdateMatrices()
    view.zoom(MM)
    view.node.JumpSliceByCentering(*(heart_nodes.grid.affine @ (CENTRE, CENTRE, 3, 1))[:3])
    return view


def distances(image: NDArray[np.uint8], colour: tuple[float, float, float]) -> NDArray[np.float64]:
    """From the middle of an image to its pixels of a colour, in voxels of 3 mm."""
    near = (np.abs(image.astype(float) - colour).max(axis=-1) < 12).nonzero()
    return np.hypot(*(axis - (SIDE - 1) / 2 for axis in near)) * MM / SIDE / 3.0


def of(node: HeartNodes) -> Any:
    return node.logics.scene.GetFirstNodeByName(f"{node.name} outlines")


def test_the_outline_of_a_disk_is_a_circle_and_no_staircase(heart_nodes: HeartNodes, outlines: Outlines, view: Any):
    smooth = distances(view.image(), COLOURS["LV"])
    outlines.end()
    stairs = distances(view.image(), COLOURS["LV"])
    assert len(smooth) > 1000 and abs(smooth.mean() - RADIUS) < 0.5
    assert smooth.std() < 0.2 and smooth.std() < 0.6 * stairs.std()


def test_smoothing_keeps_sizes_and_thin_walls(disk: NDArray[np.bool_]):
    assert abs((smoothed(disk) > 127).sum() / disk.sum() - 1) < 0.01
    wall = np.zeros((1, 20, 20), bool)
    wall[0, 10, 3:17] = True
    assert (smoothed(wall)[0, 10, 4:16] > 127).all()
    assert not smoothed(np.zeros((2, 5, 5), bool)).any()


def test_outlines_follow_the_phase_and_the_edits(heart_nodes: HeartNodes, outlines: Outlines, disk: NDArray[np.bool_]):
    def lv() -> int:
        image = of(heart_nodes).GetSegmentation().GetSegment("LV").GetRepresentation("Fractional labelmap")
        return int((voxels(image) > 127).sum())

    before = lv()
    heart_nodes.browser.SetSelectedItemNumber(5)
    assert lv() <= before
    SegmentEditor(heart_nodes).erase("LV", disk)
    assert lv() == 0
    heart_nodes.browser.SetSelectedItemNumber(0)
    assert lv() == before
    heart_nodes.set_labels(np.full((6, *disk.shape), RV, np.uint8))
    assert lv() == 0


def test_what_the_user_hides_or_recolours_is_so_outlined(heart_nodes: HeartNodes, outlines: Outlines):
    display, outlined = heart_nodes.segmentation.GetDisplayNode(), of(heart_nodes)
    display.SetSegmentVisibility("LV", False)
    assert not outlined.GetDisplayNode().GetSegmentVisibility("LV")
    display.SetVisibility(False)
    assert not outlined.GetDisplayNode().GetVisibility()
    heart_nodes.segmentation.GetSegmentation().GetSegment("RV").SetColor(0.0, 1.0, 0.0)
    assert outlined.GetSegmentation().GetSegment("RV").GetColor() == (0.0, 1.0, 0.0)
    heart_nodes.segmentation.GetSegmentation().AddEmptySegment("mine", "mine")
    assert outlined.GetSegmentation().GetSegment("mine") is not None
    heart_nodes.segmentation.GetSegmentation().RemoveSegment("mine")
    assert outlined.GetSegmentation().GetSegment("mine") is None


def test_uncertainty_is_a_line_that_leaves_the_border_visible(heart_nodes: HeartNodes, outlines: Outlines, view: Any):
    y, x = np.ogrid[:80, :80]
    ring = np.clip(0.6 - 0.1 * np.abs(np.hypot(y - CENTRE, x - CENTRE) - RADIUS), 0, 1).astype(np.float32)
    heart_nodes.set_uncertainty(np.broadcast_to(ring, (6, 6, 80, 80)).copy())
    border = len(distances(view.image(), COLOURS["LV"]))
    outlines.show_uncertainty(True)
    image = view.image()
    lines = distances(image, tuple(255 * value for value in UNCERTAIN_COLOUR))
    assert len(distances(image, COLOURS["LV"])) == border
    assert len(lines) > 1000 and (np.abs(np.abs(lines - RADIUS) - 3.5) < 0.6).all()
    heart_nodes.set_uncertainty(np.zeros((6, 6, 80, 80), np.float32))
    outlines.show_uncertainty(True)
    assert not len(distances(view.image(), tuple(255 * value for value in UNCERTAIN_COLOUR)))
    outlines.show_uncertainty(False)
    assert of(heart_nodes).GetSegmentation().GetSegment(UNCERTAIN) is None


def test_the_outlines_are_not_saved(heart_nodes: HeartNodes, outlines: Outlines, tmp_path: Path):
    assert heart_nodes.logics.scene.WriteToMRB(str(tmp_path / "scene.mrb"))
    loaded = Logics.standalone(tmp_path / "home")
    assert loaded.scene.ReadFromMRB(str(tmp_path / "scene.mrb"))
    assert loaded.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1
    browser = loaded.scene.GetFirstNodeByClass("vtkMRMLSequenceBrowserNode")
    heart = HeartNodes.find(loaded, browser)
    assert heart is not None
    Outlines(heart).end()
    assert heart.segmentation.GetDisplayNode().GetVisibility2DOutline()


def test_a_scene_that_is_saved_while_a_heart_is_open_shows_it_in_a_slicer_without_the_module(
    heart_nodes: HeartNodes, outlines: Outlines, tmp_path: Path
):
    scene, display = heart_nodes.logics.scene, heart_nodes.segmentation.GetDisplayNode()
    changes: list[str] = []
    tag = display.AddObserver("ModifiedEvent", lambda *_: changes.append("changed"))
    # What the dialog does that saves a scene.
    scene.StartState(scene.SaveState)
    assert scene.WriteToMRB(str(tmp_path / "scene.mrb"))
    scene.EndState(scene.SaveState)
    display.RemoveObserver(tag)
    assert not display.GetVisibility2DOutline() and not changes  # the views have not flickered
    loaded = Logics.standalone(tmp_path / "home")
    assert loaded.scene.ReadFromMRB(str(tmp_path / "scene.mrb"))
    display = loaded.scene.GetFirstNodeByClass("vtkMRMLSegmentationNode").GetDisplayNode()
    assert display.GetVisibility() and display.GetVisibility2DOutline()


def test_a_session_outlines_its_heart_until_it_is_closed(done: User, logics: Logics):
    before = logics.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
    display = done.session.nodes.segmentation.GetDisplayNode()
    assert before == 2 and not display.GetVisibility2DOutline()
    done.session.close()
    assert logics.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1 and display.GetVisibility2DOutline()
