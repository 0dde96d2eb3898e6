"""The fraction of the stroke volume that is ejected at any time of the beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator


def ejected_fraction(beat: ArrayLike, systole: float, diastasis: float) -> NDArray[np.float64]:
    """Return the ejected fraction of the stroke volume: 0 at end diastole, 1 at end systole, periodic.

    The knots are those of a textbook volume-time curve: isovolumic contraction, ejection, isovolumic relaxation,
    early filling, diastasis and the atrial kick; monotone between them.

    Parameters
    ----------
    beat: time in beats, any shape; 0 is end diastole. systole: part of the beat. diastasis: value in mid-diastole.
    """
    diastole = 1.0 - systole
    knots = [0.0, 0.06, 0.5 * systole, systole, systole + 0.05]
    knots += [systole + 0.4 * diastole, systole + 0.75 * diastole, systole + 0.94 * diastole]
    values = [0.0, 0.03, 0.6, 1.0, 0.98, diastasis + 0.03, diastasis - 0.03, 0.015]
    times = np.concatenate([np.array(knots) + k for k in (-1, 0, 1)] + [[2.0]])
    curve = PchipInterpolator(times, np.concatenate([np.tile(values, 3), [0.0]]))
    return np.asarray(curve(np.mod(np.asarray(beat, dtype=float), 1.0)), dtype=float)
