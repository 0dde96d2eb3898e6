"""report.pdf: the report as PDF, with the texts and figures of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medvos.measure.measures import Measures
from medvos.report import content as texts
from medvos.report.content import Content, content_of
from medvos.report.figures import FigureRows, Figures, figures_of, sheet_rows
from medvos.report.headlines import Headline
from medvos.report.palette import INK, MUTED, UNCERTAIN, colour_of, word_for
from medvos.report.patient import Patient
from medvos.report.pdf_layout import (
    ALARM,
    MM,
    WARNING_FILL,
    WARNING_LINE,
    WIDTH,
    build,
    heading,
    image,
    opening,
    quiet,
    style,
    table,
    text,
)
from medvos.report.pdf_rows import rows_of
from medvos.report.pdf_text import BOLD, FONT, marked_up
from medvos.result import Result

if TYPE_CHECKING:
    from reportlab.platypus import Flowable

TITLE = "MedVOSSegment report"
SHEET_INCHES = WIDTH / 72
ROW = 62 * MM  # of large images with their key


def report_pdf(result: Result, measures: Measures, patient: Patient | None = None) -> bytes:
    """Return the report as a PDF of A4 pages; it identifies nobody without ``patient``.

    Raises
    ------
    ModuleNotFoundError: reportlab, arabic-reshaper or python-bidi is not installed.
    """
    figures = figures_of(result, measures, SHEET_INCHES)
    content = content_of(result, measures, figures.with_images)
    story = [
        *_opening(content, patient),
        *_doubts(content),
        *_measures(content),
        *_curve(content, figures),
        *_wall(content, figures),
        *_obstruction(content, figures),
        *_where_to_look(content, figures),
        *_made(content),
        *_sheet(content, sheet_rows(result, measures, SHEET_INCHES), list(figures.structures)),
    ]
    who = TITLE if patient is None else f"{TITLE} · {patient.name} · {patient.number}"
    return build(story, TITLE, who, f"{texts.WARNING} {content.notice or texts.WARNING_MORE}")


def _opening(content: Content, patient: Patient | None) -> list[Flowable]:
    from reportlab.platypus import Spacer

    box = (("BACKGROUND", (0, 0), (-1, -1), WARNING_FILL), ("BOX", (0, 0), (-1, -1), 0.7, WARNING_LINE))
    roomy = (
        ("LEFTPADDING", (0, 0), (-1, -1), 6),
        ("TOPPADDING", (0, 0), (-1, -1), 4),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
    )
    parts = [
        text(TITLE, 17, fontName=BOLD, spaceAfter=8),
        table([[text(f"{texts.WARNING} {content.warning}")]], [WIDTH], *box, *roomy),
        Spacer(1, 8),
    ]
    if patient is not None:
        rows = [[text(key, 8.5, MUTED), text(value, 9)] for key, value in patient.rows]
        parts += [table(rows, [25 * MM, WIDTH - 25 * MM]), Spacer(1, 6)]
    if content.facts:
        parts += [text(" · ".join(f"{key} {value}" for key, value in content.facts), 9), Spacer(1, 6)]
    if content.headlines:
        size = WIDTH / 6
        cards = [_card(card) for card in content.headlines]
        parts.append(table([cards], [size] * len(cards)))
    return parts


def _card(card: Headline) -> list[Flowable]:
    """Return the lines of one measure that is shown large."""
    lines = [text(card.name, 8, MUTED), text(f"{card.number} {card.unit}", 12.5, fontName=BOLD)]
    lines += [text(f"{card.interval} (90 %)", 7.5)] if card.interval else []
    lines += [text(each, 7.5) for each in (card.doubted, card.indexed, card.grade) if each]
    if card.verdict:
        lines.append(text(card.verdict, 7.5, ALARM if card.alarm else MUTED))
    return lines


def _doubts(content: Content) -> list[Flowable]:
    """Return what speaks against the measures, one numbered sentence each."""
    if not content.doubts:
        return []
    return [
        *opening(texts.DOUBTS_TITLE, 12 * MM),
        *(text(f"{i}. {doubt}", 8.5, spaceAfter=3) for i, doubt in enumerate(content.doubts, start=1)),
    ]


def _measures(content: Content) -> list[Flowable]:
    from reportlab.platypus import Spacer

    parts: list[Flowable] = opening("Measures", 30 * MM)
    if content.lines:
        columns = [("measure", 16), ("", 56), ("value", 24)]
        columns += [("90 % interval", 24)] if content.has_intervals else []
        columns += [("reference", 21), ("", 23)] if content.has_ranges else []
        columns += [("unreliable", 16)] if content.has_parts else []
        rows: list[list[str]] = [[name for name, _ in columns]]
        verdict = 5 if content.has_intervals else 4
        alarms = []
        for i, line in enumerate(content.lines, start=1):
            row = [line.name, line.long_name, line.value]
            row += [line.interval] if content.has_intervals else []
            row += [line.normal, line.verdict] if content.has_ranges else []
            row += [line.part] if content.has_parts else []
            rows.append(row)
            if line.alarm:
                cell = (verdict, i), (verdict, i)
                alarms += [("FONT", *cell, BOLD, 8), ("TEXTCOLOR", *cell, ALARM)]
        looks = (
            ("FONT", (0, 0), (-1, -1), FONT, 8),
            ("TEXTCOLOR", (0, 0), (-1, 0), MUTED),
            ("TEXTCOLOR", (1, 1), (1, -1), MUTED),
            ("ALIGN", (2, 0), (-1, -1), "RIGHT"),
            *([("ALIGN", (verdict, 0), (verdict, -1), "LEFT")] if content.has_ranges else []),
        )
        parts.append(table(rows, [width * MM for _, width in columns], *looks, *alarms, head=1))
    parts.append(Spacer(1, 4))
    return [*parts, *(quiet(note) for note in content.notes)]


def _curve(content: Content, figures: Figures) -> list[Flowable]:
    parts: list[Flowable] = []
    if figures.curve is not None:
        parts += _together(heading(content.curve_title), image(figures.curve, 60 * MM))
    if content.beats:
        rows = [content.beat_headings, *content.beats]
        looks = (("TEXTCOLOR", (0, 0), (-1, 0), MUTED), ("ALIGN", (0, 0), (-1, -1), "RIGHT"))
        parts += [*opening("Beats", 20 * MM), table(rows, [26 * MM] * len(content.beat_headings), *looks, head=1)]
    return parts


def _obstruction(content: Content, figures: Figures) -> list[Flowable]:
    if figures.obstruction is None:
        return []
    explanation = quiet(f"{texts.OBSTRUCTION} {content.notice}")
    return _together(heading(texts.OBSTRUCTION_TITLE), explanation, image(figures.obstruction, 62 * MM))


def _where_to_look(content: Content, figures: Figures) -> list[Flowable]:
    from reportlab.platypus import Spacer

    key = [_key([(content.drawn, None)], seed="◇")] if content.drawn else []
    parts = _together(heading("Where to look"), quiet(content.look), *key, image(figures.scores, 56 * MM))
    if content.worst:
        parts.append(quiet(content.worst))
    if figures.uncertainty is not None:
        rows = figures.uncertainty_rows
        parts += [*opening(texts.MAP_TITLE, ROW), quiet(content.map), Spacer(1, 4), rows_of(rows.draw, rows.count)]
    return parts


def _wall(content: Content, figures: Figures) -> list[Flowable]:
    if figures.eyes is None and not content.wall:
        return []
    parts = [heading(texts.WALL_TITLE)]
    parts += [quiet(texts.WALL_KEY), image(figures.eyes, 62 * MM)] if figures.eyes is not None else []
    parts += [quiet(content.wall)] if content.wall else []
    return _together(*parts)


def _sheet(content: Content, sheet: FigureRows, structures: list[str]) -> list[Flowable]:
    keys: list[tuple[str, str | None]] = [(word_for(name), colour_of(name)) for name in structures]
    keys += [(content.drawn, None)] if content.drawn else []
    keys.append(("uncertainty", UNCERTAIN))
    parts = [*opening(content.sheet_title, ROW), _key(keys)]
    parts += [quiet(content.sheet)] if content.sheet else []
    return [*parts, rows_of(sheet.draw, sheet.count)]


def _made(content: Content) -> list[Flowable]:
    from reportlab.platypus import Spacer

    rows = [[text(key, 8, MUTED), text(value, 8)] for key, value in content.made]
    return [
        *opening("How it was made", 30 * MM),
        table(rows, [38 * MM, WIDTH - 38 * MM]),
        Spacer(1, 4),
        quiet(content.method),
    ]


def _key(colours: list[tuple[str, str | None]], seed: str = "□") -> Flowable:
    """Return the legend of colours and their meanings; without a colour it is ``seed``, its white mark."""
    from reportlab.platypus import Paragraph

    signs = [f'<font color="{colour or INK}">{seed if colour is None else "■"}</font>' for _, colour in colours]
    words = "&nbsp;&nbsp;&nbsp; ".join(
        f"{sign} {marked_up(name)}" for sign, (name, _) in zip(signs, colours, strict=True)
    )
    return Paragraph(words, style(7.5, MUTED, spaceAfter=4))


def _together(*parts: Flowable) -> list[Flowable]:
    """Keep these parts on one page."""
    from reportlab.platypus import KeepTogether

    return [KeepTogether(list(parts))]
