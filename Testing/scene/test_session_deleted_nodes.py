"""Nodes of an open heart are deleted, as the Data module of the desktop does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scene.session_user import User
from widget.standins.subject_hierarchy import SubjectHierarchy

from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.cine_nodes import show_cine
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.obstruction_nodes import obstruction, show_obstruction


@pytest.fixture
def hierarchy(logics: Logics) -> SubjectHierarchy:
    return SubjectHierarchy(logics.scene)


@pytest.fixture
def user(logics: Logics, hierarchy: SubjectHierarchy, small_heart: SyntheticHeart) -> User:
    return User(logics, show_cine(logics, small_heart.cine, "Cine"), small_heart)


@pytest.mark.parametrize("gone", ["segmentation", "volume"])
def test_what_is_deleted_in_view_is_told_and_comes_back_whole(done: User, hierarchy: SubjectHierarchy, gone: str):
    session, browser, before = done.session, done.session.browser, done.labels
    lost = []
    session.lost.connect(lost.append)
    session.go_to(2, 3)
    hierarchy.delete(getattr(session.nodes, gone))
    assert session.browser is None and len(lost) == 1 and "removed from the scene" in done.messages[-1]
    session.cines.open(browser)
    assert session.nodes.segmentation is not None and session.nodes.volume is not None
    np.testing.assert_array_equal(done.labels, before)
    assert not session.review.corrections() and session.review.can_review


def test_a_heart_whose_nodes_are_deleted_one_after_the_other_comes_back_whole(done: User, hierarchy: SubjectHierarchy):
    session, browser, before = done.session, done.session.browser, done.labels
    for node in (session.nodes.volume, session.nodes.segmentation):
        hierarchy.delete(node)
    session.cines.open(browser)
    np.testing.assert_array_equal(done.labels, before)


def test_a_predicted_obstruction_comes_back_too(user: User, hierarchy: SubjectHierarchy, small_heart: SyntheticHeart):
    mask = small_heart.labels == 2
    for _ in show_obstruction(user.session.nodes, mask, np.zeros(mask.shape, np.float32), "Research."):
        pass
    browser = user.session.browser
    hierarchy.delete(user.session.nodes.segmentation)
    user.session.cines.open(browser)
    np.testing.assert_array_equal(obstruction(user.session.nodes), mask)


@pytest.mark.parametrize("gone", ["sequence", "images"])
def test_a_deleted_sequence_closes_the_cine_with_a_sentence(done: User, logics: Logics, gone: str):
    logics.scene.RemoveNode(getattr(done.session.nodes, gone))
    assert done.session.browser is None and "removed from the scene" in done.messages[-1]


def test_every_other_node_of_a_heart_can_be_deleted(done: User, logics: Logics):
    session = done.session
    needed = [session.browser, *(getattr(session.nodes, name) for name in NEEDED)]
    for node in _nodes(logics):
        if node.GetScene() is None or any(node is each for each in needed) or node.GetSingletonTag():
            continue
        logics.scene.RemoveNode(node)
        assert session.browser is not None, node.GetName()
    session.undo()
    done.settle()
    session.redo()
    done.settle()
    done.draw((1, 2))
    done.settle()
    assert session.measurement.table.GetScene() is logics.scene and session.measurement.chart.GetScene() is logics.scene
    assert session.nodes.uncertainty_volume is not None


NEEDED = ("sequence", "segmentation", "images", "volume")


def _nodes(logics: Logics) -> list[Any]:
    kinds = ("vtkMRMLDisplayableNode", "vtkMRMLTableNode", "vtkMRMLPlotChartNode", "vtkMRMLPlotSeriesNode")
    nodes = [logics.scene.GetNthNode(number) for number in range(logics.scene.GetNumberOfNodes())]
    kinds += ("vtkMRMLSequenceNode", "vtkMRMLColorTableNode", "vtkMRMLDisplayNode")
    return [node for node in nodes if any(node.IsA(kind) for kind in kinds)]
