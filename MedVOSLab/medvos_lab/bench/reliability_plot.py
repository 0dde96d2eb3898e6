"""Reliability diagrams: stated uncertainty against how often the voxels are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from medvos.evaluate.metrics import Reliability


def write_reliability_plot(path: Path, diagrams: Mapping[str, Reliability]) -> None:
    """Draw one line a method over the diagonal of perfect calibration, and below it how many voxels each bin has."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 6), layout="constrained")
    rates, counts = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    rates.plot((0, 1), (0, 1), color="grey", linestyle=":", linewidth=1)
    for name, diagram in diagrams.items():
        rates.plot(diagram.stated, diagram.observed, marker="o", label=f"{name} (ECE {diagram.ece:.3f})")
        counts.plot(diagram.stated, diagram.counts, marker="o")
    rates.set(ylabel="share of voxels that are wrong", xlim=(0, 1), ylim=(0, 1))
    rates.legend(loc="upper left")
    counts.set(xlabel="stated uncertainty", ylabel="voxels", yscale="log")
    figure.savefig(path, dpi=150)
