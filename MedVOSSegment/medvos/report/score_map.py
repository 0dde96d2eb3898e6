"""Plot of the slice scores: one cell for each slice and phase, dark where the contour is probably unreliable."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medvos.measure.measures import Measures
from medvos.report.palette import MUTED, SEED, SEED_RIM
from medvos.report.plotting import plain_axes

LEAST = 0.1  # score from which a slice is listed as one to check


def score_map(
    scores: NDArray[np.float32], seeds: NDArray[np.bool_], measures: Measures, base_last: bool | None = None
) -> Figure:
    """Plot ``scores`` (T, Z) with the drawn slices of ``seeds`` (T, Z) marked; slices and phases counted from 1.

    The base is at the top; ``base_last`` states whether it is the slice of the highest index, None that it is unknown.
    """
    phases, slices = scores.shape
    figure = Figure(figsize=(5.6, 0.9 + 0.17 * slices), layout="constrained")
    axes = figure.add_subplot()
    cells = axes.pcolormesh(
        np.arange(phases + 1) - 0.5,
        np.arange(slices + 1) - 0.5,
        scores.T,
        vmin=0,
        vmax=1,
        cmap="YlOrRd",
        edgecolors="white",
        linewidth=1,
    )
    t, z = np.nonzero(seeds)
    axes.scatter(t, z, marker="D", s=42, color=SEED, edgecolors=SEED_RIM, linewidths=1)
    if not base_last:
        axes.invert_yaxis()
    axes.set_ylabel("slice")
    axes.set_xlabel("phase")
    ends = (
        {} if base_last is None else {slices - 1 if base_last else 0: "base ", 0 if base_last else slices - 1: "apex "}
    )
    axes.set_yticks(range(slices), labels=[f"{ends.get(z, '')}{z + 1}" for z in range(slices)])
    shown = range(0, phases, max(1, round(phases / 12)))
    axes.set_xticks(shown, labels=[str(t + 1) for t in shown])
    for name, phase in (("ED", measures.ed), ("ES", measures.es)):
        if phase is not None:
            axes.annotate(name, (phase, 1), (0, 3), xycoords=axes.get_xaxis_transform(), textcoords="offset points",
                          ha="center", color=MUTED, fontsize=9)  # fmt: skip
    plain_axes(axes)
    bar = figure.colorbar(cells, ax=axes, pad=0.015, fraction=0.03)
    bar.set_ticks([0, 1], labels=["reliable", "unreliable"])
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=9, colors=MUTED)
    return figure


def worst(scores: NDArray[np.float32], seeds: NDArray[np.bool_], count: int = 6) -> list[tuple[int, int, float]]:
    """Return (phase, slice, score) at the worst phase of ``count`` slices, the highest score first.

    Seeds and scores below `LEAST` are left out.
    """
    masked = np.where(seeds, -1, scores)
    phases = masked.argmax(axis=0)
    found = sorted(((int(t), z, float(masked[t, z])) for z, t in enumerate(phases)), key=lambda each: -each[2])
    return [each for each in found[:count] if each[2] >= LEAST]
