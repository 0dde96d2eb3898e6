"""Studies with all phases: labels between ED and ES, and patients that are left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from a_beat import ED, ES, PHASES, a_beat, a_beat_study
from tiny_network import TINY

from medvos.structures import LV
from medvos_lab.cstm_beats.studies import beat_studies


def test_targets_between_ed_and_es_are_between_them(tmp_path):
    study = a_beat_study(tmp_path)
    chains = study.chain(ED, 2), study.chain(ES, 2)
    labels = study.labels(ED, 2), study.labels(ES, 2)
    areas = (study.interpolated(chains, labels, list(range(PHASES))) == LV).sum((1, 2))
    assert areas[ED] == (labels[0] == LV).sum() and areas[ES] == (labels[1] == LV).sum()
    assert (np.diff(areas[: ES + 1].astype(int)) <= 0).all()


def test_the_motion_does_not_depend_on_the_number_of_processes(tmp_path):
    beats = [a_beat(), replace(a_beat(), name="patient002")]
    alone, others = (beat_studies(beats, tmp_path / str(workers), TINY, workers) for workers in (1, 2))
    assert [study.beat.name for study in others] == ["patient001", "patient002"]
    for one, other in zip(alone, others, strict=True):
        np.testing.assert_array_equal(one.motion, other.motion)
        assert one.motion.any()


def test_a_crop_that_misses_the_heart_is_left_out(tmp_path):
    beat = a_beat()
    beside = replace(beat, corner=(1, 0, 40), frames=beat.frames[:, :, :20, :20])
    assert [study.beat is beat for study in beat_studies([beside, beat], tmp_path, TINY)] == [True]
