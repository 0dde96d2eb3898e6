from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from session_fakes import FakeRunner

from medvos.cine.cine import Cine
from medvos.errors import InputError
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.cine_nodes import show_cine
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.positions import point_of
from MedVOSSegmentLib.session.session import Session


@pytest.fixture
def session(logics: Logics) -> Session:
    return Session(logics, FakeRunner())


@pytest.fixture
def opened(session: Session, synthetic_browser: Any) -> Session:
    session.cines.open(synthetic_browser)
    return session


def test_before_a_cine_is_open_everything_says_so(session: Session):
    assert (session.browser, session.cine, session.nodes, session.heart, session.place) == (None,) * 5
    for act in (session.seed.make_segments, session.seed.find_place, lambda: session.go_to(0, 0)):
        with pytest.raises(InputError, match="No cine is open: load one first"):
            act()


def test_an_open_cine_is_that_of_the_browser(opened: Session, small_cine: Cine, synthetic_browser: Any):
    np.testing.assert_array_equal(opened.cine.array, small_cine.array)
    assert opened.browser is synthetic_browser and opened.nodes is None


def test_opening_tells_it(session: Session, synthetic_browser: Any):
    changes = []
    session.changed.connect(changes.append)
    session.cines.open(synthetic_browser)
    assert changes == [None]


def test_segments_are_made_once(opened: Session):
    opened.seed.make_segments()
    heart = opened.nodes
    opened.seed.make_segments()
    assert opened.nodes is heart and opened.heart.state is not None
    assert not heart.labels().any()


def test_the_seed_place_is_where_the_heart_is(opened: Session, small_heart: SyntheticHeart):
    phase, z = opened.seed.find_place()
    assert set(np.unique(small_heart.labels[phase, z])) == {0, 1, 2, 3}


def test_going_somewhere_moves_the_browser_and_tells_the_views(opened: Session, small_cine: Cine):
    moves = []
    opened.moved.connect(moves.append)
    opened.go_to(4, 2)
    assert opened.place == (4, 2)
    assert opened.browser.GetSelectedItemNumber() == 4
    assert moves == [(4, 2, point_of(small_cine, 2))]


def test_on_a_drawn_slice_the_views_go_to_the_drawing(opened: Session, small_heart: SyntheticHeart):
    opened.seed.make_segments()
    opened.nodes.set_labels(small_heart.labels)
    opened.heart.edit.refresh()
    moves = []
    opened.moved.connect(moves.append)
    opened.go_to(0, 3)
    y, x = (axis.mean() for axis in np.nonzero(small_heart.labels[0, 3]))
    assert moves[0][2] == pytest.approx(point_of(small_heart.cine, 3, (y, x)))


@pytest.mark.parametrize("place", [(6, 0), (0, 6), (-1, 0), (0, -1)])
def test_places_that_are_not_there_are_refused(opened: Session, place: tuple[int, int]):
    with pytest.raises(InputError, match="phase from 0 to 5 and a slice from 0 to 5"):
        opened.go_to(*place)


def test_the_place_follows_the_user(opened: Session, small_cine: Cine):
    opened.go_to(0, 0)
    changes = []
    opened.changed.connect(changes.append)
    opened.look_at(point_of(small_cine, 4, (10.0, 20.0)))
    opened.look_at(point_of(small_cine, 4, (11.0, 20.0)))
    opened.browser.SetSelectedItemNumber(5)
    assert opened.place == (5, 4)
    assert len(changes) == 1


def test_a_cine_that_a_transform_moves_is_found_where_it_is_shown(opened: Session, small_cine: Cine):
    scene = opened._workspace.logics.scene
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = transform.GetMatrixTransformToParent()
    for row in range(3):
        matrix.SetElement(row, 3, 100.0)
    transform.SetMatrixTransformToParent(matrix)
    opened._workspace.opened.volume.SetAndObserveTransformNodeID(transform.GetID())
    moves = []
    opened.moved.connect(moves.append)
    opened.go_to(0, 2)
    there = moves[0][2]
    assert there == pytest.approx(np.add(point_of(small_cine, 2), 100))
    opened.go_to(0, 0)
    opened.look_at(there)
    assert opened.place == (0, 2)


def test_another_cine_can_be_opened_and_the_first_again(
    opened: Session, logics: Logics, small_heart: SyntheticHeart, synthetic_browser: Any
):
    opened.seed.make_segments()
    drawn = np.zeros(small_heart.labels.shape[:2], bool)
    drawn[0, 3] = True
    opened.nodes.set_labels(small_heart.labels, drawn)
    opened.cines.open(show_cine(logics, small_heart.cine, "Another"))
    assert opened.nodes is None
    opened.cines.open(synthetic_browser)
    np.testing.assert_array_equal(opened.heart.edit.own, drawn)


def test_closing_lets_go(opened: Session):
    opened.seed.make_segments()
    opened.close()
    assert opened.cine is None and opened.nodes is None and opened.place is None
    opened.close()


@pytest.mark.parametrize("lost", ["browser", "images", "segments", "proxy", "scene"])
def test_without_its_nodes_the_session_lets_go(opened: Session, logics: Logics, lost: str):
    opened.seed.make_segments()
    heart = opened.nodes
    changes = []
    opened.changed.connect(changes.append)
    if lost == "scene":
        logics.scene.Clear(0)
    else:
        nodes = {
            "browser": heart.browser,
            "images": heart.images,
            "segments": heart.sequence,
            "proxy": heart.segmentation,
        }
        logics.scene.RemoveNode(nodes[lost])
    assert opened.cine is None and opened.nodes is None
    assert changes
