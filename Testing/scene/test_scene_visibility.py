"""Only the heart of the open cine is visible, and a predicted obstruction never without its notice."""

from __future__ import annotations

import numpy as np
from session_fakes import FakeRunner

from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.cine_nodes import show_cine
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.obstruction_nodes import show_obstruction
from MedVOSSegmentLib.scene.visibility import show_heart_of, visible_notice
from MedVOSSegmentLib.session.session import Session


def is_visible(nodes: HeartNodes) -> bool:
    return bool(nodes.segmentation.GetDisplayNode().GetVisibility())


def another(logics: Logics, heart: SyntheticHeart) -> HeartNodes:
    return HeartNodes.create(logics, show_cine(logics, heart.cine, "Another"))


def test_the_heart_of_another_cine_is_hidden_and_comes_back(
    logics: Logics, heart_nodes: HeartNodes, small_heart: SyntheticHeart
):
    other = another(logics, small_heart)
    show_heart_of(logics.scene, other.browser)
    assert not is_visible(heart_nodes) and is_visible(other)
    show_heart_of(logics.scene, heart_nodes.browser)
    assert is_visible(heart_nodes) and not is_visible(other)
    show_heart_of(logics.scene, None)
    assert not is_visible(heart_nodes) and not is_visible(other)


def test_a_heart_that_the_user_hid_stays_hidden(logics: Logics, heart_nodes: HeartNodes, small_heart: SyntheticHeart):
    heart_nodes.segmentation.GetDisplayNode().SetVisibility(False)
    show_heart_of(logics.scene, another(logics, small_heart).browser)
    show_heart_of(logics.scene, heart_nodes.browser)
    assert not is_visible(heart_nodes)


def test_a_session_shows_the_heart_of_its_cine_alone(
    logics: Logics, heart_nodes: HeartNodes, small_heart: SyntheticHeart
):
    session = Session(logics, FakeRunner())
    session.cines.open(heart_nodes.browser)
    session.cines.open(show_cine(logics, small_heart.cine, "Another"))
    assert not is_visible(heart_nodes)
    session.cines.open(heart_nodes.browser)
    assert is_visible(heart_nodes)


def test_a_cine_that_is_left_no_longer_plays(logics: Logics, heart_nodes: HeartNodes, small_heart: SyntheticHeart):
    session = Session(logics, FakeRunner())
    session.cines.open(heart_nodes.browser)
    heart_nodes.browser.SetPlaybackActive(True)
    session.cines.open(show_cine(logics, small_heart.cine, "Another"))
    assert not heart_nodes.browser.GetPlaybackActive()


def test_the_notice_of_an_obstruction_is_known_wherever_it_is_visible(logics: Logics, heart_nodes: HeartNodes):
    assert visible_notice(logics.scene) == ""
    shape = (heart_nodes.sequence.GetNumberOfDataNodes(), *heart_nodes.grid.shape)
    for _ in show_obstruction(heart_nodes, np.zeros(shape, bool), np.zeros(shape, np.float32), "For research only."):
        pass
    assert visible_notice(logics.scene) == "For research only."
    session = Session(logics, FakeRunner())
    assert session.obstruction.notice == "For research only."
    display = heart_nodes.segmentation.GetDisplayNode()
    display.SetSegmentVisibility("MVO", False)
    assert visible_notice(logics.scene) == ""
    display.SetSegmentVisibility("MVO", True)
    show_heart_of(logics.scene, None)
    assert visible_notice(logics.scene) == "" and session.obstruction.notice == ""
