"""Error of the LVEF that the distance between slices, or a missing slice, causes by itself.

The numbers are those of ``medvos bench measures`` on synthetic hearts with exact masks, see ``Docs/measures.md``.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

LARGEST_MM = 12.0
# Distance in mm: mean and worst error of the LVEF in points.
BY_DISTANCE = {12.0: (3.4, 7.8), 14.0: (4.0, 9.3), 16.0: (4.8, 11.5), 18.0: (5.5, 12.8), 20.0: (6.3, 15.7)}
# Missing slice, then distance in mm: mean and worst change of the LVEF in points.
BY_MISSING = {
    "base": {6.0: (4.0, 7.2), 8.0: (5.1, 9.5), 10.0: (5.4, 11.6), 12.0: (6.1, 13.6)},
    "inner": {6.0: (0.2, 3.4), 8.0: (0.4, 4.5), 10.0: (0.5, 5.5), 12.0: (0.7, 6.5)},
    "apex": {6.0: (0.1, 0.3), 8.0: (0.1, 0.5), 10.0: (0.2, 0.8), 12.0: (0.3, 0.9)},
}


def error_of_distance(distance_mm: float) -> tuple[float, float]:
    """Return mean and worst error of the LVEF in points at a distance of 12 mm or more; beyond 20 mm that of 20 mm.

    >>> tuple(round(error, 2) for error in error_of_distance(15.0))
    (4.4, 10.4)
    """
    return _between(BY_DISTANCE, distance_mm)


def error_of_gap(missing: Literal["base", "inner", "apex"], distance_mm: float) -> tuple[float, float]:
    """Return mean and worst change of the LVEF in points that one missing slice makes."""
    return _between(BY_MISSING[missing], distance_mm)


def _between(table: dict[float, tuple[float, float]], distance_mm: float) -> tuple[float, float]:
    mean, worst = (np.interp(distance_mm, list(table), [row[i] for row in table.values()]) for i in (0, 1))
    return float(mean), float(worst)
