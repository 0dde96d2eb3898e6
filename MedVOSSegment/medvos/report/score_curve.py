"""Plot of the frame scores of a clip over time."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medvos.measure.measures import Measures
from medvos.report.palette import SEED, SEED_RIM, UNCERTAIN
from medvos.report.plotting import mark_beats, plain_axes


def score_curve(scores: NDArray[np.float32], seeds: NDArray[np.bool_], measures: Measures) -> Figure:
    """Plot ``scores`` (T,) with the drawn frames of ``seeds`` (T,) marked, contractions shaded, ED and ES marked."""
    figure = Figure(figsize=(6.6, 1.9), layout="constrained")
    axes = figure.add_subplot()
    axes.fill_between(measures.time_ms, scores, color=UNCERTAIN, alpha=0.25, linewidth=0)
    axes.plot(measures.time_ms, scores, color=UNCERTAIN, linewidth=1.4)
    mark_beats(axes, measures)
    drawn = np.flatnonzero(seeds)
    at = (measures.time_ms[drawn], scores[drawn])
    # The score of drawn frames is 0: their markers lie on the edge.
    axes.scatter(*at, marker="D", s=42, color=SEED, edgecolors=SEED_RIM, zorder=3, clip_on=False)
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 1], labels=["reliable", "unreliable"])
    axes.set_xlabel("time from the first frame (ms)")
    plain_axes(axes)
    return figure
