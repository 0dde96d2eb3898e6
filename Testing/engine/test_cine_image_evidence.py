"""What images tell of time."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from medvos.cine.image_evidence import (
    beat_length,
    brightness_change,
    distances,
    likeness,
    roughness,
    shows_passes,
    sudden_steps,
)


@cache
def beat(count=25, beats=1.0, noise=0.03, seed=0):
    """(T, 80, 80), not to be changed: a bright disk that contracts and fills again, as a ventricle does, and noise."""
    y, x = np.mgrid[:80, :80] - 40
    radius = 20 - 7 * np.sin(np.pi * np.mod(np.arange(count) * beats / count, 1)) ** 2
    disk = 1 / (1 + np.exp((np.hypot(y, x)[None] - radius[:, None, None]) / 1.5))
    images = disk + np.random.default_rng(seed).normal(0, noise, disk.shape)
    images.flags.writeable = False
    return images


def test_the_order_of_a_beat_is_smooth_and_a_random_one_is_not():
    images = beat()
    shuffled = images[np.random.default_rng(1).permutation(25)]
    assert roughness(distances(images)) < 0.55 < 0.8 < roughness(distances(shuffled))


def test_few_or_equal_pictures_tell_no_order():
    assert roughness(distances(beat(5))) is None
    assert roughness(distances(np.ones((12, 40, 40)))) is None


@pytest.mark.parametrize("beats", [1.2, 1.3, 1.45, 1.6, 2.0, 2.5, 4.0])
def test_several_beats_tell_the_length_of_one(beats):
    assert beat_length(distances(beat(round(20 * beats), beats))) == pytest.approx(20, abs=0.7)


@pytest.mark.parametrize("part", [0.6, 0.85, 1.0, 1.1])
def test_about_one_beat_is_not_taken_for_several(part):
    assert beat_length(distances(beat(25, part))) is None


def test_real_hearts_are_smooth_and_show_one_beat(data_folder):
    from medvos.cine.read import read

    for folder in ("sunnybrook_4d/SCD0000101/dicom", "sunnybrook_4d/SCD0000301/dicom", "cine_multi_series/patient1"):
        cine = read(data_folder / folder)
        inner = [distances(cine.array[:, z]) for z in range(1, cine.shape[1] - 1)]
        assert max(roughness(one) for one in inner) < 0.55
        assert {beat_length(one) for one in inner} == {None}


def test_brightness_that_comes_and_goes_is_seen():
    images = 1 + beat()
    assert brightness_change(images) < 0.5 < 1 < brightness_change(images * np.linspace(0.2, 2, 25)[:, None, None])


def test_repeats_are_alike_and_a_phase_picture_is_not():
    again, other = beat(seed=0), beat(seed=1)
    assert likeness(again[3], other[3]) > 0.9
    assert abs(likeness(again[3], np.random.default_rng(0).normal(size=(80, 80)))) < 0.3


def test_an_order_as_text_makes_sudden_steps_and_a_beat_makes_none():
    images = beat(40)
    text = sorted(range(40), key=lambda t: str(t + 1))
    assert sudden_steps(distances(images)) == 0 and sudden_steps(distances(images[text])) >= 2


def test_two_passes_show_the_same_phases_and_halves_of_a_beat_do_not():
    images = beat(40)
    failed = (np.roll(images, 6, 1) + np.roll(images, -6, 2)) / 2
    assert shows_passes(distances(np.concatenate([failed, images])), np.split(np.arange(80), 2))
    assert not shows_passes(distances(images), np.split(np.arange(40), 2))
