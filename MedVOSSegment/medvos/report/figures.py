"""The figures of a report, each None where a result has nothing to show in it."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from medvos.measure.measures import Measures
from medvos.propagation.result import Result
from medvos.report.bulls_eye import bulls_eyes
from medvos.report.contact_sheet import WIDTH_INCHES, contact_sheet
from medvos.report.score_map import score_map
from medvos.report.uncertainty_map import uncertainty_map
from medvos.report.volume_curve import volume_curve


@dataclass(frozen=True)
class Figures:
    """Volume-time curve, bull's-eyes of the wall, where to look, the worst slices, and slices x phases."""

    curve: Figure | None
    eyes: Figure | None
    scores: Figure
    uncertainty: Figure | None
    sheet: Figure


def figures_of(result: Result, measures: Measures, sheet_inches: float = WIDTH_INCHES) -> Figures:
    """All figures; the contact sheet is ``sheet_inches`` wide."""
    return Figures(
        volume_curve(measures) if measures.volumes_ml else None,
        bulls_eyes(measures.wall),
        score_map(result.slice_scores, result.seeds, measures),
        uncertainty_map(result),
        contact_sheet(result, measures, sheet_inches),
    )
