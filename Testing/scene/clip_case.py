"""A small clip of an apical view whose LV beats, with its exact labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.structures import LV

FRAMES, PERIOD, SIDE, STEP_MS = 30, 12, 64, 40.0


def labels() -> NDArray[np.uint8]:
    """(T, 1, Y, X): half an ellipse cut off at the annulus, largest at frames 0, 12 and 24."""
    y, x = np.mgrid[:SIDE, :SIDE] - np.array((50, 32))[:, None, None]
    radii = 13 + 3 * np.cos(2 * np.pi * np.arange(FRAMES) / PERIOD)
    masks = [(y <= 0) & ((y / 2) ** 2 + x**2 <= radius**2) for radius in radii]
    return np.stack(masks)[:, None].astype(np.uint8) * np.uint8(LV)


def clip() -> Cine:
    """Dark blood in speckle, read from a video: nobody knows its pixel size."""
    speckle = np.random.default_rng(0).integers(90, 200, (FRAMES, 1, SIDE, SIDE))
    images = np.where(labels() > 0, 10, speckle).astype(np.float32)
    source = Source("", "video", ("A video does not say its pixel size.",), spacing_known=False)
    return Cine(images, np.diag([-1.0, -1, 1, 1]), np.arange(FRAMES) * STEP_MS, FRAMES * STEP_MS, source)
