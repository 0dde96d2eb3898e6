"""Contact sheet: slices down, phases across, each with its contours and its uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray
from skimage.measure import find_contours

from medvos.measure.measures import Measures
from medvos.measure.segments import base_is_last
from medvos.report.orientation import edge_letters
from medvos.report.palette import INK, MUTED, SEED, SEED_RIM, UNCERTAIN, colour_of
from medvos.report.slice_rows import from_the_base
from medvos.result import Result
from medvos.structures import LV, MYO, name_of

T = TypeVar("T", bound=np.generic)
MAX_PHASES = 8
LARGE_PHASES = 4  # of a sheet with large tiles
MAX_SLICES = 16
MARGIN = 0.12
GAP = 2  # pixels between tiles
INSET = 0.03  # of a tile, so that the white frame of a seed stands apart from the white gap
WIDTH_INCHES = 11.6


def slices_to_show(result: Result, measures: Measures) -> list[int]:
    """Return the slices that a contact sheet shows, `MAX_SLICES` at most, the base first."""
    return from_the_base(pick(result.labels.shape[1], MAX_SLICES), base_is_last(result.labels))


def contact_sheet(
    result: Result,
    measures: Measures,
    width_inches: float = WIDTH_INCHES,
    numbers: Sequence[int] | None = None,
    slices: Sequence[int] | None = None,
    most: int = MAX_PHASES,
) -> Figure:
    """Draw a grid of tiles cropped to the heart, the base at the top, slices and phases counted from 1.

    Contours and uncertainty are SVG groups named ``contours`` and ``uncertainty``, so that a page can hide them.
    ``numbers`` are the frame numbers, from 0, if the phases are frames of a clip. Without ``slices`` all are shown, or
    `MAX_SLICES` of them; of the phases ``most``, ED, ES and the one with most drawings among them.
    """
    named = range(result.labels.shape[0]) if numbers is None else numbers
    ed, es = (named.index(phase) if phase in named else None for phase in (measures.ed, measures.es))
    phases = pick(len(named), most, keep=(ed, es, *_drawn_phase(result)))
    word, marks = "phase" if numbers is None else "frame", {ed: " · ED", es: " · ES"}
    headings = [f"{word} {named[phase] + 1}{marks.get(phase, '')}" for phase in phases]
    last = base_is_last(result.labels)
    shown = slices_to_show(result, measures)
    ends = {} if last is None or numbers is not None else {shown[0]: "base", shown[-1]: "apex"}
    slices = shown if slices is None else list(slices)
    rows, columns = heart_window(result.labels, result.cine.spacing[1:])

    def tiles(volume: NDArray[T]) -> NDArray[T]:
        return volume[phases][:, slices, rows, columns]

    labels = tiles(result.labels)
    height, width = labels.shape[2] + GAP, labels.shape[3] + GAP
    aspect = result.cine.spacing[1] / result.cine.spacing[2]
    scale = width_inches / WIDTH_INCHES
    left, top, size = 0.6, 0.4, 9 * max(scale, 0.85)
    sheet_width = width_inches - left
    sheet_height = sheet_width * len(slices) * height * aspect / (len(phases) * width)

    figure = Figure(figsize=(width_inches, sheet_height + top))
    axes = figure.add_axes((left / width_inches, 0, sheet_width / width_inches, sheet_height / (sheet_height + top)))
    axes.imshow(mosaic(window_levels(tiles(result.cine.array))), cmap="gray", interpolation="none", aspect="auto")
    _draw_uncertainty(axes, mosaic(tiles(result.uncertainty)))
    draw_contours(axes, labels, height, width, 1.3 * scale)
    for i, phase in enumerate(phases):
        for j, z in enumerate(slices):
            if result.seeds[phase, z]:
                inset = INSET * min(width, height)
                corner = (i * width - 0.5 + inset, j * height - 0.5 + inset)
                extent = (width - GAP - 2 * inset, height - GAP - 2 * inset)
                for colour, points in ((SEED_RIM, 4.0), (SEED, 2.0)):
                    frame = Rectangle(corner, *extent, fill=False, color=colour)
                    frame.set_linewidth(points * scale)
                    axes.add_patch(frame)
    margins = [] if numbers else [f"slice {z + 1}" + (f"\n{ends[z]}" if z in ends else "") for z in slices]
    letters = None if numbers is not None or result.cine.is_echo else edge_letters(result.cine.affine)
    if letters is not None:
        _write_letters(axes, letters, height - GAP, width - GAP, 6.5 * max(scale, 0.85))
    _write_margins(axes, headings, margins, height, width, size)
    axes.set_axis_off()
    return figure


def _write_letters(axes: Axes, letters: Mapping[str, str], height: int, width: int, size: float) -> None:
    """Write the patient's directions at the edges of the first tile."""
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    places = {
        "left": (0.03 * width, middle_y, "left", "center"),
        "right": (0.97 * width - 1, middle_y, "right", "center"),
        "top": (middle_x, 0.03 * height, "center", "top"),
        "bottom": (middle_x, 0.97 * height - 1, "center", "bottom"),
    }
    for edge, (x, y, across, down) in places.items():
        text = axes.text(x, y, letters[edge], ha=across, va=down, color="white", fontsize=size)
        text.set_path_effects([withStroke(linewidth=1.5, foreground="black")])


def pick(total: int, most: int, keep: tuple[int | None, ...] = ()) -> list[int]:
    """Return at most ``most`` evenly spaced indices out of ``total``; those of ``keep`` replace the nearest ones.

    >>> pick(10, 5, keep=(3,))
    [0, 3, 4, 6, 8]
    """
    chosen = [round(i) for i in np.linspace(0, total, min(total, most), endpoint=False)]
    for wanted in keep:
        if wanted is not None and wanted not in chosen:
            free = [i for i in range(len(chosen)) if chosen[i] not in keep]
            if free:
                chosen[min(free, key=lambda i: abs(chosen[i] - wanted))] = wanted
    return sorted(chosen)


def heart_window(labels: NDArray[np.uint8], spacing: tuple[float, float]) -> tuple[slice, slice]:
    """Return the rows and columns around all labels of (T, Z, Y, X), square in mm if the image allows it."""
    if not labels.any():
        return slice(0, labels.shape[2]), slice(0, labels.shape[3])
    ends = [np.flatnonzero(labels.any(axis=axes))[[0, -1]] for axes in ((0, 1, 3), (0, 1, 2))]
    side = max((last - first + 1) * step for (first, last), step in zip(ends, spacing, strict=True)) * (1 + 2 * MARGIN)
    windows = []
    for (first, last), step, size in zip(ends, spacing, labels.shape[2:], strict=True):
        length = min(size, round(side / step))
        start = int(np.clip(round((first + last + 1 - length) / 2), 0, size - length))
        windows.append(slice(start, start + length))
    return windows[0], windows[1]


def _drawn_phase(result: Result) -> list[int]:
    """Return the phase with the most drawn slices, in a list; empty if none is drawn."""
    drawn = result.seeds.sum(axis=1)
    return [int(drawn.argmax())] if drawn.any() else []


def mosaic(tiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Arrange (T, Z, Y, X) tiles in one image, phases across and slices down, NaN between them."""
    framed = np.pad(tiles, ((0, 0), (0, 0), (0, GAP), (0, GAP)), constant_values=np.nan)
    t, z, y, x = framed.shape
    return framed.transpose(1, 2, 0, 3).reshape(z * y, t * x)[:-GAP, :-GAP]


def window_levels(tiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale grey values (...) to 0 to 1 between their 1st and 99.5th percentile."""
    low, high = np.percentile(tiles, (1, 99.5))
    return np.clip((tiles - low) / max(high - low, 1e-6), 0, 1)


def _draw_uncertainty(axes: Axes, image: NDArray[np.float32]) -> None:
    overlay = np.empty((*image.shape, 4), np.float32)
    overlay[..., :3] = to_rgb(UNCERTAIN)
    overlay[..., 3] = 0.75 * np.nan_to_num(image) ** 1.5
    axes.imshow(overlay, interpolation="none", aspect="auto", gid="uncertainty")


def draw_contours(axes: Axes, labels: NDArray[np.uint8], height: int, width: int, linewidth: float) -> None:
    """Draw the contours of (T, Z, Y, X) labels, whose tiles are ``height`` and ``width`` pixels apart.

    Of the myocardium only the epicardium is drawn; the contour of the LV is the endocardium.
    """
    present = [int(label) for label in np.unique(labels) if label]
    for label in present:
        lines = []
        for i, j in np.ndindex(labels.shape[:2]):
            mask = labels[i, j] == label
            if label == MYO:
                mask |= labels[i, j] == LV
            for line in find_contours(np.pad(mask, 1).astype(np.float32), 0.5):
                lines.append(line[:, ::-1] - 1 + (i * width, j * height))
        colour = colour_of(name_of(label))
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=linewidth, gid=f"contours-{label}"))


def _write_margins(axes: Axes, headings: list[str], margins: list[str], height: int, width: int, size: float) -> None:
    for i, text in enumerate(headings):
        axes.annotate(text, ((i + 0.5) * width, 0), (0, 6), textcoords="offset points", ha="center",
                      color=INK if "·" in text else MUTED, fontsize=size, annotation_clip=False)  # fmt: skip
    for j, text in enumerate(margins):
        axes.annotate(text, (0, (j + 0.5) * height), (-6, 0), textcoords="offset points", ha="right",
                      va="center", color=MUTED, fontsize=size, annotation_clip=False)  # fmt: skip
