"""Obstruction of the wall in the scene: a segment in every phase, and its probability as volumes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.segment_labels import read_obstruction, write_obstruction


def phase_obstruction(heart: HeartNodes, phase: int) -> NDArray[np.bool_]:
    """Return the segment MVO of a phase, (Z, Y, X) bool; empty where there is none."""
    found = read_obstruction(heart.sequence.GetNthDataNode(phase).GetSegmentation(), heart.grid)
    return np.zeros(heart.grid.shape, bool) if found is None else found


def obstruction(heart: HeartNodes) -> NDArray[np.bool_]:
    """Return the segment MVO of all phases, (T, Z, Y, X) bool."""
    return np.stack([phase_obstruction(heart, phase) for phase in range(heart.sequence.GetNumberOfDataNodes())])


def show_obstruction(
    heart: HeartNodes, mask: NDArray[np.bool_], probability: NDArray[np.float32], notice: str
) -> Iterator[None]:
    """Show a mask and its probability, (T, Z, Y, X) each, phase by phase; the segments carry ``notice``."""
    for phase, values in enumerate(mask):
        with heart.own_edit():
            write_obstruction(heart.sequence.GetNthDataNode(phase).GetSegmentation(), heart.grid, values, notice)
        yield
    heart.set_probability(probability)


def remove_obstruction(heart: HeartNodes) -> None:
    """Remove both from the scene."""
    with heart.own_edit():
        for phase in range(heart.sequence.GetNumberOfDataNodes()):
            write_obstruction(heart.sequence.GetNthDataNode(phase).GetSegmentation(), heart.grid, None)
    heart.set_probability(None)
