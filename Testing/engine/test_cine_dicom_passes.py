"""Stacks that were filmed twice, in parts, or slice by slice."""

from __future__ import annotations

import numpy as np
import pytest
from cine_files import a_frame, normal

from medvos.cine.dicom_order import in_time
from medvos.cine.dicom_passes import named_stack, stacks_of
from medvos.cine.dicom_protocol import Protocol
from medvos.cine.dicom_slices import Slice


def a_slice(mm, series, phases=10, instance=0, thickness=8.0, description="cine") -> Slice:
    frames = [
        a_frame(
            trigger=40.0 * t,
            position=mm * normal(),
            series=str(series),
            series_number=series,
            protocol=Protocol(description, thickness=thickness),
            order=(0.0, 1.0, 100.0 * instance + t + 1, 0),
        )
        for t in range(phases)
    ]
    return Slice(in_time(frames))


def places(stack):
    return [round(float(slice_.position @ normal()), 2) for slice_ in stack.slices]


@pytest.mark.parametrize("mm", [0.0, 0.4, 1.5, 4.0])
def test_two_series_of_one_stack_are_two_stacks_and_the_later_one_is_read(mm):
    first = [a_slice(8.0 * z, 5) for z in range(6)]
    again = [a_slice(8.0 * z + mm, 9) for z in range(6)]
    best, other = stacks_of([*first, *again])
    assert best.series == ["9"] and other.series == ["5"]
    assert {why for _, why in best.left_out} == {"the stack was filmed again there"}


def test_a_second_filming_of_a_part_does_not_replace_a_part():
    best, *_ = stacks_of([a_slice(8.0 * z, 5) for z in range(6)] + [a_slice(8.0 * z + 0.4, 9) for z in range(3)])
    assert best.series == ["5"] and len(best.slices) == 6


def test_a_series_that_goes_on_where_another_ends_is_one_stack_with_it():
    (stack,) = stacks_of([a_slice(8.0 * z, 5) for z in range(4)] + [a_slice(8.0 * z, 6) for z in range(4, 7)])
    np.testing.assert_allclose(places(stack), 8.0 * np.arange(7), atol=0.01)


@pytest.mark.parametrize("mm", [-7.0, -4.0, 2.0, 4.0, 6.0, 7.0])
def test_single_slices_filmed_again_are_not_mixed(mm):
    first = [a_slice(8.0 * z, 10 + z) for z in range(6)]
    again = [a_slice(8.0 * z + mm, 30 + z) for z in range(6)]
    best, other = stacks_of([*first, *again])
    assert sorted(best.series) == [str(30 + z) for z in range(6)] and len(other.slices) == 6


def test_a_repeated_breath_hold_replaces_the_failed_one_a_little_off_its_place():
    (stack,) = stacks_of([*(a_slice(8.0 * z, 10 + z) for z in range(6)), a_slice(16.6, 30)])
    assert stack.series == ["10", "11", "30", "13", "14", "15"]
    assert stack.left_out[0][1] == "the same place was acquired again in another series"


def test_a_repeat_that_broke_off_does_not_replace_the_whole():
    (stack,) = stacks_of([*(a_slice(8.0 * z, 10 + z) for z in range(6)), a_slice(16.0, 30, phases=3)])
    assert stack.series[2] == "12"


def test_series_that_the_user_names_are_one_stack():
    stack = named_stack([a_slice(16.0 * z, 5) for z in range(3)] + [a_slice(16.0 * z + 8, 9) for z in range(3)])
    np.testing.assert_allclose(places(stack), 8.0 * np.arange(6), atol=0.01)


def test_every_second_slice_in_a_series_of_its_own_is_one_stack():
    (stack,) = stacks_of([a_slice(16.0 * z, 5) for z in range(3)] + [a_slice(16.0 * z + 8, 9) for z in range(3)])
    np.testing.assert_allclose(places(stack), 8.0 * np.arange(6), atol=0.01)


def test_two_parts_that_share_a_slice_are_one_stack_with_the_later_one():
    (stack,) = stacks_of([a_slice(8.0 * z, 5) for z in range(4)] + [a_slice(8.0 * z, 9) for z in range(3, 7)])
    assert [slice_.first.series for slice_ in stack.slices] == ["5"] * 3 + ["9"] * 4


def test_a_stack_filmed_twice_within_one_series_is_two():
    first = [a_slice(8.0 * z, 5, instance=z) for z in range(6)]
    best, other = stacks_of([*first, *(a_slice(8.0 * z + 4, 5, instance=10 + z) for z in range(6))])
    assert len(best.slices) == len(other.slices) == 6
    np.testing.assert_allclose(np.diff(places(best)), 8.0, atol=0.01)


def test_a_slice_off_by_a_breath_does_not_cut_the_stack_short():
    slices = [a_slice(mm, series) for series, mm in enumerate((0.0, 19.4, 35.0, 52.5, 70.0, 87.5))]
    assert places(stacks_of(slices)[0]) == [0.0, 19.4, 35.0, 52.5, 70.0, 87.5]


@pytest.mark.parametrize("order", ["024135", "204135", "024531", "420531", "240135", "031425", "051423", "543210"])
@pytest.mark.parametrize("thickness", [8.0, 4.0, None])
def test_slices_in_series_of_their_own_are_one_stack_in_whatever_order_they_were_acquired(order, thickness):
    slices = [a_slice(8.0 * int(z), 10 + k, thickness=thickness) for k, z in enumerate(order)]
    (stack,) = stacks_of(slices)
    np.testing.assert_allclose(places(stack), 8.0 * np.arange(6), atol=0.01)
    assert not stack.left_out


@pytest.mark.parametrize("parts", [((0, 2, 4), (1, 3, 5)), ((0, 3), (1, 4), (2, 5)), ((0, 1, 2), (1, 2, 3, 4, 5))])
@pytest.mark.parametrize("thickness", [8.0, 4.0, None])
def test_series_whose_places_lie_side_by_side_are_one_stack_with_every_place(parts, thickness):
    slices = [a_slice(8.0 * z, 10 + k, thickness=thickness) for k, part in enumerate(parts) for z in part]
    (stack,) = stacks_of(slices)
    np.testing.assert_allclose(places(stack), 8.0 * np.arange(6), atol=0.01)


def test_a_whole_step_off_the_places_of_both_series_are_one_stack_with_the_later_slices():
    (stack,) = stacks_of([a_slice(8.0 * z, 5) for z in range(6)] + [a_slice(8.0 * z + 8, 9) for z in range(6)])
    assert [slice_.first.series for slice_ in stack.slices] == ["5"] + ["9"] * 6


@pytest.mark.parametrize("again", ["345", "135", "123", "012", "1234", "012345"])
def test_single_slices_acquired_again_replace_the_first_whatever_their_number(again):
    first = [a_slice(8.0 * z, 10 + z) for z in range(6)]
    best, *earlier = stacks_of([*first, *(a_slice(8.0 * int(z), 30 + int(z)) for z in again)])
    assert best.series == [str(30 + z if str(z) in again else 10 + z) for z in range(6)]
    assert sorted(slice_.first.series for slice_, _ in best.left_out) == [f"1{z}" for z in again]
    assert len(earlier) == (again == "012345")


def test_slices_acquired_again_before_the_rest_of_the_stack_replace_the_first():
    order = [0, 1, 2, 3, 1, 2, 3, 4, 5]
    (stack,) = stacks_of([a_slice(17.7 * z, 10 + k) for k, z in enumerate(order)])
    assert stack.series == ["10", "14", "15", "16", "17", "18"]


@pytest.mark.parametrize("again", [(2, 3, 4), (1, 2, 3, 4)])
def test_a_series_of_slices_at_the_very_places_of_others_replaces_these(again):
    (stack,) = stacks_of([a_slice(8.0 * z, 5) for z in range(6)] + [a_slice(8.0 * z, 9) for z in again])
    assert [slice_.first.series for slice_ in stack.slices] == ["9" if z in again else "5" for z in range(6)]


def test_a_stack_of_thick_slices_is_not_mixed_into_one_of_thin_slices():
    thin = [a_slice(4.0 * z, 5, thickness=4.0) for z in range(12)]
    best, other = stacks_of([*thin, *(a_slice(8.0 * z, 9) for z in range(6))])
    assert best.series == ["5"] and len(best.slices) == 12 and other.series == ["9"]


def test_a_filming_whose_slices_all_fit_another_one_is_not_emptied():
    depths = (32.0, 40.0, 24.0, 12.0, 8.0, 42.0, 16.0, 8.0, 0.0, 27.0)
    stacks = stacks_of([a_slice(mm, series) for series, mm in enumerate(depths)])
    assert all(stack.slices for stack in stacks)
    assert len(stacks[0].slices) + len(stacks[0].left_out) == len(depths)


def test_the_stack_at_rest_is_preferred_to_a_larger_one_under_stress():
    rest = [a_slice(8.0 * z, 5) for z in range(5)]
    best, other = stacks_of([*rest, *(a_slice(8.0 * z, 9, description="cine stress") for z in range(6))])
    assert best.series == ["5"] and other.series == ["9"]
    assert all("under stress" in why for _, why in best.left_out)
    best, *_ = stacks_of([*rest[:2], *(a_slice(8.0 * z, 9, description="cine stress") for z in range(6))])
    assert best.series == ["9"]
