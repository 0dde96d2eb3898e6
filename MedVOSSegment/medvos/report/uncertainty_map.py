"""Plot of the slices with the highest scores: their contours and their voxel uncertainty."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from medvos.report.contact_sheet import draw_contours, heart_window, window_levels
from medvos.report.palette import INK, MUTED
from medvos.report.score_map import worst
from medvos.result import Result

MOST = 6  # slices, of which each has two tiles side by side
PAIRS = 2  # in a row
WIDTH_INCHES = 7.1
TILES_INCHES = 6.28  # across, the gaps among them
GAP_INCHES, TITLE_INCHES = 0.04, 0.2
BAR_INCHES, BAR_ASPECT = 0.12, 30  # width of the colour bar, and its largest height in widths
HALF_LINE_INCHES = 0.07  # by which the lowest text of the colour bar reaches below its end


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
    rows_shown = -(-len(frames) // PAIRS)
    total = rows_shown * (height + TITLE_INCHES)
    figure = Figure(figsize=(WIDTH_INCHES, total))

    def axes_at(left: float, top: float, wide: float, high: float) -> Axes:
        """Make axes at a place in inches from the upper left corner: a layout engine would measure every text twice."""
        place = (left / WIDTH_INCHES, 1 - (top + high) / total, wide / WIDTH_INCHES, high / total)
        return figure.add_axes(place)

    shown = None
    for number, (phase, z, score) in enumerate(frames):
        row, pair = divmod(number, PAIRS)
        top = row * (height + TITLE_INCHES) + TITLE_INCHES
        left, right = (axes_at((2 * pair + side) * width, top, width - GAP_INCHES, height) for side in range(2))
        image = window_levels(result.cine.array[phase, z, rows, columns])
        left.imshow(image, cmap="gray", vmin=0, vmax=1, aspect=aspect)
        draw_contours(left, result.labels[phase : phase + 1, z : z + 1, rows, columns], shape[0], shape[1], 1.2)
        name = f"slice {z + 1}, phase {phase + 1}" if numbers is None else f"frame {numbers[phase] + 1}"
        empty = not result.labels[phase, z].any()
        # With a height of its own matplotlib does not measure all hidden ticks to find one.
        left.set_title(name, y=1, fontsize=8, color=INK, pad=3)
        what = "contours missing" if empty else "unreliable"
        right.set_title(f"{what}: {100 * score:.0f} %", y=1, fontsize=8, color=INK, pad=3)
        uncertainty = result.uncertainty[phase, z, rows, columns]
        shown = right.imshow(uncertainty, cmap="magma", vmin=0, vmax=1, aspect=aspect)
        for axes in (left, right):
            axes.set_axis_off()
    assert shown is not None
    room = total - TITLE_INCHES - HALF_LINE_INCHES
    high = min(room, BAR_ASPECT * BAR_INCHES)
    scale = axes_at(TILES_INCHES + GAP_INCHES, TITLE_INCHES + (room - high) / 2, BAR_INCHES, high)
    bar = figure.colorbar(shown, cax=scale)
    bar.set_ticks([0, 1], labels=["0 certain", "1 uncertain"])
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=7, colors=MUTED)
    return figure
