"""Plot of the slices with the highest scores: their contours and their voxel uncertainty."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from medvos.report.contact_sheet import draw_contours, heart_window, window_levels
from medvos.report.palette import INK, MUTED
from medvos.report.score_map import worst
from medvos.result import Result

MOST = 6  # slices, of which each has two tiles side by side
PAIRS = 2  # in a row
TILES_INCHES = 6.4


def uncertainty_lines(result: Result, numbers: Sequence[int] | None = None) -> int:
    """Return how many lines of images `uncertainty_map` has."""
    return -(-len(_frames(result, numbers)) // PAIRS)


def _frames(result: Result, numbers: Sequence[int] | None) -> list[tuple[int, int, float]]:
    """Return phase, slice and score of each pair of images."""
    if numbers is None:
        return worst(result.slice_scores, result.seeds, MOST)
    return [(t, 0, float(s[0])) for t, s in enumerate(result.slice_scores)]


def uncertainty_map(result: Result, numbers: Sequence[int] | None = None, lines: slice = slice(None)) -> Figure | None:
    """Plot the worst phase of each of the worst slices, contours beside uncertainty; None if all scores are 0.

    If the phases are frames of a clip, ``numbers`` are the frame numbers, from 0, and all frames are shown. Of the
    lines of images ``lines`` are drawn.
    """
    first, end, _ = lines.indices(uncertainty_lines(result, numbers))
    frames = _frames(result, numbers)[first * PAIRS : end * PAIRS]
    if not frames:
        return None
    rows, columns = heart_window(result.labels, result.cine.spacing[1:])
    aspect = result.cine.spacing[1] / result.cine.spacing[2]
    shape = result.labels[0, 0, rows, columns].shape
    width = TILES_INCHES / (2 * PAIRS)
    height = width * shape[0] * aspect / shape[1]
    layout = ConstrainedLayoutEngine(w_pad=0.01, h_pad=0.01, wspace=0.02, hspace=0.02)
    rows_shown = -(-len(frames) // PAIRS)
    figure = Figure(figsize=(7.1, rows_shown * (height + 0.2)), layout=layout)
    grid = figure.subplots(rows_shown, 2 * PAIRS, squeeze=False)
    shown = None
    for (left, right), (phase, z, score) in zip(grid.reshape(-1, 2), frames, strict=False):
        image = window_levels(result.cine.array[phase, z, rows, columns])
        left.imshow(image, cmap="gray", vmin=0, vmax=1, aspect=aspect)
        draw_contours(left, result.labels[phase : phase + 1, z : z + 1, rows, columns], shape[0], shape[1], 1.2)
        name = f"slice {z + 1}, phase {phase + 1}" if numbers is None else f"frame {numbers[phase] + 1}"
        empty = not result.labels[phase, z].any()
        left.set_title(name, fontsize=8, color=INK, pad=3)
        what = "contours missing" if empty else "unreliable"
        right.set_title(f"{what}: {100 * score:.0f} %", fontsize=8, color=INK, pad=3)
        uncertainty = result.uncertainty[phase, z, rows, columns]
        shown = right.imshow(uncertainty, cmap="magma", vmin=0, vmax=1, aspect=aspect)
    for axes in grid.flat:
        axes.set_axis_off()
    assert shown is not None
    bar = figure.colorbar(shown, ax=grid, pad=0.01, fraction=0.02, aspect=30)
    bar.set_ticks([0, 1], labels=["0 certain", "1 uncertain"])
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=7, colors=MUTED)
    return figure
