from __future__ import annotations

from typing import Any

import numpy as np

from medvos.cine.cine import Cine
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.cine_nodes import cine_sequence
from MedVOSSegmentLib.scene.folder import item_of
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.images import voxels
from MedVOSSegmentLib.scene.logics import Logics


def node_ids(logics: Logics) -> set[str]:
    return {logics.scene.GetNthNode(number).GetID() for number in range(logics.scene.GetNumberOfNodes())}


def test_a_new_heart_has_three_empty_segments_in_every_phase(heart_nodes: HeartNodes, small_cine: Cine) -> None:
    for phase in range(small_cine.shape[0]):
        heart_nodes.browser.SetSelectedItemNumber(phase)
        segmentation = heart_nodes.segmentation.GetSegmentation()
        assert list(segmentation.GetSegmentIDs()) == ["LV", "Myo", "RV"]
        assert [segmentation.GetSegment(name).GetName() for name in ("LV", "Myo", "RV")] == ["LV", "Myo", "RV"]
    assert not heart_nodes.labels().any()


def test_labels_come_back_as_they_were_set(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> None:
    heart_nodes.set_labels(small_heart.labels)
    np.testing.assert_array_equal(heart_nodes.labels(), small_heart.labels)


def test_only_the_named_places_are_written(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> None:
    places = np.zeros(small_heart.labels.shape[:2], bool)
    places[1, 2] = places[4, 0] = True
    heart_nodes.set_labels(small_heart.labels, places)
    expected = np.where(places[:, :, None, None], small_heart.labels, 0)
    np.testing.assert_array_equal(heart_nodes.labels(), expected)


def test_the_browser_shows_the_segments_of_its_phase(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> None:
    import slicer

    heart_nodes.set_labels(small_heart.labels)
    for phase in (3, 0, 5):
        heart_nodes.browser.SetSelectedItemNumber(phase)
        image = slicer.vtkOrientedImageData()
        heart_nodes.segmentation.GetBinaryLabelmapRepresentation("LV", image)
        assert image.GetScalarRange()[1] == 1

        assert np.count_nonzero(voxels(image)) == np.count_nonzero(small_heart.labels[phase] == 3)


def test_removing_a_heart_leaves_the_scene_as_it_was(
    logics: Logics, synthetic_browser: Any, small_heart: SyntheticHeart
) -> None:
    before = node_ids(logics)
    item_of(logics.hierarchy, synthetic_browser.GetProxyNode(cine_sequence(synthetic_browser)))
    items = logics.hierarchy.GetNumberOfItems()
    heart = HeartNodes.create(logics, synthetic_browser)
    heart.set_labels(small_heart.labels)
    heart.set_uncertainty(np.zeros(small_heart.labels.shape, np.float32))
    heart.remove()
    assert node_ids(logics) == before
    assert logics.hierarchy.GetNumberOfItems() == items
    assert HeartNodes.find(logics, synthetic_browser) is None
