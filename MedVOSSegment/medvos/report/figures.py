"""Draw the figures of a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medvos.measure.measures import Measures
from medvos.measure.segments import base_is_last
from medvos.report.bulls_eye import bulls_eyes, obstruction_eye
from medvos.report.contact_sheet import LARGE_PHASES, WIDTH_INCHES, contact_sheet, slices_to_show
from medvos.report.content import is_of_obstruction
from medvos.report.excerpt import Excerpt, beat_frames, excerpt_of, worst_frames
from medvos.report.score_curve import score_curve
from medvos.report.score_map import score_map
from medvos.report.uncertainty_map import uncertainty_lines, uncertainty_map
from medvos.report.upright import upright
from medvos.report.volume_plot import volume_curve
from medvos.result import Result
from medvos.structures import BACKGROUND, name_of


@dataclass(frozen=True)
class FigureRows:
    """A figure that can be cut between its rows: ``draw(3, 5)`` draws the rows 3 and 4 of ``count``, with headings."""

    count: int = 0
    draw: Callable[[int, int], Figure] = lambda first, end: Figure()


@dataclass(frozen=True)
class Figures:
    """The figures of one report; one that does not apply is None.

    Attributes
    ----------
    curve: volume over time.
    eyes: bull's-eye plots of wall thickness and thickening.
    scores: slice scores over phases, or over the frames of a clip.
    uncertainty: voxel uncertainty of the slices with the highest scores.
    sheet: contact sheet, slices by phases.
    structures: names of the structures in the contact sheet.
    with_images: whether the images are at hand; without them contours stand on black.
    obstruction: bull's-eye plot of the obstructed part of the wall.
    uncertainty_rows: ``uncertainty`` in rows.
    """

    curve: Figure | None
    eyes: Figure | None
    scores: Figure
    uncertainty: Figure | None
    sheet: Figure
    structures: tuple[str, ...]
    with_images: bool
    obstruction: Figure | None = None
    uncertainty_rows: FigureRows = FigureRows()


def figures_of(result: Result, measures: Measures, sheet_inches: float = WIDTH_INCHES) -> Figures:
    """Draw all figures of a result; the contact sheet is ``sheet_inches`` wide."""
    if result.cine.is_echo:
        excerpt = excerpt_of(result, frames_to_show(measures, result.slice_scores[:, 0]))
        return clip_figures(result.slice_scores[:, 0], result.seeds[:, 0], excerpt, measures, sheet_inches)
    shown = upright(result)
    return Figures(
        volume_curve(measures) if measures.volumes_ml or measures.percent else None,
        bulls_eyes(measures.wall),
        score_map(_judged(result), result.seeds, measures, base_is_last(result.labels)),
        uncertainty_map(shown),
        contact_sheet(shown, measures, sheet_inches),
        structures_in(result.labels),
        bool(result.cine.array.any()),
        obstruction_eye(measures.obstructed),
        _uncertainty_rows(shown),
    )


def sheet_rows(result: Result, measures: Measures, sheet_inches: float) -> FigureRows:
    """Return the contact sheet of a short-axis stack with large tiles, a slice a row, and that of a clip as it is."""
    if result.cine.is_echo:
        beat = excerpt_of(result, beat_frames(measures))
        return FigureRows(1, lambda first, end: contact_sheet(beat.result, measures, sheet_inches, beat.numbers))
    slices, shown = slices_to_show(result, measures), upright(result)
    return FigureRows(
        len(slices),
        lambda first, end: contact_sheet(shown, measures, sheet_inches, slices=slices[first:end], most=LARGE_PHASES),
    )


def _uncertainty_rows(result: Result, numbers: Sequence[int] | None = None) -> FigureRows:
    def draw(first: int, end: int) -> Figure:
        figure = uncertainty_map(result, numbers, slice(first, end))
        assert figure is not None
        return figure

    return FigureRows(uncertainty_lines(result, numbers), draw)


def _judged(result: Result) -> NDArray[np.float32]:
    """Return the scores (T, Z), nan at phases without a prediction: obstruction is predicted at end-diastole alone."""
    scores = result.slice_scores
    return np.where((scores > 0).any(1, keepdims=True), scores, np.nan) if is_of_obstruction(result) else scores


def frames_to_show(measures: Measures, scores: NDArray[np.float32]) -> list[int]:
    """Return the numbers of the frames of a clip with scores (T,) that its figures need, ascending."""
    return sorted({*beat_frames(measures), *worst_frames(scores)})


def clip_figures(
    scores: NDArray[np.float32],
    seeds: NDArray[np.bool_],
    excerpt: Excerpt,
    measures: Measures,
    sheet_inches: float = WIDTH_INCHES,
) -> Figures:
    """Draw the figures of a clip with the scores and seeds (T,); ``excerpt`` has the frames to show."""
    worst, beat = excerpt.only(worst_frames(scores)), excerpt.only(beat_frames(measures))
    return Figures(
        volume_curve(measures) if measures.volumes_ml or measures.percent else None,
        None,
        score_curve(scores, seeds, measures),
        uncertainty_map(worst.result, worst.numbers),
        contact_sheet(beat.result, measures, sheet_inches, beat.numbers),
        structures_in(excerpt.result.labels),
        bool(excerpt.result.cine.array.any()),
        uncertainty_rows=_uncertainty_rows(worst.result, worst.numbers),
    )


def structures_in(labels: NDArray[np.uint8]) -> tuple[str, ...]:
    """Return the names of the labelled structures, in the order of their numbers."""
    return tuple(name_of(int(label)) for label in np.unique(labels) if label != BACKGROUND)
