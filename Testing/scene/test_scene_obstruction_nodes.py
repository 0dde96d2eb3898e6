"""The segment MVO and the volumes of its probability among the nodes of a heart."""

from __future__ import annotations

import numpy as np
import pytest
import vtk
from undrawn_case import an_obstruction

from medvos.cine.nrrd import NOTICE
from medvos.structures import OBSTRUCTION
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.obstruction_nodes import obstruction, remove_obstruction, show_obstruction
from MedVOSSegmentLib.scene.resources import terminology_entry
from MedVOSSegmentLib.scene.segment_labels import mask_of, write_mask


@pytest.fixture
def heart(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> HeartNodes:
    heart_nodes.set_labels(small_heart.labels)
    return heart_nodes


def show(heart: HeartNodes, truth: SyntheticHeart) -> None:
    found = an_obstruction(truth.labels)
    for _ in show_obstruction(heart, found.mask, found.probability, "Mind."):
        pass


def test_every_phase_has_the_segment_by_name_colour_terminology_and_notice(heart, small_heart):
    show(heart, small_heart)
    for phase in range(6):
        segment = heart.sequence.GetNthDataNode(phase).GetSegmentation().GetSegment("MVO")
        assert segment.GetName() == "MVO"
        np.testing.assert_allclose(segment.GetColor(), np.array(OBSTRUCTION.colour) / 255, atol=1e-6)
        tag = vtk.reference("")
        assert segment.GetTag("TerminologyEntry", tag) and tag.get() == terminology_entry("MVO")
        assert segment.GetTag(NOTICE, tag) and tag.get() == "Mind."
    np.testing.assert_array_equal(obstruction(heart), an_obstruction(small_heart.labels).mask)


def test_the_heart_beneath_it_is_read_and_written_as_before(heart, small_heart):
    show(heart, small_heart)
    np.testing.assert_array_equal(heart.labels(), small_heart.labels)
    moved = np.roll(small_heart.labels, 3, axis=3)
    heart.set_labels(moved)
    np.testing.assert_array_equal(heart.labels(), moved)
    np.testing.assert_array_equal(obstruction(heart), an_obstruction(small_heart.labels).mask)


def test_showing_it_is_no_edit_of_the_users(heart, small_heart):
    emitted: list[int] = []
    heart.on_edited(emitted.append)
    show(heart, small_heart)
    remove_obstruction(heart)
    assert emitted == []


def test_it_can_be_shown_again_and_leaves_nothing_behind(heart, small_heart):
    scene = heart.logics.scene
    before = scene.GetNumberOfNodes()
    show(heart, small_heart)
    show(heart, small_heart)
    assert heart.probability_volume.GetDisplayNode() is not None
    np.testing.assert_array_equal(heart.probability(), an_obstruction(small_heart.labels).probability)
    remove_obstruction(heart)
    assert scene.GetNumberOfNodes() == before and heart.probability() is None and not obstruction(heart).any()
    np.testing.assert_array_equal(heart.labels(), small_heart.labels)


def test_it_goes_with_the_heart(heart, small_heart):
    show(heart, small_heart)
    heart.remove()
    assert heart.logics.scene.GetNumberOfNodesByClass("vtkMRMLSequenceNode") == 1


def test_a_segment_of_this_id_that_the_user_drew_stays_beside_it(heart, small_heart):
    segmentation = heart.sequence.GetNthDataNode(1).GetSegmentation()
    segmentation.AddEmptySegment("MVO", "my scar")
    drawn = small_heart.labels[1] == 3
    write_mask(segmentation, heart.grid, "MVO", drawn)
    for _ in range(2):
        show(heart, small_heart)
        remove_obstruction(heart)
    show(heart, small_heart)
    own = [each for each in segmentation.GetSegmentIDs() if segmentation.GetSegment(each).GetName() == "my scar"]
    assert len(own) == 1
    np.testing.assert_array_equal(mask_of(segmentation, own[0], heart.grid), drawn)
    np.testing.assert_array_equal(obstruction(heart), an_obstruction(small_heart.labels).mask)
    np.testing.assert_array_equal(heart.labels(), small_heart.labels)
