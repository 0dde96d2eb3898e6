"""Planes in polar coordinates about the LV's axis, with the angle as an index into the tables of :mod:`motion`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.synth.motion import ANGLES

Array = NDArray[np.float32]


def polar(x: NDArray[Any], y: NDArray[Any]) -> tuple[Array, NDArray[np.int32]]:
    """Return radius in mm and index of the angle of points in the plane, of the shape of ``x`` and ``y``."""
    x, y = x.astype(np.float32, copy=False), y.astype(np.float32, copy=False)
    turn = np.arctan2(y, x) * np.float32(ANGLES / (2 * np.pi)) + np.float32(ANGLES / 2 + 0.5)
    return np.hypot(x, y), turn.astype(np.int32) % ANGLES


def angle_index(angle: NDArray[Any]) -> NDArray[np.intp]:
    """Return the index of angles in rad."""
    return np.floor((angle + np.pi) * (ANGLES / (2 * np.pi))).astype(np.intp) % ANGLES
