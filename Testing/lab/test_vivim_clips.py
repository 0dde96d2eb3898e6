"""Clips of one slice."""

from __future__ import annotations

import numpy as np
import pytest
from test_vivim_heart_studies import a_contracting_study
from training_studies import a_cavity_study, a_study

from medvos.structures import LV
from medvos_lab.vivim import clips
from medvos_lab.vivim.clips import sample_clip
from medvos_lab.vivim.heart_studies import Heart, load_hearts

SIDE = 64


def samples(heart: Heart, frames: int, count: int = 20):
    return [sample_clip(heart, frames, SIDE, np.random.default_rng(seed)) for seed in range(count)]


@pytest.fixture(scope="module")
def contracting(tmp_path_factory) -> Heart:
    return load_hearts([a_contracting_study()], tmp_path_factory.mktemp("cache"))[0]


@pytest.mark.parametrize("frames", [1, 2, 5])
@pytest.mark.parametrize("study", [a_study(), a_study(phases=6, source="synthetic"), a_cavity_study()])
def test_a_clip_has_as_many_frames_as_asked_for(study, frames, tmp_path):
    (heart,) = load_hearts([study], tmp_path)
    for sample in samples(heart, frames, 5):
        assert sample.images.shape == (frames, 3, SIDE, SIDE)
        assert sample.labels.shape == (frames, SIDE, SIDE)
        assert sample.images.min() >= 0 and sample.images.max() <= 1


def test_real_phases_keep_their_order_round_the_beat(tmp_path):
    (heart,) = load_hearts([a_study(phases=6, slices=1 + 1, source="synthetic")], tmp_path)
    for sample in samples(heart, 3):
        grey = sample.images[:, 1].flatten(1).amax(1).numpy()  # the grey of a frame is its number
        turns = (np.diff(np.append(grey, grey[0])) < -1e-4).sum()
        assert turns <= 1


def test_frames_on_the_path_lie_between_ed_and_es(contracting):
    areas = np.array([(s.labels == LV).sum((1, 2)).numpy() for s in samples(contracting, 5)])
    spans = areas.max(1) / np.maximum(areas.min(1), 1)
    assert np.median(spans) > 1.5  # the LV shrinks to a third
    steps = np.abs(np.diff(areas, axis=1)).max(1) / areas.max(1)
    assert np.median(steps) < 0.6
    assert np.mean([len(np.unique(row)) > 2 for row in areas]) > 0.8


def test_labels_move_with_the_picture(contracting):
    for sample in samples(contracting, 5):
        bright = sample.images[:, 1] > 2.5 * 60 / 255
        lv = sample.labels == LV
        overlap = 2 * (bright & lv).sum() / (bright.sum() + lv.sum()).clamp(min=1)
        assert overlap > 0.85


def test_at_a_first_look_the_heart_lies_further_off(contracting, monkeypatch):
    def spread(first: float) -> float:
        monkeypatch.setattr(clips, "FIRST_LOOK", first)
        grids = [clips._placement(contracting, SIDE, np.random.default_rng(i)) for i in range(60)]
        return float(np.std([grid.mean((0, 1)).numpy() - contracting.centre for grid in grids]))

    assert spread(1.0) > 2 * spread(0.0)
