"""Plots of the 17 segments, to check the positions of septum and lateral wall by eye."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from medvos.measure.segments import APEX, from_base_to_apex, segment_map
from medvos.measure.wall import WallSegment, wall_segments
from medvos.structures import RV
from medvos_lab.datasets.labelled import LabelledCine

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN_SLICES = 7
MARGIN = 6  # pixels
# Rings of the bull's-eye: inner and outer radius, first segment, how many, and where the first one begins in degrees.
RINGS = ((3, 4, 1, 6, 60), (2, 3, 7, 6, 60), (1, 2, 13, 4, 45))


def write_segments_plot(path: Path, cases: Sequence[tuple[LabelledCine, int, int]]) -> None:
    """Each case (with its ED and ES) in two rows: slices, counted from 1, from base to apex at ED with the number of
    each segment on the myocardium and the RV outlined, its bull's-eye of thickening, and the same at ES with the
    thickness at ED."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2 * (SHOWN_SLICES + 1.8), 4.2 * len(cases)), layout="constrained")
    grid = figure.add_gridspec(2 * len(cases), SHOWN_SLICES + 1, width_ratios=[1.0] * SHOWN_SLICES + [1.8])
    for row, (case, ed, es) in enumerate(cases):
        wall = wall_segments(case.labels, case.cine.affine, ed, es)
        shown = ((ed, "ED", "thickening (%)", [segment.thickening for segment in wall]),
                 (es, "ES", "thickness at ED (mm)", [segment.ed_mm for segment in wall]))  # fmt: skip
        for k, (phase, name, title, values) in enumerate(shown):
            axes = [figure.add_subplot(grid[2 * row + k, column]) for column in range(SHOWN_SLICES)]
            _draw_slices(axes, case, phase)
            axes[0].set_ylabel(f"{case.name}, {name}")
            _draw_bulls_eye(
                figure.add_subplot(grid[2 * row + k, SHOWN_SLICES], projection="polar"), wall, values, title
            )
    figure.savefig(path, dpi=80)


def _draw_slices(axes: Sequence[Axes], case: LabelledCine, phase: int) -> None:
    labels = case.labels[phase]
    segments = segment_map(labels, case.cine.affine)
    y, x = (np.flatnonzero((case.labels > 0).any(axis=a)) for a in ((0, 1, 3), (0, 1, 2)))
    window = (slice(max(0, y[0] - MARGIN), y[-1] + MARGIN), slice(max(0, x[0] - MARGIN), x[-1] + MARGIN))
    order = from_base_to_apex(labels)
    for place, axis in zip(np.linspace(0, len(order) - 1, len(axes)).round().astype(int), axes, strict=True):
        z = order[place]
        axis.imshow(case.cine.array[phase, z][window], cmap="gray")
        numbers = segments[z][window]
        axis.imshow(np.ma.masked_equal(numbers, 0), cmap="tab20", vmin=1, vmax=20, alpha=0.85, interpolation="none")
        if (labels[z] == RV).any():
            axis.contour((labels[z] == RV)[window], levels=[0.5], colors="white", linewidths=1)
        for number in np.unique(numbers[numbers > 0]):
            row, column = np.argwhere(numbers == number).mean(axis=0) if number != APEX else (2, 2)
            axis.text(column, row, str(number), ha="center", va="center", weight="bold", fontsize=8)
        axis.set(xticks=[], yticks=[])
        axis.set_title(f"slice {z + 1}", fontsize=8)


def _draw_bulls_eye(axes: Axes, wall: Sequence[WallSegment], values: Sequence[float | None], title: str) -> None:
    """Draw the anterior wall on top and the septum to the left, as the American Heart Association does."""
    from matplotlib import colormaps
    from matplotlib.colors import Normalize

    known = [value for value in values if value is not None]
    scale = Normalize(min([0.0, *known]), max([1.0, *known]))
    for inner, outer, first, count, start in RINGS:
        width = 2 * np.pi / count
        for k in range(count):
            segment, value = wall[first + k - 1], values[first + k - 1]
            left = np.deg2rad(start) + k * width
            colour = "lightgrey" if value is None else colormaps["viridis"](scale(value))
            axes.bar(left, outer - inner, width, inner, align="edge", color=colour, edgecolor="white")
            ink = "black" if value is None or scale(value) > 0.6 else "white"
            text = f"{segment.number}" if value is None else f"{segment.number}\n{value:.0f}"
            axes.text(left + width / 2, (inner + outer) / 2, text, ha="center", va="center", fontsize=7, color=ink)
    axes.bar(0, 1, 2 * np.pi, color="lightgrey")
    axes.set(xticks=[], yticks=[])
    axes.spines["polar"].set_visible(False)
    axes.set_title(title, fontsize=8)
