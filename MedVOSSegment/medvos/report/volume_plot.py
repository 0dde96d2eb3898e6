"""Plot of the volume-time curve."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from medvos.measure.measures import Measures
from medvos.report.palette import GRID, INK, colour_of, word_for
from medvos.report.plotting import mark_beats, plain_axes

MANY = 60  # phases, whose markers would hide the line


def volume_curve(measures: Measures) -> Figure:
    """Plot the volume of every structure over the cardiac cycle with its 90 % band, ED and ES marked.

    If the pixel size is not known, it is in % of the volume at ED.
    """
    curves, unit = (measures.volumes_ml, "mL") if measures.volumes_ml else (measures.percent, "% of end-diastole")
    figure = Figure(figsize=(5.6, 2.8), layout="constrained")
    axes = figure.add_subplot()
    for name, volumes in curves.items():
        style = "--" if name == "Myo" else "-"
        colour = colour_of(name)
        if name in measures.bands_ml:
            axes.fill_between(measures.time_ms, *measures.bands_ml[name], color=colour, alpha=0.15, linewidth=0)
        axes.plot(
            measures.time_ms,
            volumes,
            style,
            color=colour,
            linewidth=2.2,
            marker="o" if len(volumes) < MANY else "",
            markersize=3,
        )
    for name, height in _apart({name: float(volumes[-1]) for name, volumes in curves.items()}).items():
        axes.annotate(
            word_for(name), (measures.time_ms[-1], height), (8, 0), textcoords="offset points", va="center", color=INK
        )
    mark_beats(axes, measures)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color=GRID)
    axes.set_xlabel("time from the first phase (ms)")
    axes.set_ylabel(f"volume ({unit})")
    plain_axes(axes)
    return figure


def _apart(heights: dict[str, float]) -> dict[str, float]:
    """Return heights for the names at the ends of their curves that do not overlap; NaN becomes 0."""
    room = 0.07 * max([1.0, *(height for height in heights.values() if np.isfinite(height))])
    placed: dict[str, float] = {}
    lowest = 0.0
    for name, height in sorted(heights.items(), key=lambda item: np.nan_to_num(item[1])):
        placed[name] = max(float(np.nan_to_num(height)), lowest)
        lowest = placed[name] + room
    return placed
