"""Write one report file, HTML or PDF."""

from __future__ import annotations

from pathlib import Path

from medvos.errors import InputError
from medvos.measure.measures import Measures
from medvos.packages import needs
from medvos.report.page import report_page
from medvos.report.patient import Patient
from medvos.result import Result
from medvos.staging import disk_errors, staged

HTML, PDF = ".html", ".pdf"


def write_report(path: Path, result: Result, measures: Measures, patient: Patient | None = None) -> None:
    """Write the report as PDF or HTML page, by the ending of ``path``; an older file is replaced once it is complete.

    >>> write_report(Path("report.pdf"), result, measures)  # doctest: +SKIP

    Raises
    ------
    InputError: another ending, the folder cannot be written, its disk is full, or the packages for PDF are missing.
    """
    check_ending(path)
    with staged(path.parent) as staging:
        data = (
            _pdf(result, measures, patient)
            if path.suffix.lower() == PDF
            else report_page(result, measures, patient).encode()
        )
        with disk_errors(path.parent):
            (staging / path.name).write_bytes(data)


def check_ending(path: Path) -> None:
    """Raise InputError if ``path`` ends neither in .pdf nor in .html."""
    if path.suffix.lower() not in (HTML, PDF):
        raise InputError(f"{path.name} is neither .pdf nor .html: give the report one of these endings.")


def _pdf(result: Result, measures: Measures, patient: Patient | None) -> bytes:
    try:
        import arabic_reshaper  # noqa: F401
        import bidi  # noqa: F401
        import reportlab  # noqa: F401
    except ModuleNotFoundError as error:
        raise InputError(needs("The PDF", error.name or "reportlab")) from error
    from medvos.report.pdf import report_pdf

    return report_pdf(result, measures, patient)
