"""Finding end-diastole and a mid-ventricular slice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medvos.cine.find import find_seed_place
from medvos.errors import InputError
from medvos.structures import LV
from medvos.synth.heart import synthetic_heart
from medvos_lab.bench.protocol import prepare
from medvos_lab.datasets import acdc_cases, sunnybrook_4d


@pytest.mark.parametrize("number", [1, 4, 6])
@pytest.mark.parametrize("turn", [0, 7])
def test_a_synthetic_heart_is_found_whenever_its_beat_begins(number, turn):
    heart = synthetic_heart(number, shape=(15, 9, 96, 96), spacing=(10.0, 2.4, 2.4))
    cine = replace(heart.cine, array=np.roll(heart.cine.array, turn, 0))
    volume = np.roll(heart.volumes_ml["LV"], turn)
    place = find_seed_place(cine)
    assert volume[place.phase] > 0.93 * volume.max()
    cavity = heart.labels[0] == LV
    levels = np.flatnonzero(cavity.any((1, 2)))
    assert 0.25 <= (place.slice - levels[0]) / (levels[-1] - levels[0]) <= 0.75
    rows, cols = np.nonzero(cavity[place.slice])
    assert np.hypot(place.centre[0] - rows.mean(), place.centre[1] - cols.mean()) * 2.4 < 45


def test_nothing_moves_and_nothing_breaks():
    heart = synthetic_heart(1, shape=(6, 6, 64, 64), spacing=(16.0, 3.0, 3.0))
    still = replace(heart.cine, array=np.ones_like(heart.cine.array))
    place = find_seed_place(still)
    assert 0 <= place.phase < 6
    assert place.slice in (2, 3)


@pytest.mark.parametrize("mm", [0.005, 900.0])
def test_pixels_of_no_human_heart_are_refused(mm):
    heart = synthetic_heart(1, shape=(2, 2, 64, 64), spacing=(16.0, 3.0, 3.0))
    with pytest.raises(InputError, match=r"0\.1 to 10 mm"):
        find_seed_place(replace(heart.cine, affine=heart.cine.affine @ np.diag([1.0, mm / 3.0, 1.0, 1.0])))


def test_in_real_hearts_it_is_end_diastole_and_every_structure_is_there(data_folder: Path):
    for number, case in enumerate(acdc_cases(data_folder, "validation")):
        if number % 3 == 0:
            place = find_seed_place(case.cine)
            assert place.phase == 0, case.name
            assert set(np.unique(case.labels[0, place.slice])) == {0, 1, 2, 3}, case.name
    for case in sunnybrook_4d(data_folder):
        trial, place = prepare(case), find_seed_place(case.cine)
        steps = abs(place.phase - trial.ed)
        assert min(steps, len(case.cine.times) - steps) <= 2
        assert abs(place.slice - trial.slice) <= 1
