"""Bull's-eye plots of the LV wall: the 17 segments of Cerqueira et al. 2002 (Circulation 105:539-542)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes

from medvos.measure.wall import WallSegment
from medvos.report.palette import INK, MUTED

# First segment, number of segments, inner and outer radius of each ring.
RINGS = ((1, 6, 3, 4), (7, 6, 2, 3), (13, 4, 1, 2), (17, 1, 0, 1))
PLACES = (("anterior", 90), ("septal", 180), ("inferior", 270), ("lateral", 0))
WALL_MM = (4.0, 20.0)  # from the thinnest scar to a hypertrophied, contracted wall
THICKENING = (-100.0, 100.0)  # diverging about 0: red where the wall gets thinner in systole, blue where it thickens
OBSTRUCTED = (0.0, 50.0)
DARK = 0.6  # of a sequential scale
DARK_ENDS = 0.36  # from the middle of a diverging scale
UNKNOWN = "#eef1f4"
HATCH = "////"


def bulls_eyes(wall: Sequence[WallSegment]) -> Figure | None:
    """Plot thickness at ED and ES in mm and thickening in % side by side; None if no segment is known.

    Segments whose contours are unreliable at the phase, for the thickening at either, are hatched; unknown ones grey.
    """
    eyes = (
        ("thickness at ED (mm)", "ed_mm", "unreliable_ed", "YlGnBu", WALL_MM, 1),
        ("thickness at ES (mm)", "es_mm", "unreliable_es", "YlGnBu", WALL_MM, 1),
        ("thickening (%)", "thickening", "unreliable", "RdBu", THICKENING, 0),
    )
    if all(getattr(segment, field) is None for segment in wall for _, field, *_ in eyes):
        return None
    figure = Figure(figsize=(7.1, 3.0))
    for i, (title, field, doubted, colours, limits, digits) in enumerate(eyes):
        values = {segment.number: getattr(segment, field) for segment in wall}
        hatched = {segment.number for segment in wall if getattr(segment, doubted)}
        axes = figure.add_axes((0.03 + i * 0.33, 0.13, 0.28, 0.72), projection="polar")
        assert isinstance(axes, PolarAxes)
        _draw(axes, values, colours, limits, digits, hatched)
        # With a height of its own matplotlib does not measure all hidden ticks to find one.
        axes.set_title(title, y=1, fontsize=9, color=INK, pad=25)
        _explain(figure, (0.10 + i * 0.33, 0.065, 0.14, 0.022), colours, limits)
    return figure


def obstruction_eye(obstructed: Mapping[int, float]) -> Figure | None:
    """Plot the obstructed part of each segment in %; None if it is not known of any segment."""
    if not obstructed:
        return None
    figure = Figure(figsize=(7.1, 3.0))
    axes = figure.add_axes((0.36, 0.13, 0.28, 0.82), projection="polar")
    assert isinstance(axes, PolarAxes)
    _draw(axes, obstructed, "RdPu", OBSTRUCTED, 0)
    _explain(figure, (0.43, 0.065, 0.14, 0.022), "RdPu", OBSTRUCTED)
    return figure


def _explain(
    figure: Figure, place: tuple[float, float, float, float], colours: str, limits: tuple[float, float]
) -> None:
    """Draw the colour bar; values beyond its ends have the colour of the end."""
    low, high = limits
    bar = figure.colorbar(
        ScalarMappable(Normalize(low, high), colours), figure.add_axes(place), orientation="horizontal"
    )
    bar.set_ticks([low, high], labels=[f"≤ {low:g}", f"≥ {high:g}"])
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=6.5, colors=MUTED)


def _draw(
    axes: PolarAxes,
    values: Mapping[int, float | None],
    colours: str,
    limits: tuple[float, float],
    digits: int,
    hatched: Set[int] = frozenset(),
) -> None:
    scale, colour = Normalize(*limits, clip=True), colormaps[colours]
    diverging = limits[0] < 0
    for first, count, inner, outer in RINGS:
        width = 2 * np.pi / count
        for k in range(count):
            number, middle = first + k, np.pi / 2 + k * width
            value = values.get(number)
            shade = 0.0 if value is None else float(scale(value))
            at = (middle, outer - inner, width, inner)
            axes.bar(*at, edgecolor="white", facecolor=UNKNOWN if value is None else colour(shade), linewidth=1.2)
            doubted = value is not None and number in hatched
            if doubted:
                axes.bar(*at, facecolor="none", edgecolor=INK, hatch=HATCH, linewidth=0, alpha=0.55)
            text = "–" if value is None else f"{value:z.{digits}f}"
            dark = abs(shade - 0.5) > DARK_ENDS if diverging else shade > DARK
            ink = MUTED if value is None else "white" if dark and not doubted else INK
            # Digits would not be legible between the lines of the hatching.
            box = {"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 0.8} if doubted else None
            axes.text(middle, 0 if inner == 0 else (inner + outer) / 2, text, ha="center", va="center",
                      fontsize=7, color=ink, bbox=box)  # fmt: skip
    for name, degrees in PLACES:
        sideways = degrees in (0, 180)
        axes.text(np.deg2rad(degrees), 4.3, name, ha="center", va="center", fontsize=6.5, color=MUTED,
                  rotation=90 if sideways else 0)  # fmt: skip
    axes.set_ylim(0, 4)
    axes.set_axis_off()
