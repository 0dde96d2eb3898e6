from __future__ import annotations

import numpy as np
import pytest
from labelled_heart import a_cine, a_labelled_heart, ring_labels
from scipy import ndimage

from medvos.cine.cine import Cine
from medvos.cine.seed import Seed, seed_from_array
from medvos.errors import InputError
from medvos.evaluate.metrics import dice
from medvos_lab.bench.baselines import BASELINES, copy_seed, optical_flow
from medvos_lab.bench.protocol import prepare

STEP = (0.8, -1.2)


@pytest.fixture(scope="module")
def a_drifting_heart() -> tuple[Cine, np.ndarray]:
    """A textured heart that drifts by a known step from slice to slice and swings over the beat."""
    texture = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=(48, 48)), 1.5) * 150
    still_labels = ring_labels(7, 11)
    still = texture + np.array([90, 180, 50, 220])[still_labels]
    labels, images = np.zeros((6, 3, 48, 48), np.uint8), np.zeros((6, 3, 48, 48))
    for t, z in np.ndindex(6, 3):
        along = 2 * np.sin(2 * np.pi * t / 6) + z
        shift = (STEP[0] * along, STEP[1] * along)
        images[t, z] = ndimage.shift(still, shift, order=1, mode="nearest")
        labels[t, z] = ndimage.shift(still_labels, shift, order=0)
    return a_cine(images), labels


def seed_at(cine: Cine, labels: np.ndarray, phase: int, at: int) -> Seed:
    drawn = np.zeros_like(labels)
    drawn[phase, at] = labels[phase, at]
    return seed_from_array(drawn, cine)


def test_copying_pastes_the_seed_everywhere(a_drifting_heart: tuple[Cine, np.ndarray]):
    cine, labels = a_drifting_heart
    found = copy_seed(cine, seed_at(cine, labels, 4, 1))
    assert found.shape == cine.shape and found.dtype == np.uint8
    assert (found == labels[4, 1]).all()


@pytest.mark.parametrize(("phase", "at"), [(0, 1), (4, 2)])
def test_optical_flow_follows_a_moving_heart(a_drifting_heart: tuple[Cine, np.ndarray], phase: int, at: int):
    cine, labels = a_drifting_heart
    seed = seed_at(cine, labels, phase, at)
    found, copied = optical_flow(cine, seed), copy_seed(cine, seed)
    for structure in (1, 2, 3):
        assert dice(found == structure, labels == structure) > 0.93
        assert dice(found == structure, labels == structure) > dice(copied == structure, labels == structure) + 0.05


def test_optical_flow_keeps_the_seed_as_drawn(a_drifting_heart: tuple[Cine, np.ndarray]):
    cine, labels = a_drifting_heart
    found = optical_flow(cine, seed_at(cine, labels, 3, 0))
    assert (found[3, 0] == labels[3, 0]).all()


def test_optical_flow_invents_no_structure(a_drifting_heart: tuple[Cine, np.ndarray]):
    cine, labels = a_drifting_heart
    left = np.where(labels == 1, 0, labels).astype(np.uint8)
    assert set(np.unique(optical_flow(cine, seed_at(cine, left, 0, 1)))) == {0, 2, 3}


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_work_on_two_phases(name: str):
    case = a_labelled_heart()
    two = Cine(case.cine.array[[2, 0]], case.cine.affine, np.array([0.0, 300.0]), 900.0)
    found = BASELINES[name](two, seed_at(two, case.labels[[2, 0]], 0, 2))
    assert found.shape == two.shape
    assert dice(found[1] == 2, case.labels[0] == 2) > 0.3


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_start_from_one_slice_alone(name: str):
    case = a_labelled_heart()
    labels = case.labels * (case.labels != 255)
    with pytest.raises(InputError, match="one drawn slice"):
        BASELINES[name](case.cine, seed_from_array(labels, case.cine))


def test_a_constant_image_is_no_harm_to_optical_flow():
    trial = prepare(a_labelled_heart())
    flat = Cine(np.full(trial.case.cine.shape, 7, np.float32), trial.case.cine.affine, trial.case.cine.times, 150.0)
    assert (optical_flow(flat, trial.seed) == copy_seed(flat, trial.seed)).all()
