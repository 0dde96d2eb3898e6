"""Layout of report.pdf: paper, styles, header and footer."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from medvos.report.palette import GRID, INK, MUTED
from medvos.report.pdf_text import BOLD, FONT, marked_up

if TYPE_CHECKING:
    from reportlab.platypus import Flowable

MM = 72 / 25.4
PAPER = (210 * MM, 297 * MM)
MARGIN = 15 * MM
PADDING = 6  # of reportlab's frames
WIDTH = PAPER[0] - 2 * MARGIN
HEIGHT = PAPER[1] - 2 * MARGIN - 17 * MM  # less header and footer
DOTS_PER_INCH = 220
WARNING_FILL, WARNING_LINE, ALARM = "#fff4d6", "#f0d68a", "#a33a00"


def style(size: float, colour: str = INK, **more: Any) -> Any:
    """Return a paragraph style of ``size`` points."""
    from reportlab.lib.styles import ParagraphStyle

    options = {"fontName": FONT, "leading": 1.35 * size, "textColor": colour, "splitLongWords": 1, **more}
    return ParagraphStyle(f"{size}{colour}{sorted(more.items())}", fontSize=size, **options)


def text(words: str, size: float = 8.5, colour: str = INK, **more: Any) -> Flowable:
    """Return a paragraph of plain text."""
    from reportlab.platypus import Paragraph

    return Paragraph(marked_up(words), style(size, colour, **more))


def quiet(words: str) -> Flowable:
    """Return a paragraph in small grey letters."""
    return text(words, 7.5, MUTED, spaceAfter=2)


def heading(words: str) -> Flowable:
    """Return the title of a section that stays on one page, never the last line of a page."""
    return text(words, 11, fontName=BOLD, spaceBefore=9, spaceAfter=4, keepWithNext=1)


def opening(words: str, least: float) -> list[Flowable]:
    """Return the title of a section that may continue on the next page, with at least so many points of it below."""
    from reportlab.platypus import CondPageBreak

    return [CondPageBreak(least + 24), text(words, 11, fontName=BOLD, spaceBefore=9, spaceAfter=4)]


def image(figure: Figure, height: float = HEIGHT) -> Flowable:
    """Return a figure as wide as the page, or narrower if it would be higher than ``height`` points."""
    from reportlab.platypus import Image

    data = BytesIO()
    figure.savefig(data, format="png", dpi=DOTS_PER_INCH)
    wide, high = figure.get_size_inches()
    scale = min(WIDTH / wide, height / high)
    data.seek(0)
    return Image(data, wide * scale, high * scale)


def table(
    rows: Sequence[Sequence[Any]], widths: Sequence[float], *commands: tuple[Any, ...], head: int = 0
) -> Flowable:
    """Return a table with thin lines between rows; the first ``head`` rows are repeated on a following page."""
    from reportlab.platypus import Table, TableStyle

    made = Table([list(row) for row in rows], list(widths), repeatRows=head, hAlign="LEFT", splitInRow=1)
    plain = [
        ("FONT", (0, 0), (-1, -1), FONT, 8.5),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("LINEBELOW", (0, 0), (-1, -2), 0.5, GRID),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 6),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
    made.setStyle(TableStyle([*plain, *commands]))
    return made


def build(story: list[Flowable], title: str, head: str, foot: str) -> bytes:
    """Return the pages as PDF, with header, footer and page number on each."""
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import SimpleDocTemplate

    class Numbered(Canvas):
        """Keeps the pages until their number is known."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802
            self.pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self.pages, start=1):
                self.__dict__.update(page)
                _margins(self, head, foot, f"page {number} of {len(self.pages)}")
                super().showPage()
            super().save()

    data = BytesIO()
    top, bottom = MARGIN + 6 * MM, MARGIN + 6 * MM
    options = {"title": title, "author": "", "creator": "MedVOSSegment", "invariant": 1}
    document = SimpleDocTemplate(
        data,
        pagesize=PAPER,
        leftMargin=MARGIN - PADDING,
        rightMargin=MARGIN - PADDING,
        topMargin=top,
        bottomMargin=bottom,
        **options,
    )
    document.build(story, canvasmaker=Numbered)
    return data.getvalue()


def _margins(canvas: Any, head: str, foot: str, number: str) -> None:
    """Draw header and footer."""
    for words, height in ((head, PAPER[1] - MARGIN), (foot, MARGIN)):
        line = text(words, 7.5, MUTED)
        line.wrapOn(canvas, WIDTH - 30 * MM, 20)
        line.drawOn(canvas, MARGIN, height)
    canvas.setFont(FONT, 7.5)
    canvas.setFillColor(MUTED)
    canvas.drawRightString(PAPER[0] - MARGIN, MARGIN + 2.6, number)
