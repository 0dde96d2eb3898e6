"""Choosing the short-axis stack."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cine_files import FOUR_CHAMBER, SHORT_AXIS, a_frame, normal

from medvos.cine.dicom_groups import groups_of
from medvos.cine.dicom_order import in_time
from medvos.cine.dicom_protocol import Protocol
from medvos.cine.dicom_slices import Slice
from medvos.cine.dicom_views import choose_stack
from medvos.errors import InputError

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def a_slice(place=0.0, series=1, orientation=SHORT_AXIS, phases=5, description="", **more) -> Slice:
    frame = {
        "position": place * normal(orientation),
        "orientation": np.array(orientation),
        "series": str(series),
        "series_number": series,
        "description": description,
        **more,
    }
    return Slice(in_time([a_frame(trigger=40.0 * t, **frame) for t in range(phases)]))


def replaced(slice_: Slice, **changes) -> Slice:
    """The same slice with other headers."""
    return Slice(in_time([replace(frame, **changes) for frame in slice_.frames]))


def a_stack(slices=5, spacing=8.0, **values) -> list[Slice]:
    return [a_slice(z * spacing, **values) for z in range(slices)]


def chosen(slices: list[Slice]) -> tuple[list[Slice], list[str]]:
    choice = choose_stack(groups_of(slices))
    return list(choice.stack), choice.notes


def test_the_short_axis_stack_wins_over_a_larger_axial_one():
    stack, notes = chosen([*a_stack(20, series=2, orientation=AXIAL), *a_stack(6)])
    assert len(stack) == 6 and {one.first.series for one in stack} == {"1"}
    assert notes == ["Left out series 2: another orientation than the short-axis stack."]


def test_without_a_short_axis_stack_the_largest_stack_is_taken():
    stack, _ = chosen([*a_stack(4, orientation=AXIAL), a_slice(series=2, orientation=FOUR_CHAMBER)])
    assert len(stack) == 4


def test_a_lone_short_axis_slice_wins_over_long_axis_views():
    stack, _ = chosen([a_slice(), a_slice(series=2, orientation=FOUR_CHAMBER)])
    assert [one.first.series for one in stack] == ["1"]


def test_several_long_axis_views_alone_leave_the_choice_to_the_user():
    two_chamber = (-0.6214, 0.7835, -0.0047, 0.0391, 0.025, -0.9989)
    with pytest.raises(InputError, match=r"several single views.*series 2, series 3"):
        chosen([a_slice(series=2, orientation=FOUR_CHAMBER), a_slice(series=3, orientation=two_chamber)])


def test_a_repeated_slice_is_taken_from_the_latest_series_and_it_is_said():
    singles = [a_slice(8.0 * z, series=z + 1) for z in range(4)]
    stack, notes = chosen([*singles, a_slice(8.0, series=9)])
    assert [one.first.series for one in stack] == ["1", "9", "3", "4"]
    assert notes == ["Left out series 2: the same place was acquired again in another series."]


def test_slices_of_another_protocol_between_the_stack_are_left_out():
    tagging = [a_slice(z, series=5, description="tagging") for z in (3.0, 13.0)]
    stack, notes = chosen([*a_stack(6, description="cine sax"), *tagging])
    assert len(stack) == 6 and "between the slices" in notes[0]


def test_images_that_were_computed_from_others_do_not_displace_the_cine():
    derived = a_stack(6, series=9, protocol=Protocol("cine sax", derived=True))
    stack, notes = chosen([*a_stack(6, protocol=Protocol("cine sax")), *derived])
    assert {one.first.series for one in stack} == {"1"} and "Left out series 9" in notes[0]


def test_slices_of_another_header_that_fill_the_stack_are_a_part_of_it():
    protocols = [Protocol("cine sax", echo_time=1.2 if z < 3 else 1.7) for z in range(6)]
    slices = [a_slice(8.0 * z, series=z + 1, protocol=protocol) for z, protocol in enumerate(protocols)]
    stack, notes = chosen(slices)
    assert len(stack) == 6 and "taken as a part of it" in notes[0] and not any("Left out" in note for note in notes)


def test_flow_beyond_the_end_of_the_stack_is_no_part_of_it():
    flow = a_slice(48.0, series=9, protocol=Protocol("Flow_AoV", sequence="*fl2d1"))
    stack, notes = chosen([*a_stack(6, protocol=Protocol("cine", sequence="*tfi2d1")), flow])
    assert len(stack) == 6 and "flow" in notes[0]


def test_stills_at_the_same_place_are_left_out():
    stack, notes = chosen([*a_stack(4), a_slice(8.0, series=7, phases=1)])
    assert len(stack) == 4 and notes == ["Left out series 7: it has one phase only."]


def test_a_slice_of_the_stack_with_a_single_phase_is_refused():
    for place in (1, 4):
        slices = [a_slice(8.0 * z, phases=1 if z == place else 2) for z in range(5)]
        with pytest.raises(InputError, match="The slice of a in series 1 has one phase and the others 2"):
            chosen(slices)


def test_stills_alone_are_a_localiser_or_a_volume():
    with pytest.raises(InputError, match="localiser"):
        chosen([a_slice(phases=1), a_slice(phases=1, orientation=FOUR_CHAMBER)])
    with pytest.raises(InputError, match="3D volume"):
        chosen(a_stack(4, phases=1))


def test_perfusion_alone_is_no_cine():
    frames = [a_frame(trigger=800.0 * t) for t in range(30)]
    with pytest.raises(InputError, match="many heart beats"):
        chosen([Slice(in_time(frames))])


def test_a_stack_that_is_called_tagging_does_not_stand_for_a_cine_of_one_slice():
    tagged = a_stack(4, series=2, description="SA tagging", protocol=Protocol("SA tagging"))
    stack, notes = chosen([a_slice(8.0, description="SAX cine", protocol=Protocol("SAX cine")), *tagged])
    assert [one.first.series for one in stack] == ["1"]
    assert "another protocol (tagging)" in notes[0]


def test_a_stack_of_another_protocol_is_not_read_instead_of_one_that_cannot_be_read():
    tagged = a_stack(4, series=2, protocol=Protocol("SA tagging"))
    again = a_stack(4, series=3, protocol=Protocol("SAX again", sequence="*other"))
    cine = a_stack(5, protocol=Protocol("SAX cine", sequence="*tfi2d1"))
    assert choose_stack(groups_of([*cine, *tagged])).instead == ()
    assert choose_stack(groups_of([*cine, *tagged, *again])).instead == (3,)


def test_series_of_one_reason_are_named_in_one_sentence():
    again = [a_slice(8.0 * z, series=9 - z, description="SAX") for z in range(3)]
    singles = [a_slice(8.0 * z, series=20 + z, description="SAX") for z in range(4)]
    lax = [a_slice(series=30 + k, orientation=FOUR_CHAMBER, description=name) for k, name in enumerate("ab")]
    _, notes = chosen([*again, *singles, *lax])
    assert notes == [
        "Left out series 30 'a': another orientation than the short-axis stack.",
        "Left out series 31 'b': another orientation than the short-axis stack.",
        "Left out series 7, 8 and 9 'SAX': the same place was acquired again in another series.",
    ]


def test_every_second_slice_in_a_series_of_another_description_is_a_part_of_the_stack():
    even = a_stack(3, spacing=16.0, protocol=Protocol("SAX even", thickness=8.0))
    odd = [a_slice(16.0 * z + 8, series=2, protocol=Protocol("SAX odd", thickness=8.0)) for z in range(3)]
    stack, notes = chosen([*even, *odd])
    assert len(stack) == 6 and "taken as a part of it" in notes[0]


def test_images_of_the_stacks_own_series_in_another_orientation_are_counted():
    stack, notes = chosen([*a_stack(5), a_slice(40.0, orientation=FOUR_CHAMBER)])
    assert len(stack) == 5
    assert notes == ["Left out 5 images of series 1: another orientation than the short-axis stack."]


def test_images_of_a_second_filming_within_the_series_are_counted():
    first = a_stack(6, protocol=Protocol("cine", thickness=8.0))
    again = [a_slice(8.0 * z + 2.7, protocol=Protocol("cine", thickness=8.0)) for z in range(6)]
    again = [replaced(slice_, order=(0.0, 2.0, 100.0, 0)) for slice_ in again]
    stack, notes = chosen([*first, *again])
    assert len(stack) == 6 and notes == ["Left out 30 images of series 1: the stack was filmed again there."]


def test_places_that_the_stack_does_not_show_are_counted():
    later = [a_slice(8.0 * z + 12.5, series=9) for z in range(6)]
    stack, notes = chosen([*a_stack(6), *later])
    assert {one.first.series for one in stack} == {"9"}
    assert "The slices left out show 2 places that lie beyond or between those of the stack." in notes


def test_the_stack_at_rest_is_used_though_the_one_under_stress_has_a_slice_more():
    stress = a_stack(6, series=2, protocol=Protocol("SAX CINE Adenosin"))
    stack, notes = chosen([*a_stack(5, protocol=Protocol("SAX CINE")), *stress])
    assert {one.first.series for one in stack} == {"1"}
    assert notes == ["Left out series 2: it was acquired under stress, and the stack at rest was used."]


def test_stacks_of_several_long_axis_views_leave_the_choice_to_the_user():
    two_chamber = (-0.6214, 0.7835, -0.0047, 0.0391, 0.025, -0.9989)
    views = [*a_stack(3, series=2, orientation=FOUR_CHAMBER), *a_stack(3, series=3, orientation=two_chamber)]
    with pytest.raises(InputError, match=r"several views and no short-axis stack \(series 2, series 3\).*--series"):
        chosen(views)
    stack, notes = chosen([*views, *a_stack(8, series=4, orientation=AXIAL)])
    assert {one.first.series for one in stack} == {"4"} and "none is a short-axis stack" in notes[0]
