"""Protocols that are told apart, and those that are one."""

from __future__ import annotations

import pytest

from medvos.cine.dicom_protocol import Protocol, same_protocol


def test_numbers_in_names_do_not_part_slices():
    assert same_protocol(Protocol("SAX_1", sequence="*tfi2d1_15"), Protocol("SAX_2", sequence="*tfi2d1_12"))


def test_another_sequence_is_another_protocol_whatever_its_name():
    assert not same_protocol(Protocol("cine", sequence="*tfi2d1_15"), Protocol("cine", sequence="*fl2d1_15"))


def test_one_sequence_under_two_names_is_one_protocol():
    assert same_protocol(Protocol("SAX base", sequence="*tfi2d1"), Protocol("SAX apex", sequence="*tfi2d1"))


def test_names_alone_part_where_nothing_else_is_told():
    assert not same_protocol(Protocol("cine sax"), Protocol("something else"))


def test_other_echo_times_are_another_protocol():
    assert not same_protocol(Protocol("cine", echo_time=1.5), Protocol("cine", echo_time=4.6))


@pytest.mark.parametrize(
    ("name", "protocol"),
    [
        ("SA_TFL_SR_dynamic", "perfusion"),
        ("MOLLI_5(3)3_SAX", "a map of T1"),
        ("T2Map_SAX", "a map of T2"),
        ("PSIR_high-res_SAX", "late enhancement"),
        ("Flow_retro_AoV", "flow"),
        ("cine_trufi_retro_SAX", ""),
        ("SA_CINE_FIESTA", ""),
        ("sBTFE_BH SA", ""),
        ("cine_tf2d15_retro_iPAT", ""),
        ("CINE SAX post perfusion", ""),
        ("SAX cine tagging", "tagging"),
    ],
)
def test_names_tell_protocols_by_which_no_cine_is_acquired(name, protocol):
    assert Protocol(name).other_than_cine == protocol
