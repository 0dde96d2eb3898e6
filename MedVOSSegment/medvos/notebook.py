"""HTML for notebooks: a table, and curves over the beat as one small SVG without any library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from medvos.structures import OBSTRUCTION, STRUCTURES

WIDTH, HEIGHT, MARGIN = 420, 170, 34
_COLOURS = {one.name: "rgb({}, {}, {})".format(*one.colour) for one in (*STRUCTURES, OBSTRUCTION)}
_OTHER = "rgb(110, 110, 110)"


def table_html(rows: Iterable[Sequence[str]], headings: Sequence[str]) -> str:
    """Return a table; everything in it is text.

    >>> table_html([["LVEF", "59"]], ["measure", "value"]).count("<td")
    2
    """
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def curves_svg(
    time_ms: NDArray[np.float64], curves: Mapping[str, NDArray[np.float64]], unit: str, marks: Mapping[str, int | None]
) -> str:
    """Return the curves over the beat, each named and in the colour of its structure; '' where there is none.

    Parameters
    ----------
    time_ms: (T,) from the first phase.
    curves: structure name to (T,) values in ``unit``; NaN leaves a gap.
    marks: name of a phase, such as ED, to its index.

    >>> curves_svg(np.arange(3.0), {"LV": np.array([9.0, 5.0, 9.0])}, "mL", {"ES": 1}).count("<polyline")
    1
    """
    known = {name: np.asarray(curve, float) for name, curve in curves.items() if np.isfinite(curve).any()}
    if not known or len(time_ms) < 2:
        return ""
    top = max(float(np.nanmax(curve)) for curve in known.values()) * 1.08 or 1.0
    across = WIDTH - 2 * MARGIN
    xs = MARGIN + across * (time_ms - time_ms[0]) / (time_ms[-1] - time_ms[0])

    def y_of(value: float) -> float:
        return HEIGHT - MARGIN + 8 - (HEIGHT - MARGIN - 8) * value / top

    parts = [_text(2, 12, f"{unit}"), _text(WIDTH / 2, HEIGHT - 2, "time (ms)"), _text(2, y_of(0), "0")]
    parts += [
        _text(2, y_of(top / 1.08) + 4, f"{top / 1.08:.0f}"),
        _text(xs[-1] - 12, HEIGHT - 12, f"{time_ms[-1]:.0f}"),
    ]
    for name, phase in marks.items():
        if phase is not None:
            x = xs[phase]
            ends = f'x1="{x:.1f}" x2="{x:.1f}" y1="14" y2="{y_of(0):.1f}"'
            parts.append(f'<line {ends} stroke="#999" stroke-dasharray="2"/>')
            parts.append(_text(x + 2, 12, name))
    for name, curve in known.items():
        colour = _COLOURS.get(name, _OTHER)
        for run in _without_gaps(curve):
            points = " ".join(f"{xs[t]:.1f},{y_of(curve[t]):.1f}" for t in run)
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(xs[-1] + 3, y_of(curve[np.flatnonzero(np.isfinite(curve))[-1]]) + 4, name))
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>'


def _without_gaps(curve: NDArray[np.float64]) -> list[NDArray[np.intp]]:
    """Return the runs of phases whose values are known."""
    known = np.flatnonzero(np.isfinite(curve))
    return np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)


def _text(x: float, y: float, text: str) -> str:
    style = 'font-size="11" font-family="sans-serif" fill="currentColor"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'
