"""Texts and numbers of the report, shared by the HTML page and the PDF."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medvos.measure.catalogue import BEAT_HEADINGS, row_of
from medvos.measure.doubt import beside_the_values
from medvos.measure.ed_es import ed_and_es_sentences
from medvos.measure.intervals import LEVEL, constants_of
from medvos.measure.measures import Measure, Measures
from medvos.measure.missing import missing
from medvos.measure.obstructed_volume import notice_of
from medvos.measure.reliability import MOST_UNRELIABLE
from medvos.measure.verdict import verdict_of, verdict_sentences, verdict_text
from medvos.report.facts import fact_rows
from medvos.report.headlines import Headline, headlines_of
from medvos.report.numbers import number, pair, percentage
from medvos.report.provenance_rows import provenance_rows
from medvos.report.reportable import Reportable
from medvos.report.score_map import LEAST, worst
from medvos.result import Result
from medvos.uncertainty.borders import FITTED_ON
from medvos.uncertainty.reader import READER_MM

WARNING = "Not a medical device."
WARNING_MORE = "Research software: a person must check every contour before any number is used."
STACK_METHOD = (
    "Phases and slices are counted from 1 in this report and from 0 in files and options. Volumes by slice summation, "
    "mass at 1.05 g/mL, wall thickness by the centreline method in the 17 segments of the American Heart Association."
)
FRAMES_COUNTED = "Frames are counted from 1 in this report and from 0 in files and options."
CLIP_METHOD = (
    f"{FRAMES_COUNTED} Volumes by the method of disks from the 4-chamber view, beat by beat; beats are detected in the "
    "volume curve, without an ECG, and the measures are those of the beat with the median ejection fraction."
)
NO_IMAGES = "The images are not stored with the result; contours are drawn on black."
DOUBTS_TITLE = "Doubts: check before you use the numbers"
WALL_TITLE = "Left ventricular wall (17 segments)"
WALL_KEY = (
    "Thickening: blue where the wall thickens in systole, red where it gets thinner. Hatched: unreliable contours."
)
OBSTRUCTION_TITLE = "Microvascular obstruction (MVO)"
OBSTRUCTION = "Obstructed part of each segment at end-diastole, in %."
MAP_TITLE = "Least reliable contours"
DRAWN, UNCONFIRMED = "drawn or accepted by the reader", "proposed, not confirmed"
STACK_CURVE_TITLE, CLIP_CURVE_TITLE = "Volume over the heart beat", "Volume over the clip"
STACK_MAP, CLIP_MAP, OBSTRUCTION_MAP = (
    "The slices with the highest scores, each at the phase with its highest score.",
    "The frames with the highest scores.",
    "The slices with the highest scores at end-diastole, the only phase with a prediction of MVO.",
)
DICE = "Dice, the overlap with right ones from 0 to 1, below 0.8"
STACK_LOOK, CLIP_LOOK, OBSTRUCTION_LOOK = (
    f"Score: probability that the contours of a slice at a phase are unreliable ({DICE}), or, of a slice without "
    "contours, that they are missing. A corrected slice can be given as a further seed.",
    f"Score: probability that the contour of a frame is unreliable ({DICE}).",
    f"Score: probability that the contour of MVO on a slice, also an empty one, is unreliable ({DICE}), at "
    "end-diastole, the only phase with a prediction of MVO. It does not apply to the borders of the heart.",
)
NONE_TO_CHECK = f"No slice that was not drawn has a score of {100 * LEAST:.0f} % or more."
MAP = "Left: the contours. Right: the probability of each voxel that its label is wrong."
ARROWS = {"low": "▼ ", "high": "▲ "}


@dataclass(frozen=True)
class Line:
    """One row of the table of measures, as text; unknown cells are empty, ``alarm`` marks a value out of range.

    ``part`` is the percentage of the measure that rests on unreliable contours.
    """

    name: str
    long_name: str
    value: str
    interval: str
    normal: str
    verdict: str
    part: str
    alarm: bool


@dataclass(frozen=True)
class Content:
    """All texts of a report.

    Attributes
    ----------
    facts: name and text of the data of the person, where known.
    headlines: the measures that are shown large.
    doubts: what speaks against the measures, one sentence each.
    lines: the measures that are known.
    notes: sentences about the measures: grade, reference ranges, verdicts that are held back, what is not known and
        why, intervals.
    worst: the slices to check, the highest score first, in a sentence, or that there are none; empty for a clip and
        where every score is 0.
    beats: beat, ED and ES frame, EDV, ESV and EF of an echo clip.
    curve_title: heading of the volume-time curve.
    wall, look, map: text beside the bull's-eye plots, the slice scores and the uncertainty map.
    drawn: what the slices are that the result was segmented from, in words; empty if there are none.
    sheet_title, sheet: heading of the contact sheet, and the text beside it.
    method: how the measures are defined.
    made: the provenance, as rows of a table.
    notice: notice that stands wherever something of this result is shown; empty for most results.
    """

    facts: tuple[tuple[str, str], ...]
    headlines: tuple[Headline, ...]
    doubts: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    worst: str
    beats: tuple[tuple[str, ...], ...]
    curve_title: str
    wall: str
    look: str
    map: str
    drawn: str
    sheet_title: str
    sheet: str
    method: str
    made: tuple[tuple[str, str], ...]
    notice: str = ""

    @property
    def warning(self) -> str:
        """The warning at the top of the report."""
        return f"{WARNING_MORE} {self.notice}".rstrip()

    @property
    def beat_headings(self) -> tuple[str, ...]:
        """Column headings of the table of beats."""
        return BEAT_HEADINGS

    @property
    def has_intervals(self) -> bool:
        """Whether any measure has an interval."""
        return any(line.interval for line in self.lines)

    @property
    def has_ranges(self) -> bool:
        """Whether any measure has a reference range."""
        return any(line.normal for line in self.lines)

    @property
    def has_parts(self) -> bool:
        """Whether any measure rests on unreliable contours."""
        return any(line.part not in ("", "0 %") for line in self.lines)


def content_of(result: Reportable, measures: Measures, with_images: bool = True) -> Content:
    """Return the texts for a result and its measures; ``with_images`` states whether the images are at hand."""
    clip = result.cine.is_echo
    known = {name: measure for name, measure in measures.items() if measure.value is not None}
    return Content(
        facts=fact_rows(measures.subject),
        headlines=headlines_of(measures),
        doubts=(*result.provenance.get("doubts", ()), *beside_the_values(measures)),
        lines=tuple(_line(name, measure, measures) for name, measure in known.items()),
        notes=(
            *ed_and_es_sentences(measures),
            *verdict_sentences(measures),
            *missing(measures),
            *_on_intervals(result, measures),
            *_on_parts(measures),
        ),
        worst="" if clip else _worst(result),
        beats=tuple(
            (str(i), str(beat.ed + 1), str(beat.es + 1), number(beat.edv), number(beat.esv), number(beat.ef))
            for i, beat in enumerate(measures.beats, start=1)
        ),
        curve_title=CLIP_CURVE_TITLE if clip else STACK_CURVE_TITLE,
        wall=_on_wall(measures),
        look=_where_to_look(result, clip, bool(measures.beats)),
        map=f"{CLIP_MAP if clip else OBSTRUCTION_MAP if is_of_obstruction(result) else STACK_MAP} {MAP}",
        drawn=_on_seeds(result),
        sheet_title=_sheet_title(measures) if clip else "Slices and phases",
        sheet="" if with_images else NO_IMAGES,
        method=(CLIP_METHOD if measures.beats else FRAMES_COUNTED) if clip else STACK_METHOD,
        made=tuple(provenance_rows(result)),
        notice=result.provenance.get("notice") or notice_of(measures),
    )


def _line(name: str, measure: Measure, measures: Measures) -> Line:
    normal, row = measures.normal.get(name), row_of(name)
    return Line(
        name,
        row.long_name,
        f"{number(measure.value, row.decimals)} {measure.unit}",
        "" if measure.interval is None else pair(*measure.interval, row.decimals),
        "" if normal is None else f"{normal.low:g} to {normal.high:g}",
        ARROWS.get(verdict_of(name, measures) or "", "") + verdict_text(name, measures),
        percentage(measure.unreliable),
        verdict_of(name, measures) in ARROWS,
    )


def _on_intervals(result: Reportable, measures: Measures) -> list[str]:
    if not any(measure.interval for measure in measures.values()):
        return []
    fitted = constants_of(result.provenance).get(FITTED_ON)
    without: dict[str, list[str]] = {}
    for name, measure in measures.items():
        if measure.value is not None and measure.interval is None and measure.reason:
            without.setdefault(measure.reason, []).append(name)
    return [
        f"The {100 * LEVEL:.0f} % intervals are propagated from the voxel uncertainty, calibrated on {fitted}. Drawn "
        f"contours have the error of a reader, {READER_MM:g} mm of the border (assumed). Differences between readers' "
        "conventions are not included.",
        *(f"{', '.join(names)}: {reason}." for reason, names in without.items()),
    ]


def _on_parts(measures: Measures) -> list[str]:
    if not any(measure.unreliable for measure in measures.values()):
        return []
    return [
        "On unreliable contours: the percentage of the volume on slices whose contours are probably unreliable or "
        f"missing; from {100 * MOST_UNRELIABLE:.0f} % on it is a doubt."
    ]


def _worst(result: Reportable) -> str:
    """Return the slices with the highest scores in a sentence, counted from 1."""
    slices = worst(result.slice_scores, result.seeds)
    if not slices:
        return NONE_TO_CHECK if (result.slice_scores > 0).any() else ""
    # Only a clip comes without its labels.
    labelled = np.ones_like(result.seeds)
    if isinstance(result, Result):
        labelled = np.asarray(result.labels.any(axis=(2, 3)))
    listed = ", ".join(
        f"slice {z + 1} at phase {t + 1} ({'' if labelled[t, z] else 'without contours, '}{100 * score:.0f} %)"
        for t, z, score in slices
    )
    return f"Highest score first, each slice at the phase with its highest score: {listed}."


def _on_seeds(result: Reportable) -> str:
    proposed = len(result.provenance.get("proposed", ()))
    drawn = result.seeds.copy()
    for place in result.provenance.get("proposed", ()):
        drawn[place["phase"], place["slice"]] = False
    return " or ".join(words for words, count in ((DRAWN, drawn.sum()), (UNCONFIRMED, proposed)) if count)


def _on_wall(measures: Measures) -> str:
    """Explain why segments of the wall are not known."""
    by_reason: dict[str, list[str]] = {}
    for segment in measures.wall:
        if segment.reason:
            by_reason.setdefault(segment.reason, []).append(str(segment.number))
    if any(len(numbers) == len(measures.wall) for numbers in by_reason.values()):
        return f"Wall thickness is not known: {next(iter(by_reason))}."
    return " ".join(
        f"Segment{'s' if len(numbers) > 1 else ''} {', '.join(numbers)} not known: {reason}."
        for reason, numbers in by_reason.items()
    )


def _where_to_look(result: Reportable, clip: bool, beats: bool) -> str:
    if not (result.slice_scores > 0).any():
        return f"The score of every {'frame' if clip else 'slice'} is 0."
    if clip:
        return f"{CLIP_LOOK} Contractions are shaded." if beats else CLIP_LOOK
    return OBSTRUCTION_LOOK if is_of_obstruction(result) else STACK_LOOK


def _sheet_title(measures: Measures) -> str:
    """Name the frames of a clip that are shown: those of a beat, or, without one, some of the whole clip."""
    return "Frames of one beat" if measures.beats else "Frames of the clip"


def is_of_obstruction(result: Reportable) -> bool:
    """Return whether the uncertainty is that of obstruction, not that of a heart to which obstruction was added."""
    return "notice" in result.provenance and "obstruction" not in result.provenance
