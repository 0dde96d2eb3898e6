"""Verdicts on what was read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from medvos.cine.cine import Cine
from medvos_lab.mutations.judge import Verdict, aligned, compared, match, with_notes

TRUE = {"LVEF": 60.0, "LVEDV": 100.0, "heart rate": 70.0}


@pytest.fixture
def cine() -> Cine:
    array = np.random.default_rng(0).normal(100, 20, (4, 3, 12, 10)).astype(np.float32)
    return Cine(array, np.diag([1.5, 1.5, 8.0, 1.0]), np.arange(4) * 200.0, 800.0)


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, Verdict.EQUAL),
        ({"LVEF": 60.9}, Verdict.EQUAL),
        ({"LVEF": 62.0}, Verdict.NEAR),
        ({"LVEF": 63.5}, Verdict.WRONG),
        ({"LVEDV": 104.0}, Verdict.WRONG),
        ({"heart rate": 35.0}, Verdict.WRONG),
        ({"heart rate": None}, Verdict.EQUAL),
        ({"LVEF": 64.0, "LVEDV": 102.0}, Verdict.WRONG),
    ],
)
def test_numbers_are_compared_with_the_true_ones(changed, verdict):
    assert compared(TRUE | changed, TRUE)[0] is verdict


def test_a_note_excuses_a_wrong_number_only_where_it_names_the_cause():
    notes = ["Left out series 3: it has one phase only."]
    assert with_notes(Verdict.WRONG, "LVEF", notes, "heart rate").verdict is Verdict.WRONG
    assert (
        with_notes(Verdict.WRONG, "LVEF", [*notes, "The heart rate is not known."], "heart rate").verdict
        is Verdict.NOTED
    )
    assert with_notes(Verdict.EQUAL, "", notes, "heart rate").verdict is Verdict.EQUAL


def test_images_are_found_again_whatever_their_place_and_greys(cine):
    order = np.array([2, 0, 3, 1])
    found = match(replace(cine, array=3 * cine.array[order] + 50), cine)
    assert found.complete
    assert not found.same_as((4, 3))
    np.testing.assert_array_equal(found.phase, np.repeat(order[:, None], 3, 1))
    assert match(cine, cine).same_as((4, 3))


def test_inverted_images_are_not_those_of_the_cine(cine):
    assert (match(replace(cine, array=-cine.array), cine).phase < 0).all()


def test_axes_are_turned_back_by_the_affine(cine):
    affine = cine.affine.copy()
    affine[:3, 3] += affine[:3, 0] * (cine.shape[3] - 1)
    affine[:3, 0] *= -1
    flipped = replace(cine, array=cine.array[..., ::-1], affine=affine)
    turned = replace(cine, array=cine.array.swapaxes(2, 3), affine=cine.affine[:, [1, 0, 2, 3]])
    for changed in (flipped, turned):
        back = aligned(changed, cine)
        np.testing.assert_array_equal(back.array, cine.array)
        np.testing.assert_allclose(back.affine, cine.affine)
