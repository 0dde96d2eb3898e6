"""Draw the figure of the method, Docs/method.svg: python Utilities/draw_method.py"""

from __future__ import annotations

from pathlib import Path

from medvos.report import palette
from medvos.report.palette import INK, MUTED
from medvos.structures import STRUCTURES

TARGET = Path(__file__).resolve().parents[1] / "Docs" / "method.svg"
WIDTH, HEIGHT = 860, 292
CELL, GAP, LEFT, TOP = 38, 6, 74, 66
PHASES, SLICES, SEED = 7, 5, 2
COLOUR = {structure.name: "#{:02x}{:02x}{:02x}".format(*structure.colour) for structure in STRUCTURES}
# How far the ventricle is emptied at each phase, and how large the heart is in each slice.
SYSTOLE = (0.0, 0.25, 0.5, 0.55, 0.4, 0.15, 0.05)
SIZE = (0.55, 0.8, 1.0, 1.0, 0.85)


def heart(x: float, y: float, slice_index: int, phase: int) -> str:
    """Return a small heart in the cell with this corner: RV, myocardium and LV."""
    size, emptied = SIZE[slice_index] * CELL / 38, SYSTOLE[phase]
    cx, cy = x + CELL / 2 + 3, y + CELL / 2
    outer, inner = 10.5 * size, (7.0 - 4.2 * emptied) * size
    right = 10 * size * (1 - 0.35 * emptied)
    return (
        f'<ellipse cx="{cx - 8 * size:.1f}" cy="{cy - 2 * size:.1f}" rx="{right * 0.8:.1f}" ry="{right:.1f}" '
        f'fill="{COLOUR["RV"]}"/>'
        f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{outer:.1f}" fill="{COLOUR["Myo"]}"/>'
        f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{inner:.1f}" fill="{COLOUR["LV"]}"/>'
    )


def corner(phase: int, slice_index: int) -> tuple[int, int]:
    """Return the upper left corner of a cell."""
    return LEFT + phase * (CELL + GAP), TOP + slice_index * (CELL + GAP)


def text(x: float, y: float, words: str, size: int = 14, colour: str = INK, more: str = "") -> str:
    """Return a line of text."""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" {more}>{words}</text>'


def arrow(path: str) -> str:
    """Return an arrow along a path."""
    return f'<path d="{path}" fill="none" stroke="{palette.SEED}" stroke-width="3" marker-end="url(#head)"/>'


def grid() -> list[str]:
    """Return the cells: all slices by all phases, the drawn one framed."""
    parts = []
    for z in range(SLICES):
        for t in range(PHASES):
            x, y = corner(t, z)
            drawn = (t, z) == (0, SEED)
            opacity = 1 if drawn else 0.75 if z == SEED else 0.4
            parts.append(f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" rx="4" fill="#20242b"/>')
            parts.append(f'<g opacity="{opacity}">{heart(x, y, z, t)}</g>')
            if drawn:
                frame = f'x="{x - 3}" y="{y - 3}" width="{CELL + 6}" height="{CELL + 6}"'
                parts.append(f'<rect {frame} rx="6" fill="none" stroke="{INK}" stroke-width="3"/>')
    return parts


def main() -> None:
    """Write the figure."""
    x0, y0 = corner(0, SEED)
    middle, right = y0 + CELL / 2, corner(PHASES, 0)[0]
    bottom = corner(0, SLICES)[1]
    along = right + 26
    steps = (
        ("1  One drawn slice", "the seed: any slice, any phase, your style"),
        ("2  Around the beat", "forwards and backwards at once; the beat is periodic"),
        ("3  Along the stack", "from slice to slice, all phases together"),
        ("4  Uncertainty", "the probability that each voxel is wrong"),
        ("5  Measures", "volumes, EF and mass with 90 % intervals"),
    )
    parts = [
        *grid(),
        text(LEFT, TOP - 40, "phases of the beat", 13, MUTED),
        text(0, 0, "slices", 13, MUTED, f'transform="translate({LEFT - 46},{bottom - 70}) rotate(-90)"'),
        arrow(f"M{x0 + CELL + 4},{middle} H{right - 12}"),
        arrow(f"M{x0 + 8},{TOP - 6} C{x0 + 20},{TOP - 34} {right - 40},{TOP - 34} {right - CELL / 2 - 8},{TOP - 8}"),
        arrow(f"M{x0 - 14},{y0 + 2} V{TOP + 4}"),
        arrow(f"M{x0 - 14},{y0 + CELL - 2} V{bottom - GAP - 4}"),
    ]
    for number, (title, words) in enumerate(steps):
        y = TOP - 18 + number * 48
        parts += [text(along, y, title, 16, INK, 'font-weight="bold"'), text(along, y + 19, words, 14, MUTED)]
    head = '<marker id="head" markerWidth="5" markerHeight="6" refX="3" refY="3" orient="auto">'
    style = 'font-family="Helvetica, Arial, DejaVu Sans, sans-serif"'
    TARGET.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {style}>\n'
        f'<defs>{head}<path d="M0,0 L6,3 L0,6 z" fill="{palette.SEED}"/></marker></defs>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
