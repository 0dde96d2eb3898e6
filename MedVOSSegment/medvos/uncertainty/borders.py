"""How the errors of a border hang together over slices and phases; fitted per model, kept in its manifest entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.uncertainty.areas import DEVIATES

FITTED_ON = "fitted_on"


@dataclass(frozen=True)
class Border:
    """Three numbers for one structure.

    Attributes
    ----------
    widening: standard deviation of the border's place, in those that the voxel uncertainty states; 1 takes it at its
        word.
    reach_mm: distance between two slices at which the correlation of their errors has fallen to 1/e.
    shared: correlation of the errors of one slice at two phases, such as ED and ES.
    """

    widening: float = 1.0
    reach_mm: float = 30.0
    shared: float = 0.0


# Where nothing was fitted: wider than any fit so far, since errors that share more of the heart but less of the beat
# cancel less in volumes and in the ejection fraction.
DEFAULT = Border()
UNFITTED: dict[str, Any] = {FITTED_ON: "no patient: safe defaults, wider than need be"}


def border_of(constants: Mapping[str, Any], structure: str) -> Border:
    """Of a structure by its name, from a model's manifest entry or a result's provenance."""
    return Border(*constants[structure]) if structure in constants else DEFAULT


def sample_areas(
    areas: NDArray[np.float32], border: Border, slice_mm: float, count: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draws what the areas of one structure may be in truth, summed over its slices.

    The places of the border are a Gaussian copula: jointly normal, correlated as ``border`` says.

    Parameters
    ----------
    areas: (T, Z, D) of `medvos.uncertainty.areas.area_tables`.
    slice_mm: distance between slices.
    count: how many samples.

    Returns
    -------
    (count, T) in voxels.
    """
    phases, levels, _ = areas.shape
    apart = slice_mm * np.abs(np.subtract.outer(np.arange(levels), np.arange(levels)))
    along = np.linalg.cholesky(np.exp(-apart / border.reach_mm))  # (Z, Z)
    common, own = rng.standard_normal((count, 1, levels)), rng.standard_normal((count, phases, levels))
    place = border.widening * (np.sqrt(border.shared) * common + np.sqrt(1 - border.shared) * own) @ along.T
    at = (place.clip(DEVIATES[0], DEVIATES[-1]) - DEVIATES[0]) / (DEVIATES[1] - DEVIATES[0])  # (count, T, Z)
    below = np.minimum(at.astype(np.intp), len(DEVIATES) - 2)
    t, z = np.ogrid[:phases, :levels]
    inner, outer = areas[t, z, below], areas[t, z, below + 1]
    return np.asarray((inner + (at - below) * (outer - inner)).sum(2))


def places(areas: NDArray[np.float32], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the border really was, as a deviate; nan where nothing was unsure.

    Parameters
    ----------
    areas: (T, Z, D), see `sample_areas`.
    truth: (T, Z), the true areas in voxels.
    """
    found = np.full(truth.shape, np.nan)
    for t, z in np.argwhere(areas[..., -1] > areas[..., 0]):
        # The hair of a slope finds, among places of equal area, the one that is nearest to the labels.
        found[t, z] = np.interp(truth[t, z], areas[t, z] + 1e-6 * DEVIATES, DEVIATES)
    return found
