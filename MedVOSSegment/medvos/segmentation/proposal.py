"""A drawing of one slice taken from a segmentation that needed none, for the reader to correct."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.errors import InputError
from medvos.models.store import ModelInfo
from medvos.segmentation.heart import segment_heart
from medvos.structures import LV, STRUCTURES


def propose_drawing(
    cine: Cine, info: ModelInfo, device: str = "auto", phase: int | None = None, z: int | None = None
) -> tuple[int, int, NDArray[np.uint8]]:
    """Phase, slice and labels (Y, X).

    Parameters
    ----------
    cine: two phases or more.
    info: a Vivim model.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    phase: to draw at; default that of the largest LV.
    z: slice to draw on; default the middle one of those that show all structures there.

    Raises
    ------
    InputError: as `segment_heart`, or there is no such phase or slice, or no heart on it.
    """
    phases, slices = cine.shape[:2]
    if not (0 <= (phase or 0) < phases and 0 <= (z or 0) < slices):
        raise InputError(
            f"There is no slice {z or 0} at phase {phase or 0}: the cine has slices 0 to {slices - 1} and phases "
            f"0 to {phases - 1}."
        )
    labels = segment_heart(cine, info, device).labels
    if phase is None:
        phase = int((labels == LV).sum((1, 2, 3)).argmax())
    if z is None:
        shown = np.stack([(labels[phase] == s.label).any((1, 2)) for s in STRUCTURES])  # (structures, Z)
        most = np.flatnonzero(shown.sum(0) == shown.sum(0).max())
        z = int(most[len(most) // 2])
    if not labels[phase, z].any():
        raise InputError("No heart was found on this slice: go to a slice in the middle of the ventricles, or draw it.")
    return phase, z, labels[phase, z]
