"""Shared parts of all plots: SVG text of a figure, and plain axes; without pyplot's global state."""

from __future__ import annotations

import re
from io import StringIO

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from medvos.measure.measures import Measures
from medvos.report.palette import GRID, INK, MUTED

# Matplotlib numbers its groups from 1 in every figure; nothing refers to them, and IDs on a page must be unique.
_NUMBERED_ID = re.compile(r' id="[A-Za-z0-9.]+_\d+"')


def svg_of(figure: Figure) -> str:
    """Return the figure as an ``<svg>`` element for an HTML page."""
    text = StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "medvos"}):
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    return re.sub(_NUMBERED_ID, "", svg[svg.index("<svg") :])


def plain_axes(axes: Axes) -> None:
    """Remove the frame and tick marks of the axes."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    axes.tick_params(colors=MUTED, length=0, labelsize=9)
    axes.xaxis.label.set_color(INK)
    axes.yaxis.label.set_color(INK)


def mark_beats(axes: Axes, measures: Measures) -> None:
    """Shade the contractions of a clip's beats over time, and mark ED and ES."""
    for beat in measures.beats:
        axes.axvspan(
            measures.time_ms[beat.ed], measures.time_ms[beat.es], color=GRID, alpha=0.6, linewidth=0, zorder=-1
        )
    for name, phase in (("ED", measures.ed), ("ES", measures.es)):
        if phase is not None:
            time = measures.time_ms[phase]
            axes.axvline(time, color=MUTED, linewidth=1, linestyle=":", zorder=0)
            axes.annotate(name, (time, 1), (0, 3), xycoords=axes.get_xaxis_transform(), textcoords="offset points",
                          ha="center", color=MUTED, fontsize=9)  # fmt: skip
