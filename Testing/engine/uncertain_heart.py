"""A made world whose borders err in a known way: round ventricles, the same at every slice, smaller at ES."""

from __future__ import annotations

import math

import numpy as np

from medvos.cine.cine import Cine
from medvos.result import Result
from medvos.structures import LV, MYO

SIDE, SLICES, SLICE_MM = 64, 6, 8.0
RADII = (16.0, 11.0)  # of the LV at ED and ES, in pixels
WALL = 8.0
ERROR = 1.5  # standard deviation of the LV's radius, in pixels
BORDER = (1.0, 16.0, 0.3)  # widening, reach in mm, share of ED and ES
Y, X = np.mgrid[:SIDE, :SIDE]
RADIUS = np.hypot(Y - SIDE / 2 + 0.3, X - SIDE / 2 + 0.2)
# Probability that the border lies at this deviate or beyond.
BEYOND = np.vectorize(lambda deviate: math.erfc(deviate / math.sqrt(2)) / 2)


def a_result(error: float = ERROR, constants: dict | None = None, n_slices: int = SLICES) -> Result:
    """What a perfectly calibrated method states: each voxel is wrong as often as its uncertainty states."""
    labels = np.zeros((2, n_slices, SIDE, SIDE), np.uint8)
    uncertainty = np.zeros(labels.shape, np.float32)
    for phase, radius in enumerate(RADII):
        labels[phase, :, radius + WALL >= RADIUS] = MYO
        labels[phase, :, radius >= RADIUS] = LV
        if error:
            uncertainty[phase] = BEYOND(np.abs(RADIUS - radius) / error)
    times = np.array([0.0, 300.0])
    cine = Cine(np.zeros(labels.shape, np.float32), np.diag([1.5, 1.5, SLICE_MM, 1.0]), times, 900.0)
    found = {"fitted_on": "a made world", "LV": list(BORDER)} if constants is None else constants
    nowhere = np.zeros(labels.shape[:2], bool)
    return Result(cine, labels, uncertainty, nowhere.astype(np.float32), nowhere, {"intervals": found})


def true_areas(rng: np.random.Generator, border: tuple[float, float, float] = BORDER) -> np.ndarray:
    """(2, Z) voxels of the LV in one patient: discs whose radii err as ``border`` says, slice after slice."""
    widening, reach, shared = border
    along = math.exp(-SLICE_MM / reach)
    places = np.zeros((2, SLICES))
    for z in range(SLICES):
        fresh = math.sqrt(shared) * rng.standard_normal() + math.sqrt(1 - shared) * rng.standard_normal(2)
        places[:, z] = fresh if z == 0 else along * places[:, z - 1] + math.sqrt(1 - along**2) * fresh
    radii = np.array(RADII)[:, None] + ERROR * widening * places
    return (radii[..., None, None] >= RADIUS).sum((2, 3)).astype(float)
