"""Correlation of border errors over slices and phases; fitted for each model, stored in its manifest entry."""

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
    """The error model of one structure's border.

    Attributes
    ----------
    widening: standard deviation of the border position, relative to that which the voxel uncertainty states.
    reach_mm: distance between two slices at which the correlation of their errors is 1/e.
    shared: correlation of the errors of one slice at two phases, such as ED and ES.
    """

    widening: float = 1.0
    reach_mm: float = 30.0
    shared: float = 0.0


# For models without a fit: wider than any fit so far, since errors that are shared by more slices but by fewer phases
# cancel less in volumes and in the ejection fraction.
DEFAULT = Border()
UNFITTED: dict[str, Any] = {FITTED_ON: "no patient: safe defaults, wider than need be"}


def border_of(constants: Mapping[str, Any], structure: str) -> Border:
    """Read the border of a structure from a model's manifest entry or a result's provenance."""
    return Border(*constants[structure]) if structure in constants else DEFAULT


def sample_areas(
    areas: NDArray[np.float32], border: Border, slice_mm: float, count: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Sample possible true areas of one structure, summed over its slices.

    The positions of the border form a Gaussian copula: jointly normal, correlated as ``border`` states.

    >>> sample_areas(areas, Border(), 8.0, 2000, np.random.default_rng(0)).shape  # doctest: +SKIP
    (2000, 2)

    Parameters
    ----------
    areas: (T, Z, D) of `medvos.uncertainty.areas.area_tables`.
    slice_mm: distance between slices.
    count: number of samples.

    Returns
    -------
    (count, T) in voxels.
    """
    phases, slices, _ = areas.shape
    apart = slice_mm * np.abs(np.subtract.outer(np.arange(slices), np.arange(slices)))
    along = np.linalg.cholesky(np.exp(-apart / border.reach_mm))  # (Z, Z)
    common, own = rng.standard_normal((count, 1, slices)), rng.standard_normal((count, phases, slices))
    place = border.widening * (np.sqrt(border.shared) * common + np.sqrt(1 - border.shared) * own) @ along.T
    at = (place.clip(DEVIATES[0], DEVIATES[-1]) - DEVIATES[0]) / (DEVIATES[1] - DEVIATES[0])  # (count, T, Z)
    below = np.minimum(at.astype(np.intp), len(DEVIATES) - 2)
    t, z = np.ogrid[:phases, :slices]
    inner, outer = areas[t, z, below], areas[t, z, below + 1]
    return np.asarray((inner + (at - below) * (outer - inner)).sum(2))


def places(areas: NDArray[np.float32], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the true position of the border as a deviate; nan if no voxel was uncertain.

    Parameters
    ----------
    areas: (T, Z, D), see `sample_areas`.
    truth: (T, Z), the true areas in voxels.
    """
    found = np.full(truth.shape, np.nan)
    for t, z in np.argwhere(areas[..., -1] > areas[..., 0]):
        # The small slope selects, among positions of equal area, the one nearest to the labels.
        found[t, z] = np.interp(truth[t, z], areas[t, z] + 1e-6 * DEVIATES, DEVIATES)
    return found
