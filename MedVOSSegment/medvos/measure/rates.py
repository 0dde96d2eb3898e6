"""Compute peak ejection and filling rates from a smooth curve through a ventricle's volumes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Five to six harmonics describe diastole with the least error in curves of little noise, and fewer only systole
# (Bacharach et al. 1983, J Nucl Med 24:1176-1184).
HARMONICS = 5
LEAST_PHASES = 3 * HARMONICS
LARGEST_GAP = 1 / (2 * HARMONICS)  # fraction of the beat; a wave needs two samples
SAMPLES = 1000


def peak_rates(
    times: NDArray[np.float64], volumes: NDArray[np.float64], period: float
) -> tuple[float, float] | tuple[None, None]:
    """Return peak ejection and peak filling rate in mL/s, both positive, of a Fourier series fitted by least squares.

    Parameters
    ----------
    times: (T,) ms. volumes: (T,) mL, NaN where not known. period: length of the beat in ms.

    Returns
    -------
    None twice if too few phases are known, or if part of the beat is missing.
    """
    known = np.isfinite(volumes) & (np.nan_to_num(volumes) > 0)
    place = times[known] / period
    if len(place) < LEAST_PHASES or np.diff(place, append=place[0] + 1).max() > LARGEST_GAP * 1.001:
        return None, None
    orders = 2 * np.pi * np.arange(1, HARMONICS + 1, dtype=np.float64)
    coefficients = np.linalg.lstsq(_series(place, orders), np.asarray(volumes[known], np.float64), rcond=None)[0]
    cosines, sines = coefficients[1 : HARMONICS + 1], coefficients[HARMONICS + 1 :]
    angles = np.outer(np.arange(SAMPLES) / SAMPLES, orders)
    slope = (np.cos(angles) @ (orders * sines) - np.sin(angles) @ (orders * cosines)) * 1000 / period
    return float(-slope.min()), float(slope.max())


def _series(place: NDArray[Any], orders: NDArray[Any]) -> NDArray[np.float64]:
    """Return (N, 1 + 2 HARMONICS) values of the constant, the cosines and the sines."""
    angles = np.outer(place, orders)
    return np.hstack([np.ones((len(place), 1)), np.cos(angles), np.sin(angles)])
