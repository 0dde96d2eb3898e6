"""Exact labels: each voxel has the label of the point at its centre."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.structures import BACKGROUND, LV, MYO, RV
from medvos.synth.placement import Placement
from medvos.synth.polar import polar


def rasterise(placement: Placement) -> NDArray[np.uint8]:
    """Return the labels (T, Z, Y, X) of the structures on the grid of the scan."""
    labels = np.zeros(placement.grid.shape, np.uint8)
    heights = placement.heights
    for phase in range(labels.shape[0]):
        section = placement.motion.section(phase, heights)
        axis = placement.axis(phase, heights)
        for z in np.flatnonzero(section.epicardium.any(axis=1)):
            x, y = placement.body_frame(int(z))
            radius, angle = polar(x - axis[z, 0], y - axis[z, 1])
            plane = labels[phase, z]
            plane[radius < section.rv[z].astype(np.float32)[angle]] = RV
            inside = radius < section.epicardium[z].astype(np.float32)[angle]
            plane[inside] = MYO if section.level[z] >= 0 else BACKGROUND
            plane[inside & (radius < section.endocardium[z].astype(np.float32)[angle])] = LV
    return labels
