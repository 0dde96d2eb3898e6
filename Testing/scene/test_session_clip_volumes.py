"""The frames of a clip are measured as by the engine, each once until it changes."""

from __future__ import annotations

from types import SimpleNamespace

import clip_case
import numpy as np
import pytest

from medvos.measure.echo import lv_volume, measure_volumes
from medvos.measure.measure import measure
from MedVOSSegmentLib.session import clip_volumes as module
from MedVOSSegmentLib.session.clip_volumes import ClipVolumes
from MedVOSSegmentLib.session.label_cache import LabelCache


@pytest.fixture
def edit() -> SimpleNamespace:
    return SimpleNamespace(cine=clip_case.clip(), cache=LabelCache(clip_case.labels()))


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """An entry for each frame that is measured."""
    calls: list[int] = []

    def counted(labels, cine):
        calls.append(int(labels.sum()))
        return lv_volume(labels, cine)

    monkeypatch.setattr(module, "lv_volume", counted)
    return calls


def test_the_measures_are_those_of_the_engine(edit: SimpleNamespace):
    volumes, areas = ClipVolumes(edit).measured(edit.cine)
    found, expected = measure_volumes(volumes, edit.cine, areas), measure(edit.cache.labels, edit.cine, complete=True)
    assert found["LVEF"].value is not None
    assert {name: found[name].value for name in found.by_name} == {
        name: expected[name].value for name in expected.by_name
    }
    assert found.beats == expected.beats and found.doubts == expected.doubts


def test_only_a_frame_that_changed_is_measured_again(edit: SimpleNamespace, computed: list[int]):
    clip = ClipVolumes(edit)
    before, _ = clip.measured(edit.cine)
    assert len(computed) == clip_case.FRAMES
    smaller = edit.cache.labels[7].copy()
    smaller[:, :, :32] = 0
    edit.cache.update_phase(7, smaller)
    after, _ = clip.measured(edit.cine)
    assert len(computed) == clip_case.FRAMES + 1
    assert np.flatnonzero(before != after).tolist() == [7]


def test_steps_without_time_measure_one_frame_each(edit: SimpleNamespace, computed: list[int]):
    clip = ClipVolumes(edit)
    for count in range(1, clip_case.FRAMES):
        assert not clip.step(edit.cine, until=0.0)
        assert len(computed) == count
    assert clip.step(edit.cine, until=0.0)
    assert len(computed) == clip_case.FRAMES
