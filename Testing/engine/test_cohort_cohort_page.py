from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
from test_cohort_summary_csv import RECORDS

from medvos.cohort.agreement import agreement
from medvos.cohort.cohort_page import cohort_page
from medvos.cohort.record import Record, Status

WEIGHTS = {"tiny": "For tests.", "other": "For research only."}
VOID = {"meta", "link", "br"}


class Tags(HTMLParser):
    """Fails where a tag is left open or closed twice."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open += [tag] if tag not in VOID else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(records: list[Record], compared: bool = False) -> str:
    ef = agreement("LVEF", "%", ("a", "b", "c"), np.array([50.0, 60, 70]), np.array([51.0, 60, 72]))
    text = cohort_page(records, [ef] if compared else [], WEIGHTS)
    tags = Tags()
    tags.feed(text)
    assert not tags.open
    return text


def test_the_page_says_what_failed_and_why_and_what_is_open():
    text = page(RECORDS)
    assert "The seed, alas, is empty." in text
    assert "not run yet" in text
    assert "50.0 to 60.0" in text
    assert "weights tiny. For tests. Segmented with the weights other. For research only." in text
    assert "medical device" in text


def test_the_grade_of_the_ef_stands_beside_it():
    ef = {"LVEF": {"value": 38.0, "unit": "%"}}
    graded = Record("a", Status.FINISHED, measures=ef, grade="reduced or mildly reduced")
    text = page([graded, Record("b", Status.FINISHED, measures=ef), Record("c", Status.FAILED, "No.")])
    assert "<th>LVEF grade</th>" in text and "<td>reduced or mildly reduced</td>" in text
    assert text.count("<th>") == text.split("<tbody>")[-1].count("<td>") // 3
    assert "LVEF grade" not in page([Record("b", Status.FINISHED, measures=ef)])


def test_names_cannot_break_the_page_or_its_links():
    text = page([Record("<b>&# 1%", Status.FINISHED, measures={"LVEF": {"value": 1.0, "unit": "%"}})])
    assert "<b>&#" not in text
    assert 'href="cases/%3Cb%3E%26%23%201%25/report.html"' in text


def test_the_page_needs_no_network():
    text = page(RECORDS, compared=True)
    assert "<svg" in text
    assert not re.search(r'(src|href)="(https?:)?//|url\((https?:)?//|@import', text)


def test_a_cohort_without_any_result_has_a_page():
    assert "0 <span" in page([Record("a", Status.FAILED, "No.")])
