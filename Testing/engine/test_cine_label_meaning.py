"""Labels without names, by how the structures lie to each other: right, refused, or a note, never silently another."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from label_drawings import HOUSE, SLICE, drawing
from labelled_heart import disk

from medvos.cine.label_image import LabelImage, in_own_numbers
from medvos.cine.label_meaning import by_anatomy
from medvos.cine.transforms import Transform
from medvos.errors import InputError

ORDER = {"rv": 1, "myo": 2, "lv": 3}


def understood(labels: np.ndarray, echo: bool = False) -> tuple[np.ndarray, tuple[str, ...]]:
    image = LabelImage(labels, (Transform("affine", np.eye(4)),))
    return in_own_numbers(labels, image, "The seed", echo=echo)


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_a_wall_that_encloses_a_cavity_tells_all_three(order):
    labels, notes = understood(drawing(*order))
    np.testing.assert_array_equal(labels, HOUSE)
    assert bool(notes) == (order != (3, 2, 1))
    for note in notes:
        lv, myo, rv = order
        assert f"label {myo} encloses label {lv}" in note and f"lv={lv},myo={myo},rv={rv}" in note


@pytest.mark.parametrize("numbers", [(100, 200, 300), (500, 205, 600), (85, 170, 255), (255, 127, 64)])
def test_greys_and_codes_of_a_plain_heart_are_taken_with_a_note(numbers):
    labels, notes = understood(drawing(*numbers))
    np.testing.assert_array_equal(labels, HOUSE)
    assert str(numbers[0]) in notes[0]


@pytest.mark.parametrize("pair", list(permutations((1, 2, 3), 2)))
def test_a_wall_with_its_cavity_is_known_in_all_numbers(pair):
    labels, _ = understood(drawing(lv=pair[0], myo=pair[1], rv=0))
    np.testing.assert_array_equal(labels, np.where(HOUSE == 1, 0, HOUSE))


@pytest.mark.parametrize("left_out", ["lv", "myo"])
@pytest.mark.parametrize("pair", list(permutations((1, 2, 3), 2)))
def test_two_structures_that_enclose_nothing_are_those_of_the_house_or_refused(left_out, pair):
    kept = [name for name in ORDER if name != left_out]
    numbers = dict(zip(kept, pair, strict=True)) | {left_out: 0}
    if all(numbers[name] == ORDER[name] for name in kept):
        labels, _ = understood(drawing(**numbers))
        np.testing.assert_array_equal(labels, np.where(ORDER[left_out] == HOUSE, 0, HOUSE))
    else:
        with pytest.raises(
            InputError, match=r"The seed has labels .*--labels lv=\.\.\.,myo=\.\.\.,rv=\.\.\. and their"
        ):
            understood(drawing(**numbers))


@pytest.mark.parametrize("label", [1, 2, 255, 300, 100])
def test_a_single_label_that_may_be_anything_is_asked_for(label):
    with pytest.raises(InputError, match=rf"label {label} alone .*--labels lv={label}"):
        understood(drawing(lv=label, myo=0, rv=0))


def test_a_single_label_3_is_the_lv_unless_it_is_a_ring_or_a_crescent():
    labels, notes = understood(drawing(3, 0, 0))
    assert set(np.unique(labels)) == {0, 3} and "taken as the LV" in notes[0]
    for other in (drawing(0, 3, 0), drawing(0, 0, 3)):
        with pytest.raises(InputError, match="--labels lv=3"):
            understood(other)


def test_a_ring_of_label_2_is_the_wall():
    labels, notes = understood(drawing(0, 2, 0))
    np.testing.assert_array_equal(labels == 2, HOUSE == 2)
    assert not notes


def test_an_infarct_in_the_wall_is_no_rv():
    labels = drawing(lv=1, myo=2, rv=0)
    labels[SLICE][disk(2, (24, 34)) & (labels[SLICE] == 2)] = 3
    with pytest.raises(InputError, match="labels 1, 2, 3"):
        understood(labels)


def test_the_atrium_of_an_apical_view_is_no_lv():
    """1 LV, 2 myocardium, 3 left atrium, as CAMUS has it: the wall is open at the valve."""
    view = np.zeros((1, 48, 48), np.int16)
    view[0][disk(14, (18, 24))] = 2
    view[0][disk(10, (18, 24))] = 1
    view[0, 26:] = 0
    view[0][disk(7, (34, 24))] = 3
    labels, notes = understood(view, echo=True)
    np.testing.assert_array_equal(labels == 3, view == 1)
    np.testing.assert_array_equal(labels == 4, view == 3)
    assert "3 as structure 4" in notes[0]


def test_structures_of_the_user_stay_as_they_are():
    labels = drawing()
    labels[SLICE][disk(3, (40, 40))] = 7
    assert (understood(labels)[0] == labels).all()
    own = np.where(labels == 7, 7, 0)
    found, notes = understood(own)
    assert (found == own).all() and "no ventricle is measured" in notes[0]
    assert "label 7 is followed as a structure of your own" in notes[0]
    atrium = drawing(0, 0, 101)
    atrium[SLICE][disk(3, (40, 40))] = 7
    assert "label 101 is the left atrium, label 7 is followed" in understood(atrium, echo=True)[1][0]


def test_what_lies_in_other_slices_is_judged_by_its_shape():
    labels = drawing(0, 2, 0)
    labels[SLICE + 1] = drawing(3, 0, 0)[SLICE]
    assert by_anatomy(labels, "The seed").numbers == {2: 2, 3: 3}


def test_nothing_that_surrounds_everything_is_a_wall():
    labels = drawing(1, 2, 0)
    labels[SLICE][(labels[SLICE] == 0) & disk(20)] = 3
    with pytest.raises(InputError, match="labels 1, 2, 3"):
        understood(labels)


def chosen(labels: np.ndarray, choice: dict[str, int], stated: dict[int, int] | None = None) -> tuple[str, ...]:
    image = LabelImage(labels, (Transform("affine", np.eye(4)),), stated=stated)
    return in_own_numbers(labels, image, "The seed", choice)[1]


def test_a_choice_against_the_drawing_is_followed_with_a_note():
    labels = drawing(3, 2, 1)  # LV, Myo, RV
    assert chosen(labels, {"1": 1, "2": 2, "3": 3}) == ()
    (note,) = chosen(labels, {"1": 1, "2": 3, "3": 2})
    assert "LV of the seed encloses Myo" in note


def test_a_choice_that_swaps_the_ventricles_is_refused_with_the_right_one():
    with pytest.raises(InputError, match=r"encloses the RV, .* outside of it: give --labels lv=3,myo=2,rv=1"):
        chosen(drawing(3, 2, 1), {"1": 3, "2": 2, "3": 1})


def test_a_choice_against_the_names_in_the_file_is_followed_with_a_note():
    (note,) = chosen(drawing(3, 2, 1), {"1": 1, "2": 3, "3": 2}, {1: 1, 2: 2, 3: 3})
    assert "label 2 Myo, label 3 LV" in note and "--labels was used" in note
