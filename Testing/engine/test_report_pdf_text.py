"""Letters of any script in a PDF."""

from __future__ import annotations

import pytest

from medvos.report.pdf_text import HAN, HANGUL, KANA, NO_LETTER, marked_up


@pytest.mark.parametrize("text", ["Müller", "Łukasz", "Θεόδωρος", "Иванов", "Nguyễn", "mL/m² · 90 % ▲"])
def test_letters_of_dejavu_stay_as_they_are(text: str):
    assert marked_up(text) == text


@pytest.mark.parametrize(("text", "font"), [("王小东", HAN), ("山田たろう", KANA), ("김희중", HANGUL)])
def test_east_asian_names_have_the_font_of_their_script(text: str, font: str):
    assert marked_up(text) == f'<font name="{font}">{text}</font>'


def test_scripts_are_mixed_run_by_run():
    assert marked_up("Wang, 王 x") == f'Wang, <font name="{HAN}">王</font> x'


def test_what_runs_from_right_to_left_is_put_into_the_order_in_which_it_is_seen():
    assert marked_up("שרון") == "ןורש"
    joined = marked_up("قباني")
    assert len(joined) == 5 and NO_LETTER not in joined
    assert all("\ufe70" <= letter <= "\ufeff" for letter in joined)


def test_a_letter_that_no_font_has_is_marked_and_not_left_out():
    assert marked_up("ก") == NO_LETTER


def test_markup_in_a_name_is_text():
    assert marked_up("<b>A & B</b>") == "&lt;b&gt;A &amp; B&lt;/b&gt;"
