"""The volume curves of a beat, with a mark that runs along them."""

from __future__ import annotations

from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from medvos.report.palette import MUTED, colour_of

DOTS_PER_INCH = 200


class BeatCurve:
    """The curves of `report.json`, drawn up to one phase.

    >>> curve = BeatCurve(report, width=300, height=150)
    >>> image = curve.image(phase=9)
    """

    def __init__(self, report: dict[str, Any], width: int, height: int) -> None:
        """Take the content of `report.json` and the size of the images in pixels."""
        self._curves = report["curves"]
        self._time = np.array(self._curves["time_ms"])
        self._size = (width, height)

    def image(self, phase: int) -> Image.Image:
        """Return an image of the curves with a mark at `phase`; before phase 0 without any."""
        inches = [2 * pixels / DOTS_PER_INCH for pixels in self._size]
        figure, axes = plt.subplots(figsize=inches, dpi=DOTS_PER_INCH)
        for name in ("LV", "RV"):
            volumes = np.array(self._curves[f"{name}_mL"], float)
            axes.plot(self._time, volumes, color=colour_of(name), alpha=0.25, linewidth=1.5)
            axes.plot(self._time[: phase + 1], volumes[: phase + 1], color=colour_of(name), linewidth=2.2)
            if phase >= 0:
                axes.plot(self._time[phase], volumes[phase], "o", color=colour_of(name), markersize=7)
        # The curves of a healthy heart nearly coincide: their names stand below their ends, where nothing else is.
        for name, place in (("LV", 0.80), ("RV", 0.90)):
            axes.text(place, 0.12, name, color=colour_of(name), fontsize=9, weight="bold", transform=axes.transAxes)
        axes.set_xlabel("ms", fontsize=8, color=MUTED, labelpad=1)
        axes.set_ylabel("mL", fontsize=8, color=MUTED, labelpad=1)
        axes.tick_params(labelsize=7, colors=MUTED, length=2, pad=2)
        axes.set_ylim(0, None)
        axes.set_xlim(0, self._time[-1] * 1.02)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        for side in ("left", "bottom"):
            axes.spines[side].set_color(MUTED)
        figure.tight_layout(pad=0.4)
        figure.canvas.draw()
        pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()
        plt.close(figure)
        return Image.fromarray(pixels).resize(self._size, Image.Resampling.LANCZOS)
