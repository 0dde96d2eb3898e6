"""Errors of volumes and EF by slice distance and by missing slices, on hearts whose exact volumes are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.measure.catalogue import ES, row_of
from medvos.measure.volumes import volume_curves
from medvos.structures import LV, name_of
from medvos.synth.acquisition import Acquisition, ScanGrid
from medvos.synth.motion import Motion
from medvos.synth.parameters import KINDS, HeartParameters
from medvos.synth.placement import Placement
from medvos.synth.rasterise import rasterise

DISTANCES_MM = (0.5, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0, 20.0)
# Distances at which one slice is left out, as cine stacks have them.
GAP_DISTANCES_MM = (6.0, 8.0, 10.0, 12.0)
PIXEL_MM = 1.5
STACK_MM = 140.0
OFFSETS = (0.1, 0.35, 0.6, 0.85)  # where the base lies between two slices, as a part of their distance
NAMES = ("LVEDV", "LVESV", "LVEF", "LVM", "RVEDV", "RVESV", "RVEF")
BASE, INNER, APEX = "the most basal slice", "an inner slice, interpolated", "the most apical slice"


@dataclass(frozen=True)
class SliceError:
    """Errors of one measure at one slice distance over all hearts and places of the stack.

    Attributes
    ----------
    mean, worst: absolute error in % of the exact value, of EF in points.
    """

    name: str
    distance_mm: float
    mean: float
    worst: float


def slice_errors(rng_seed: int = 0) -> list[SliceError]:
    """Return errors of exact masks by measure and slice distance; a heart of every kind, four places each."""
    found = []
    for distance in DISTANCES_MM:
        errors = np.array(list(_errors(distance, rng_seed)))  # (hearts x offsets, measures)
        found += [
            SliceError(name, distance, e.mean(), e.max()) for name, e in zip(NAMES, np.abs(errors).T, strict=True)
        ]
    return found


@dataclass(frozen=True)
class GapError:
    """Change of the LV's EF, in points, that one slice alone makes that is not in the stack.

    Attributes
    ----------
    missing: which slice is not there. mean, worst: over all hearts, places of the stack and inner slices.
    """

    missing: str
    distance_mm: float
    mean: float
    worst: float


def gap_errors(rng_seed: int = 0) -> list[GapError]:
    """Return the change of EF where one slice with the LV at ED is not in the stack.

    The area of an inner slice is the mean of its neighbours', as where the reader interpolates it.
    """
    found = []
    for distance in GAP_DISTANCES_MM:
        changes: dict[str, list[float]] = {BASE: [], INNER: [], APEX: []}
        for labels, _ in _scans(distance, rng_seed):
            areas = (labels == LV).sum(axis=(2, 3)).astype(np.float64)  # (2, Z)
            for missing, z in _leaving_out(areas[0]):
                other = areas.copy()
                other[:, z] = (areas[:, z - 1] + areas[:, z + 1]) / 2 if missing == INNER else 0
                changes[missing].append(abs(_ef(other) - _ef(areas)))
        found += [GapError(name, distance, float(np.mean(c)), float(np.max(c))) for name, c in changes.items()]
    return found


def _leaving_out(areas: NDArray[np.float64]) -> Iterator[tuple[str, int]]:
    """Yield which slice of the LV at ED, with areas (Z,), is left out, and its index; the apex is the smaller end."""
    filled = [int(z) for z in np.flatnonzero(areas)]
    if areas[filled[0]] < areas[filled[-1]]:
        filled.reverse()
    yield BASE, filled[0]
    yield APEX, filled[-1]
    yield from ((INNER, z) for z in filled[1:-1])


def _ef(areas: NDArray[np.float64]) -> float:
    """Return the EF in % of areas (2, Z) at ED and ES."""
    ed, es = areas.sum(axis=1)
    return float(100 * (ed - es) / ed)


def write_slice_plot(path: Path, errors: list[SliceError]) -> None:
    """Plot the mean error over slice distance, one line a measure, with the worst as a dotted line."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    for name, colour in (("LVEDV", "#ff5a36"), ("LVEF", "#1c2733"), ("LVM", "#c99a00"), ("RVEDV", "#3da5ff")):
        own = [e for e in errors if e.name == name]
        distances = [e.distance_mm for e in own]
        axes.plot(distances, [e.mean for e in own], "o-", color=colour, label=name)
        axes.plot(distances, [e.worst for e in own], ":", color=colour)
    axes.axhline(1, color="grey", linewidth=0.8)
    axes.set(xlabel="distance between slices (mm)", ylabel="error (%; of EF in points)", xlim=(0, None), ylim=(0, None))
    axes.legend(title="mean; dotted: worst")
    figure.savefig(path, dpi=130)


def _errors(distance: float, rng_seed: int) -> Iterator[list[float]]:
    affine = np.diag([PIXEL_MM, PIXEL_MM, distance, 1.0])
    for labels, exact in _scans(distance, rng_seed):
        measured = volume_curves(labels, affine)
        yield [_error(name, measured, exact) for name in NAMES]


def _scans(distance: float, rng_seed: int) -> Iterator[tuple[NDArray[np.uint8], dict[str, NDArray[np.float64]]]]:
    """Yield exact masks (2, Z, Y, X) at ED and ES, and the exact volumes, of each heart and place of the stack."""
    side = round(240 / PIXEL_MM)
    grid = ScanGrid((2, round(STACK_MM / distance), side, side), (distance, PIXEL_MM, PIXEL_MM))
    rng = np.random.default_rng(rng_seed)
    for kind in KINDS:
        parameters = HeartParameters.random(rng, kind)
        motion = Motion(parameters, np.array([0.0, parameters.systole]))
        for offset in OFFSETS:
            scan = Acquisition(stack_offset=offset, breath_hold=0.0)
            yield rasterise(Placement(motion, scan, grid, np.random.default_rng(rng_seed))), motion.volumes


def _error(name: str, measured: dict[str, NDArray[np.float64]], exact: dict[str, NDArray[np.float64]]) -> float:
    """Return the error in % of the exact value, of EF in points; the mass as a volume."""
    row = row_of(name)
    (ed, es), (true_ed, true_es) = measured[name_of(row.structure)], exact[name_of(row.structure)]
    if row.unit == "%":
        return float(100 * (true_es / true_ed - es / ed))
    return float(100 * (es / true_es if row.phases == ES else ed / true_ed) - 100)
