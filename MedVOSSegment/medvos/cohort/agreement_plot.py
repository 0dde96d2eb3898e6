"""Bland-Altman and correlation plots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from medvos.cohort.agreement import Agreement
from medvos.measure.catalogue import row_of
from medvos.report.palette import GRID, INK, MUTED, colour_of
from medvos.report.plotting import plain_axes
from medvos.structures import name_of

ROW_INCHES = 3.1
LONGEST_NAME = 18


def agreement_figure(agreements: Sequence[Agreement]) -> Figure:
    """Plot a row for each measure: found against true on the left, difference against mean on the right."""
    room = ConstrainedLayoutEngine(h_pad=0.14, w_pad=0.12)  # inches
    figure = Figure(figsize=(10.6, ROW_INCHES * len(agreements)), layout=room)
    for row, found in zip(figure.subplots(len(agreements), 2, squeeze=False), agreements, strict=True):
        _draw_correlation(row[0], found)
        _draw_bland_altman(row[1], found)
    return figure


def _draw_correlation(axes: Axes, found: Agreement) -> None:
    ends = np.array([min(found.found.min(), found.truth.min()), max(found.found.max(), found.truth.max())])
    room = 0.06 * max(float(np.ptp(ends)), 1.0)
    ends += (-room, room)
    axes.plot(ends, ends, color=MUTED, linewidth=1, linestyle=":", zorder=0)
    _scatter(axes, found, found.truth, found.found)
    axes.set(xlim=ends, ylim=ends, xlabel=f"true {found.name} ({found.unit})", ylabel=f"found {found.name}")
    related = "" if found.correlation is None else f", r = {found.correlation:.3f}, ICC = {found.icc:.3f}"
    _finish(axes, f"{found.name}: {len(found.cases)} cases{related}")


def _draw_bland_altman(axes: Axes, found: Agreement) -> None:
    means, differences = (found.found + found.truth) / 2, found.found - found.truth
    lines = {"bias": found.bias}
    if found.limits is not None:
        lines |= {"−1.96 SD": found.limits[0], "+1.96 SD": found.limits[1]}
        axes.axhspan(*found.limits, color=GRID, alpha=0.45, linewidth=0, zorder=-1)
    axes.axhline(0, color=MUTED, linewidth=1, linestyle=":", zorder=0)
    for text, height in lines.items():
        axes.axhline(height, color=INK, linewidth=1.2, linestyle="-" if text == "bias" else "--")
        label = f"{text} {height:+.{row_of(found.name).decimals}f}".replace("-", "−")
        axes.annotate(label, (1, height), (4, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
                      va="center", color=INK, fontsize=8)  # fmt: skip
    _scatter(axes, found, means, differences)
    if found.limits is not None:
        _name_outliers(axes, found, means, differences, found.limits)
    axes.margins(x=0.12, y=0.18)
    axes.set(xlabel=f"mean of found and true ({found.unit})", ylabel="found − true")
    _finish(axes, "")


def _scatter(axes: Axes, found: Agreement, across: np.ndarray, up: np.ndarray) -> None:
    structure = row_of(found.name).structure
    axes.scatter(across, up, s=26, color=colour_of(name_of(structure)), edgecolors="white", linewidths=0.6, zorder=2)


def _name_outliers(
    axes: Axes, found: Agreement, means: np.ndarray, differences: np.ndarray, limits: tuple[float, float]
) -> None:
    """Annotate the cases outside the limits of agreement."""
    for name, across, up in zip(found.cases, means, differences, strict=True):
        if not limits[0] <= up <= limits[1]:
            text = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
            right = across > (means.min() + means.max()) / 2
            above = up > found.bias
            axes.annotate(text, (across, up), (-4 if right else 4, 3 if above else -3), textcoords="offset points",
                          va="bottom" if above else "top", ha="right" if right else "left",
                          color=INK, fontsize=8)  # fmt: skip


def _finish(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=10, color=INK)
    axes.grid(color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    plain_axes(axes)
