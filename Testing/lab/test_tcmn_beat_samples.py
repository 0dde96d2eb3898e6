from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from a_beat import ED, ES, a_beat

from medvos_lab.motion.flow import identity
from medvos_lab.tcmn.beat_samples import sample_beat_slice
from medvos_lab.tcmn.mix import USUAL

SIDE = 64  # of the crop of the hand-made beat
AT_REST = identity(SIDE).expand(1, 3, -1, -1, -1)
WHOLE = replace(USUAL, halves=0.0, at_once=0.0)


def test_frames_and_masks_are_those_of_the_beat():
    beat, rng = a_beat(), np.random.default_rng(0)
    labels, frames = beat.labels[:, *beat.box][:, 1], torch.from_numpy(beat.frames[:, 1]).float() / 255
    ends = {ED: labels[0], ES: labels[1]}
    starts = set()
    for _ in range(8):
        images, targets, judged = sample_beat_slice([beat], 1, AT_REST, WHOLE, rng)
        phases = [int((frames - image).abs().amax((1, 2)).argmin()) for image in images[0]]
        assert {phases[0], phases[2]} == {ED, ES} and phases[1] not in (ED, ES)
        assert judged.tolist() == [[True, False, True]]
        label = np.unique(ends[phases[0]][targets[0, 0].numpy() == 1])
        assert len(label) == 1
        for frame in (0, 2):
            np.testing.assert_array_equal(targets[0, frame].numpy() == 1, ends[phases[frame]] == label[0])
        starts.add(phases[0])
    assert starts == {ED, ES}


def test_two_structures_have_a_slot_each():
    _, targets, _ = sample_beat_slice([a_beat()], 2, AT_REST, WHOLE, np.random.default_rng(1))
    assert targets[0, 0].unique().tolist() == [0, 1, 2]


def test_a_slice_without_a_structure_at_es_is_not_taken():
    beat = a_beat()
    labels = beat.labels.copy()
    labels[1, 1:3] = 0
    rng = np.random.default_rng(2)
    for _ in range(10):
        _, targets, _ = sample_beat_slice([replace(beat, labels=labels)], 1, AT_REST, WHOLE, rng)
        assert (targets[0, 0] == 1).any() and (targets[0, 2] == 1).any()
