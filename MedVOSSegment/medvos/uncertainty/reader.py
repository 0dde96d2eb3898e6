"""The error of a reader's own contours, which drawn slices carry in place of the model's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from medvos.structures import LV, MYO, RV
from medvos.uncertainty.areas import DEVIATES, STATED

# Standard deviation of a drawn border about the border that readers would draw on average. It is an assumption, a third
# of a usual pixel, and makes 3 to 4 % of the area of an LV at ED.
READER_MM = 0.5
# An RV is a crescent: its border is longer than that of a circle of its area.
CRESCENT = 1.4


def with_reader(
    tables: Mapping[int, NDArray[np.float32]], widenings: Mapping[int, float], pixel_mm2: float
) -> dict[int, NDArray[np.float32]]:
    """Return area tables in which slices without any uncertainty, as drawn ones, have the error of a reader.

    The lengths of the borders are those of circles with the areas of the LV and of the whole LV with its wall.

    Parameters
    ----------
    tables: label number to (T, Z, D) areas in voxels, see `medvos.uncertainty.areas`.
    widenings: label number to the factor by which the deviates are widened when areas are sampled.
    pixel_mm2: area of a voxel in the plane of the slice.
    """
    stated = {label: areas[..., STATED] * pixel_mm2 for label, areas in tables.items()}
    cavity = stated.get(LV, np.zeros(()))
    found = {}
    for label, areas in tables.items():
        length = _circle(stated[label])
        if label == RV:
            length = CRESCENT * length
        elif label == MYO:
            # Two borders that err independently.
            length = np.hypot(_circle(cavity), _circle(cavity + stated[label]))
        change = (READER_MM * length / pixel_mm2)[..., None] * DEVIATES / max(widenings.get(label, 1.0), 1e-6)
        certain = (areas[..., -1] <= areas[..., 0]) & (areas[..., STATED] > 0)
        drawn = np.maximum(areas + change, 0)
        found[label] = np.where(certain[..., None], drawn, areas).astype(np.float32)
    return found


def _circle(area: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the circumference of a circle of this area."""
    return 2 * np.sqrt(np.pi * area)
