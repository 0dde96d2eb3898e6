"""Draw the icons of the extension and the thumbnail of the synthetic patient.

python Utilities/draw_icons.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, PathPatch
from matplotlib.path import Path as Outline

from medvos.report.palette import colour_of
from medvos.synth.heart import synthetic_heart

ROOT = Path(__file__).resolve().parents[1]
ICONS = ROOT / "MedVOSSegment" / "Resources" / "Icons"
BACKGROUND = "#16202c"


def icon(path: Path, pixels: int) -> None:
    """Draw a heart in short axis between concentric circles, as a PNG of `pixels` x `pixels`."""
    figure = Figure(figsize=(1, 1), dpi=pixels)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 100), ylim=(0, 100))
    axes.axis("off")
    axes.add_patch(
        FancyBboxPatch((4, 4), 92, 92, "round,pad=0,rounding_size=20", facecolor=BACKGROUND, edgecolor="none")
    )
    for radius, strength in ((39, 0.25), (34, 0.5)):
        echo = Circle((54, 50), radius, fill=False, edgecolor=colour_of("Myo"), alpha=strength, linewidth=pixels / 64)
        axes.add_patch(echo)
    axes.add_patch(PathPatch(_right_ventricle(), facecolor=colour_of("RV"), edgecolor="none"))
    axes.add_patch(Circle((54, 50), 28, facecolor=colour_of("Myo"), edgecolor=BACKGROUND, linewidth=pixels / 42))
    axes.add_patch(Circle((54, 50), 17, facecolor=colour_of("LV"), edgecolor="none"))
    figure.savefig(path, transparent=True)


def thumbnail(path: Path) -> None:
    """Draw a mid-ventricular slice of the synthetic patient with its exact outlines."""
    heart = synthetic_heart(0, shape=(4, 10, 160, 160))
    image, labels = heart.cine.array[0, 5], heart.labels[0, 5]
    y, x = np.argwhere(labels > 0).mean(axis=0).round().astype(int)
    window = slice(max(y - 47, 0), y + 47), slice(max(x - 44, 0), x + 44)
    figure = Figure(figsize=(2.6, 2.8), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.imshow(image[window], cmap="gray", vmax=np.percentile(image, 99.5), interpolation="bicubic", aspect="auto")
    for label, name in ((1, "RV"), (2, "Myo"), (3, "LV")):
        inside = (labels[window] == label) | ((labels[window] == 3) & (label == 2))
        axes.contour(inside, levels=[0.5], colors=[colour_of(name)], linewidths=2)
    figure.savefig(path)


def _right_ventricle() -> Outline:
    """Return the outline of a crescent beside the septum."""
    points = [(46, 80), (10, 84), (0, 30), (40, 20), (22, 36), (22, 62), (46, 80)]
    return Outline(points, [Outline.MOVETO] + [Outline.CURVE4] * 6)


if __name__ == "__main__":
    icon(ROOT / "MedVOSSegment.png", 128)
    icon(ICONS / "MedVOSSegment.png", 128)
    thumbnail(ICONS / "SyntheticPatient.png")
