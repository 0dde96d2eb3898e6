"""From frames to samples."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from training_studies import a_cavity_study, a_study

from medvos.structures import LV, MYO, RV
from medvos_lab import augment
from medvos_lab.augment import assign_slots, choose_structures, make_sample, vary_grey


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture
def no_probability(monkeypatch: pytest.MonkeyPatch) -> np.random.Generator:
    """A generator of zeros and a transform that leaves everything in place."""
    monkeypatch.setattr(augment, "affine", lambda rng, strong: np.eye(2))
    monkeypatch.setattr(augment, "displacement", lambda side, rng: torch.zeros(side, side, 2))

    class Zeros:
        def normal(self, mean, spread, size=None):
            return np.zeros(size or ())

        def random(self):
            return 0.99

    return Zeros()  # type: ignore[return-value]


def test_without_a_transform_the_sample_is_the_crop_round_the_seed(no_probability):
    study = a_study()
    study.labels[:, :, :16] = 0  # the box round the seed is then centred on a pixel
    rows, cols = np.nonzero(study.labels[0])
    y, x = (rows.min() + rows.max()) / 2, (cols.min() + cols.max()) / 2
    assert y.is_integer() and x.is_integer()
    crop = (slice(int(y) - 15, int(y) + 16), slice(int(x) - 15, int(x) + 16))
    sample = make_sample(study, (0, 8, 9), 31, no_probability)
    np.testing.assert_array_equal(sample.labels[0].numpy(), study.labels[0][crop])
    expected = study.images[[8, 8, 9]][:, *crop] / 255  # no slice below the first
    np.testing.assert_allclose(sample.images[1].numpy(), expected, atol=1e-4)


def test_frames_come_with_their_neighbours_along_z(no_probability):
    study = a_study()
    sample = make_sample(study, (3, 11, 12), 16, no_probability)
    greys = (sample.images.amin((2, 3)) * 255).round() % 60
    assert greys.tolist() == [[3, 4, 5], [11, 12, 13], [12, 13, 14]]  # grey is the number plus one


@pytest.mark.parametrize(
    ("index", "flip", "drop", "expected"),
    [
        (3, False, False, [2, 3, 4]),
        (3, True, False, [4, 3, 2]),
        (3, True, True, [3, 3, 3]),
        (0, False, False, [0, 0, 1]),
        (7, False, False, [6, 7, 7]),  # the next frame is another phase's
    ],
)
def test_the_stack_is_shown_either_way_up_or_not_at_all(index, flip, drop, expected):
    assert augment.context(a_study(), index, flip, drop) == expected


def test_images_and_labels_are_warped_alike():
    study = a_study()
    for seed in range(10):
        sample = make_sample(study, (1, 2, 9), 64, rng(seed))
        assert sample.images.shape == (3, 3, 64, 64)
        assert sample.labels.shape == (3, 64, 64)
        assert 0 <= sample.images.min() <= sample.images.max() <= 1
        middle = sample.images[:, 1] * 255
        for label in (RV, MYO, LV):
            inside = middle[sample.labels == label]
            assert abs(inside.median() - (60 * label + 6)) < 12


def test_phases_of_one_slice_share_one_transform():
    study = a_study()
    for seed in range(5):
        sample = make_sample(study, (2, 10, 3), 64, rng(seed))
        assert (sample.labels[0] == sample.labels[1]).all()
        assert (sample.labels[0] != sample.labels[2]).any()


def test_asked_for_are_only_structures_that_the_seed_shows():
    study = a_study()
    labels = torch.zeros(3, 8, 8, dtype=torch.int64)
    labels[0, 0], labels[1, 1], labels[2, 2] = LV, MYO, RV
    assert {tuple(choose_structures(study.structures, labels, rng(seed))) for seed in range(20)} == {(LV,)}
    labels[0, 1], labels[0, 2] = MYO, RV
    asked = [tuple(choose_structures(study.structures, labels, rng(seed))) for seed in range(200)]
    assert {len(some) for some in asked} == {1, 2, 3}
    assert 0.7 < np.mean([some == (RV, MYO, LV) for some in asked]) < 0.9


def test_what_a_study_did_not_judge_is_never_asked_for():
    labels = torch.tensor([[[RV, MYO, LV]]]).expand(3, -1, -1)
    assert {tuple(choose_structures(a_cavity_study().structures, labels, rng(seed))) for seed in range(50)} == {(LV,)}


def test_structures_have_their_own_slots_most_of_the_time():
    slots = [assign_slots([RV, LV], 3, False, rng(seed)) for seed in range(300)]
    assert np.mean([found == {RV: 0, LV: 2} for found in slots]) > 0.9
    assert any(found[LV] == 0 for found in slots)
    assert all(len(set(found.values())) == 2 for found in slots)


def test_scattered_structures_reach_every_slot():
    slots = [assign_slots([RV, MYO, LV], 6, True, rng(seed)) for seed in range(100)]
    assert {slot for found in slots for slot in found.values()} == set(range(6))
    assert all(len(set(found.values())) == 3 for found in slots)


def test_grey_varies_within_bounds_and_differs_from_draw_to_draw():
    torch.manual_seed(0)
    images = torch.rand(3, 3, 32, 32)
    first, second = vary_grey(images, rng(0)), vary_grey(images, rng(1))
    for varied in (first, second):
        assert varied.shape == images.shape
        assert 0 <= varied.min() <= varied.max() <= 1
        assert np.corrcoef(varied.flatten(), images.flatten())[0, 1] > 0.7
    assert not torch.allclose(first, second)
