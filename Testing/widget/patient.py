"""The synthetic patient on the panel, and the hand that draws."""

from __future__ import annotations

from typing import Any

import numpy as np
from scene.segment_editor import SegmentEditor

from medvos.structures import STRUCTURES
from medvos.synth.heart import SyntheticHeart, synthetic_heart

SHAPE = (6, 6, 80, 80)
SPACING = (16.0, 3.0, 3.0)


def heart() -> SyntheticHeart:
    """The patient that the button makes in these tests: small, with labels in every slice."""
    return synthetic_heart(1, shape=SHAPE, spacing=SPACING, kind="healthy")


def other_heart() -> SyntheticHeart:
    """Another patient, with more phases and slices."""
    return synthetic_heart(3, shape=(9, 7, 80, 80), spacing=(10.0, 3.0, 3.0), kind="dilated")


def draw(session: Any, labels: np.ndarray, *, only: str | None = None) -> None:
    """Draw what `labels` (T, Z, Y, X) holds on the slice in view, structure by structure."""
    phase, z = session.place
    editor = SegmentEditor(session.nodes)
    for structure in STRUCTURES:
        if only in (None, structure.name):
            mask = np.zeros(labels.shape[1:], bool)
            mask[z] = labels[phase, z] == structure.label
            if mask.any():
                editor.paint(structure.name, mask)


def erase(session: Any, name: str) -> None:
    """Erase a structure from the slice in view."""
    z = session.place[1]
    mask = np.zeros(session.cine.shape[1:], bool)
    mask[z] = True
    SegmentEditor(session.nodes).erase(name, mask)
