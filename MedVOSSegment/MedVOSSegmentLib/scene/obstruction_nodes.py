"""Obstruction of the wall as a heart has it in the scene: a segment in every phase, and the chance as volumes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.segments import read_obstruction, write_obstruction


def phase_obstruction(heart: HeartNodes, phase: int) -> NDArray[np.bool_]:
    """(Z, Y, X) bool of what the segment MVO holds at a phase; empty where there is none."""
    found = read_obstruction(heart.sequence.GetNthDataNode(phase).GetSegmentation(), heart.grid)
    return np.zeros(heart.grid.shape, bool) if found is None else found


def obstruction(heart: HeartNodes) -> NDArray[np.bool_]:
    """(T, Z, Y, X) bool of all phases."""
    return np.stack([phase_obstruction(heart, phase) for phase in range(heart.sequence.GetNumberOfDataNodes())])


def show_obstruction(
    heart: HeartNodes, mask: NDArray[np.bool_], probability: NDArray[np.float32], notice: str
) -> Iterator[None]:
    """Bring a mask and its chance, (T, Z, Y, X) each, into the scene, phase by phase; the segments bear ``notice``."""
    for phase, values in enumerate(mask):
        with heart.own_edit():
            write_obstruction(heart.sequence.GetNthDataNode(phase).GetSegmentation(), heart.grid, values, notice)
        yield
    heart.set_probability(probability)


def remove_obstruction(heart: HeartNodes) -> None:
    """Take both out of the scene."""
    with heart.own_edit():
        for phase in range(heart.sequence.GetNumberOfDataNodes()):
            write_obstruction(heart.sequence.GetNthDataNode(phase).GetSegmentation(), heart.grid, None)
    heart.set_probability(None)
