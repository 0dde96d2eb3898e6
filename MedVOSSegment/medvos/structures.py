"""The cardiac structures and their label numbers: those of the ACDC challenge, and two of the project's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BACKGROUND = 0
RV = 1
MYO = 2
LV = 3
# Far from the numbers that users give to structures of their own.
MVO = 100  # part of the wall
LA = 101  # in apical echo


@dataclass(frozen=True)
class Structure:
    """One anatomical structure: its label number, short name, full name and display colour (RGB, 0 to 255)."""

    label: int
    name: str
    long_name: str
    colour: tuple[int, int, int]


# Distinct on grey images and for colour-blind readers; the same in views, plots and reports.
STRUCTURES = (
    Structure(RV, "RV", "right ventricle", (61, 165, 255)),
    Structure(MYO, "Myo", "left ventricular myocardium", (255, 201, 60)),
    Structure(LV, "LV", "left ventricle", (255, 90, 54)),
)
OBSTRUCTION = Structure(MVO, "MVO", "microvascular obstruction", (216, 27, 96))
ATRIUM = Structure(LA, "LA", "left atrium", (38, 196, 149))
EVERY_STRUCTURE = (*STRUCTURES, OBSTRUCTION, ATRIUM)


def name_of(label: int) -> str:
    """Return the short name of a label: ``LV``, ``Myo``, ``RV``, ``MVO``, ``LA``; ``structure 7`` for another."""
    for structure in EVERY_STRUCTURE:
        if structure.label == label:
            return structure.name
    return f"structure {label}"


def heart_of(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the labels with obstructed wall relabelled as myocardium."""
    return np.where(labels == MVO, np.uint8(MYO), labels) if (labels == MVO).any() else labels
