from __future__ import annotations

from typing import Any

import pytest

from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.scene_watch import on_loss


def test_closing_the_scene_is_a_loss(logics: Logics, synthetic_browser: Any):
    closings = []
    closed = lambda: closings.append(synthetic_browser.GetScene() is not None)  # noqa: E731
    on_loss(logics.scene, lambda node: False, lambda: pytest.fail("no node was needed"), closed)
    logics.scene.Clear(0)
    assert closings == [True]


def test_only_a_needed_node_is_a_loss(logics: Logics, synthetic_browser: Any):
    losses = []
    on_loss(logics.scene, lambda node: node is synthetic_browser, lambda: losses.append(1), lambda: None)
    logics.scene.RemoveNode(logics.scene.AddNewNodeByClass("vtkMRMLTextNode"))
    assert losses == []
    logics.scene.RemoveNode(synthetic_browser)
    assert losses == [1]


def test_after_the_end_nothing_is_reported(logics: Logics, synthetic_browser: Any):
    losses = []
    end = on_loss(logics.scene, lambda node: True, lambda: losses.append(1), lambda: losses.append(2))
    end()
    end()
    logics.scene.Clear(0)
    assert losses == []
