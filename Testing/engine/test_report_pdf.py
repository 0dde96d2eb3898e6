"""The PDF, read back with another library."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pypdfium2
import pytest

from medvos.cine.cine import Source
from medvos.measure.measure import measure
from medvos.measure.measures import Measures
from medvos.measure.subject import Subject
from medvos.report.content import content_of
from medvos.report.page import report_page
from medvos.report.patient import Patient
from medvos.report.pdf import report_pdf
from medvos.result import Result

IMAGES = [pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
SOMEBODY = Patient("Müller, Łucja", "4711", "female", "47 years")


def pages_of(data: bytes) -> list[str]:
    """Text of each page, all white space one blank."""
    document = pypdfium2.PdfDocument(data)
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


@pytest.fixture(scope="module")
def measures(a_result: Result) -> Measures:
    return measure(a_result, subject=Subject("F", 44, 165, 60))


@pytest.fixture(scope="module")
def a_pdf(a_result: Result, measures: Measures) -> bytes:
    return report_pdf(a_result, measures)


def test_it_says_what_the_page_says(a_pdf: bytes, a_result: Result, measures: Measures):
    page = " ".join(unescape(re.sub(r"<[^>]+>", " ", report_page(a_result, measures))).split())
    text = " ".join(pages_of(a_pdf))
    content = content_of(a_result, measures)
    reported = [cell for line in content.lines for cell in (line.long_name, line.value, line.interval, line.normal)]
    reported += [value for row in content.made for value in row if row[0] != "made"]
    for words in (*reported, *content.notes, content.wall):
        assert words in page
        assert words.replace(" ", "") in text.replace(" ", "")


def test_every_page_has_its_number_and_is_no_medical_device(a_pdf: bytes):
    pages = pages_of(a_pdf)
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        assert f"page {number} of {len(pages)}" in page and "Not a medical device." in page


def test_its_letters_are_in_the_file(a_pdf: bytes):
    assert b"/FontFile2" in a_pdf and b"DejaVuSans" in a_pdf


def test_its_pictures_are_sharp_on_paper(a_pdf: bytes):
    for page in pypdfium2.PdfDocument(a_pdf):
        for image in page.get_objects(filter=IMAGES):
            left, _, right, _ = image.get_bounds()
            assert image.get_px_size()[0] / ((right - left) / 72) >= 150


def test_nothing_stands_beyond_the_paper(a_pdf: bytes):
    for page in pypdfium2.PdfDocument(a_pdf):
        width, height = page.get_size()
        for thing in page.get_objects():
            left, bottom, right, top = thing.get_bounds()
            assert left >= 0 and right <= width and bottom >= 0 and top <= height


def test_a_patient_is_named_only_when_asked(a_result: Result, measures: Measures):
    source = Source(
        path="/scans/DOE^JANE", kind="dicom", files=(("/scans/DOE^JANE/1.dcm",),), description={"x": "DOE^JANE"}
    )
    named = replace(a_result, cine=replace(a_result.cine, source=source))
    assert "DOE^JANE" not in " ".join(pages_of(report_pdf(named, measures)))
    pages = pages_of(report_pdf(named, measures, SOMEBODY))
    assert all("Müller, Łucja" in page and "4711" in page for page in pages)
    assert "47 years" in pages[0]
    page = report_page(named, measures, SOMEBODY)
    assert "Müller, Łucja" in page and "DOE^JANE" not in page


def test_the_same_result_gives_the_same_file(a_pdf: bytes, a_result: Result, measures: Measures):
    made = replace(a_result, provenance={**a_result.provenance, "made": "2026-01-02T03:04:05"})
    assert report_pdf(made, measures) == report_pdf(made, measures)


def small(result: Result, phases: slice, slices: slice) -> Result:
    cine = replace(result.cine, array=result.cine.array[phases, slices], times=result.cine.times[phases])
    parts = (each[phases, slices] for each in (result.labels, result.uncertainty, result.slice_scores, result.seeds))
    return Result(cine, *parts, result.provenance)


def without(result: Result, *labels: int) -> Result:
    return replace(result, labels=np.where(np.isin(result.labels, labels), 0, result.labels).astype(np.uint8))


ODD = {
    "no myocardium and no RV": lambda result: without(result, 1, 2),
    "nothing labelled": lambda result: without(result, 1, 2, 3),
    "one slice": lambda result: small(result, slice(None), slice(3, 4)),
    "two phases of one slice": lambda result: small(result, slice(2), slice(3, 4)),
    "a note of several pages": lambda result: replace(result, provenance={"notes": ["A long note. " * 900]}),
    "a word without end": lambda result: replace(result, provenance={"model": "m" * 3000}),
    "a film": lambda result: replace(
        small(result, slice(None), slice(3, 4)),
        cine=replace(small(result, slice(None), slice(3, 4)).cine, source=Source(kind="video")),
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_results_have_a_report_in_both_forms(a_result: Result, case: str):
    odd = ODD[case](a_result)
    pages = pages_of(report_pdf(odd, measure(odd)))
    assert all(len(page) > 100 for page in pages)
    text, page = " ".join(pages), report_page(odd, measure(odd))
    assert "How it was made" in text and "How it was made" in page
    if measure(odd).beats:
        assert "ED frame" in text and "ED frame" in page


def empty_below(page: pypdfium2.PdfPage) -> float:
    """The part of the space between header and footer that is empty at the end of a page."""
    grey = np.asarray(page.render(scale=1).to_pil().convert("L"))
    first, last = (round(part * len(grey)) for part in (0.08, 0.92))
    inked = np.flatnonzero((grey[first:last] < 250).any(axis=1))
    return 1 - (inked[-1] + 1) / (last - first)


@pytest.mark.parametrize("doubts", [0, 4, 9, 14, 22, 30])
def test_no_page_but_the_last_is_empty_by_more_than_a_third(a_result: Result, measures: Measures, doubts: int):
    long = "the contours of this slice contradict the volume curve in a way that takes two lines to say, " * 2
    doubted = replace(measures, doubts=tuple(f"{i}: {long}." for i in range(doubts)))
    pages = list(pypdfium2.PdfDocument(report_pdf(a_result, doubted)))
    assert [round(empty_below(page), 2) for page in pages[:-1] if empty_below(page) > 1 / 3] == []


def test_the_tiles_of_the_contact_sheet_have_one_size_on_all_pages(a_result: Result, measures: Measures):
    arrays = ("labels", "uncertainty", "slice_scores", "seeds")
    twice = {name: np.repeat(getattr(a_result, name), 2, axis=1) for name in arrays}
    cine = replace(a_result.cine, array=np.repeat(a_result.cine.array, 2, axis=1))
    pages = list(pypdfium2.PdfDocument(report_pdf(replace(a_result, cine=cine, **twice), measures)))
    sheets = [image.get_bounds() for page in pages[-2:] for image in page.get_objects(filter=IMAGES)]
    widths = [right - left for left, _, right, _ in sheets]
    assert len(sheets) >= 2 and max(widths[-2:]) - min(widths[-2:]) < 1
