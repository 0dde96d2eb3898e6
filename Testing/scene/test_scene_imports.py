"""A saved scene that is loaded beside an open heart: neither of the two changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medvos.synth.heart import SyntheticHeart, synthetic_heart
from MedVOSSegmentLib.scene.cine_nodes import read_cine, show_cine
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.imports import hold_imported_browsers
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.segment_labels import read_labels
from MedVOSSegmentLib.scene.sequences import items_of


@pytest.fixture(scope="module")
def other_heart() -> SyntheticHeart:
    return synthetic_heart(3, shape=(9, 7, 80, 80), spacing=(10.0, 3.0, 3.0), kind="dilated")


def add(logics: Logics, heart: SyntheticHeart, name: str) -> HeartNodes:
    """Return a complete heart, with its labels as uncertainty."""
    nodes = HeartNodes.create(logics, show_cine(logics, heart.cine, name))
    nodes.set_labels(heart.labels)
    nodes.set_uncertainty(heart.labels.astype(np.float32) / 3)
    return nodes


def saved(folder: Path, heart: SyntheticHeart, phase: int) -> str:
    """Return the path of a scene that was saved while ``phase`` was shown."""
    logics = Logics.standalone(folder / "elsewhere")
    add(logics, heart, "Saved").browser.SetSelectedItemNumber(phase)
    assert logics.scene.WriteToMRB(str(folder / "scene.mrb"))
    logics.scene.Clear(1)
    return str(folder / "scene.mrb")


def is_intact(nodes: HeartNodes, heart: SyntheticHeart) -> bool:
    """Whether images, labels and uncertainty are those of ``heart``, and the labels in view too."""
    phase = nodes.browser.GetSelectedItemNumber()
    shown = read_labels(nodes.segmentation.GetSegmentation(), nodes.grid)
    return (
        len(items_of(nodes.images)) == len(items_of(nodes.sequence)) == len(heart.labels)
        and np.array_equal(read_cine(nodes.browser).array, heart.cine.array)
        and np.array_equal(nodes.labels(), heart.labels)
        and np.array_equal(nodes.uncertainty(), heart.labels.astype(np.float32) / 3)
        and np.array_equal(shown, heart.labels[phase])
    )


def loaded(logics: Logics, beside: HeartNodes) -> Any:
    """Return the heart that came into the scene."""
    scene = logics.scene
    count = scene.GetNumberOfNodesByClass("vtkMRMLSequenceBrowserNode")
    browsers = [scene.GetNthNodeByClass(number, "vtkMRMLSequenceBrowserNode") for number in range(count)]
    (browser,) = (browser for browser in browsers if browser is not beside.browser)
    return HeartNodes.find(logics, browser)


@pytest.mark.parametrize("seen", [0, 4])
@pytest.mark.parametrize("phase", [0, 3])
def test_a_scene_that_is_loaded_beside_a_heart_is_a_second_heart(
    logics: Logics, small_heart: SyntheticHeart, other_heart: SyntheticHeart, tmp_path: Path, phase: int, seen: int
) -> None:
    nodes = add(logics, other_heart, "Open")
    nodes.browser.SetSelectedItemNumber(seen)
    assert logics.scene.ReadFromMRB(saved(tmp_path, small_heart, phase))
    assert is_intact(nodes, other_heart)
    found = loaded(logics, nodes)
    assert is_intact(found, small_heart) and found.browser.GetSelectedItemNumber() == phase
    for step in range(6):
        found.browser.SetSelectedItemNumber(step)
        nodes.browser.SetSelectedItemNumber(step)
        assert is_intact(nodes, other_heart) and is_intact(found, small_heart)


@pytest.mark.parametrize("phase", [0, 3])
def test_what_was_edited_after_saving_is_still_there_when_the_saved_scene_is_loaded(
    logics: Logics, small_heart: SyntheticHeart, tmp_path: Path, phase: int
) -> None:
    nodes = add(logics, small_heart, "Open")
    nodes.browser.SetSelectedItemNumber(phase)
    assert logics.scene.WriteToMRB(str(tmp_path / "scene.mrb"))
    edited = np.where(small_heart.labels == 3, np.uint8(0), small_heart.labels)
    nodes.set_labels(edited)
    assert logics.scene.ReadFromMRB(str(tmp_path / "scene.mrb"))
    np.testing.assert_array_equal(nodes.labels(), edited)
    assert is_intact(loaded(logics, nodes), small_heart)


def test_a_scene_without_a_heart_is_guarded_however_often_it_was_asked_for(
    logics: Logics, small_heart: SyntheticHeart, other_heart: SyntheticHeart, tmp_path: Path
) -> None:
    hold_imported_browsers(logics.scene)
    path = saved(tmp_path, small_heart, 3)
    assert logics.scene.ReadFromMRB(path)
    browser = logics.scene.GetFirstNodeByClass("vtkMRMLSequenceBrowserNode")
    first = HeartNodes.find(logics, browser)
    assert first is not None
    assert logics.scene.ReadFromMRB(path)
    second = loaded(logics, first)
    assert is_intact(first, small_heart) and is_intact(second, small_heart)
    # An imported browser shows its phases again as any other.
    second.browser.SetSelectedItemNumber(1)
    assert is_intact(second, small_heart) and not second.browser.GetDisableModifiedEvent()
