from __future__ import annotations

import numpy as np

from medvos.report.labels_digest import LabelsDigest, labels_digest


def test_one_label_or_another_shape_is_another_digest():
    labels = np.zeros((2, 3, 4, 5), np.uint8)
    other = labels.copy()
    other[1, 2, 3, 4] = 101
    assert len({labels_digest(labels), labels_digest(other), labels_digest(labels.reshape(2, 3, 5, 4))}) == 3


def test_frames_that_are_added_one_by_one_have_the_digest_of_the_whole_in_any_order_of_memory():
    labels = np.random.default_rng(0).integers(0, 4, (6, 1, 4, 5), np.uint8)
    digest = LabelsDigest(labels.shape)
    for frame in labels[:, 0]:
        digest.add(np.asfortranarray(frame))
    assert digest.sha256 == labels_digest(labels) == labels_digest(np.asfortranarray(labels))
