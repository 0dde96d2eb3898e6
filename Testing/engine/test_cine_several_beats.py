"""One beat out of several, and times that contradict the header."""

from __future__ import annotations

import numpy as np
import pytest
from test_cine_image_evidence import beat

from medvos.cine.cine import Cine, Source
from medvos.cine.common_phases import SlicePhases
from medvos.cine.several_beats import first_beat_of, one_beat


def phases(count, step=40.0, interval=800.0):
    return SlicePhases(None if step is None else step * np.arange(count), np.arange(1.0, count + 1), interval)


@pytest.mark.parametrize(("step", "interval"), [(40.0, 800.0), (40.0, None), (None, 800.0), (None, None)])
def test_the_first_of_several_beats_is_kept_and_it_is_said(step, interval):
    found = one_beat([phases(60, step, interval)] * 3, [beat(60, 3.0, seed=z) for z in range(3)])
    assert [len(kept) for kept in found.kept] == [20] * 3 and found.rate_known
    assert "3.0 beats" in found.notes[0]
    if step:
        assert found.phases[0].interval == pytest.approx(800.0)


def test_slices_of_other_heart_rates_keep_one_beat_each():
    slices = [phases(60, 40.0, interval) for interval in (760.0, 800.0, 840.0)]
    found = one_beat(slices, [beat(60, 2400 / slice_.interval) for slice_ in slices])
    assert [len(kept) for kept in found.kept] == [19, 20, 21]


def test_one_beat_is_left_as_it_is():
    found = one_beat([phases(20)], [beat(20)])
    assert len(found.kept[0]) == 20 and found.notes == () and found.rate_known


@pytest.mark.parametrize("interval", [400.0, 1600.0])
def test_a_heart_rate_that_contradicts_the_times_and_the_pictures_is_not_known(interval):
    found = one_beat([phases(20, 40.0, interval)], [beat(20)])
    assert not found.rate_known and "the heart rate is not known" in found.notes[0]
    np.testing.assert_allclose(found.phases[0].triggers, 40.0 * np.arange(20))


def test_the_pause_of_prospective_gating_is_no_contradiction():
    found = one_beat([phases(16, 40.0, 1000.0)], [beat(16, 0.64)])
    assert found.rate_known and found.phases[0].interval == 1000.0


def test_a_volume_of_several_beats_is_cut_and_its_heart_rate_is_that_of_one():
    array = np.stack([beat(50, 2.5, seed=z) for z in range(3)], 1).astype(np.float32)
    cine = Cine(array, np.eye(4), 40.0 * np.arange(50), 2000.0, Source(kind="nifti", heart_rate=30.0))
    cut = first_beat_of(cine)
    assert cut.shape[0] == 20 and cut.period == 800.0 and cut.source.heart_rate == 75.0
    assert "2.5 beats" in cut.source.notes[0]


def test_a_volume_is_cut_by_most_of_its_slices_not_by_the_first():
    array = np.stack([beat(50, 2.5 if z else 2.95, seed=z) for z in range(4)], 1).astype(np.float32)
    cine = Cine(array, np.eye(4), 40.0 * np.arange(50), 2000.0, Source(kind="nifti", heart_rate=30.0))
    cut = first_beat_of(cine)
    assert cut.shape[0] == 20 and cut.source.heart_rate == 75.0
