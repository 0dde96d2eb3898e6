"""Keeping the patient out of messages."""

from __future__ import annotations

import pytest

from medvos.cine.privacy import identifiers_in, without


def test_names_and_numbers_of_all_headers_are_gathered():
    headers = [{"PatientName": "Doe^Jane Q", "PatientID": "AB12345"}, {"PatientName": "Li^王", "PatientID": "7"}, {}]
    assert identifiers_in(headers) == {"doe", "jane", "ab12345", "王"}


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("DOE_JANE/IM1 is cut short", "***_***/IM1 is cut short"),
        ("sax of ab12345", "sax of ***"),
        ("Doesn't janets", "Doesn't janets"),
        ("nothing here", "nothing here"),
    ],
)
def test_identifiers_are_hidden_where_they_are_words(text, hidden):
    assert without(frozenset({"doe", "jane", "ab12345"}), text) == hidden


def test_without_identifiers_a_text_stays_as_it_is():
    assert without(frozenset(), "a text") == "a text"
