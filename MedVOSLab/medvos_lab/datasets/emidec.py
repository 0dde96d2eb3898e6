"""EMIDEC (Lalande et al. 2020): late enhancement, of which the shapes of no-reflow inside the infarct are used."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from medvos.structures import LV, MYO
from medvos.uncertainty.obstruction_calibration import Components
from medvos.wall_ring import ring_of
from medvos_lab.datasets.root import dataset_folder
from medvos_lab.folds import USUAL, Fold

CAVITY, MYOCARDIUM, INFARCT, NO_REFLOW = 1, 2, 3, 4
SPACING = (1.4, 1.4)  # assumed: the files have none, and shapes are relative to the wall
# A core on a grid over its infarct: across its width from -1 to 1, and through the wall from 0 to 1.
ACROSS, THROUGH = 33, 13
LEAST_INFARCT, LEAST_CORE = 12, 12  # pixels; fewer have no shape
WIDTH_QUANTILE = 0.95


def emidec_cores(
    root: Path | None, split: Literal["training", "validation"], fold: Fold = USUAL
) -> list[NDArray[np.float32]]:
    """Return the no-reflow of all patients of one split who have some, as (slices of the infarct, 33, 13) from 0 to 1.

    Validation are the patients of the fold, by default those whose number ends in 4 or 9.

    Raises
    ------
    InputError: the data set is not there.
    """
    files = sorted(dataset_folder(root, "emidec_lge").glob("Case_P*.npz"))
    cores = (core_of(path) for path in files if fold.has(path.stem) == (split == "validation"))
    return [core for core in cores if core is not None]


def core_of(path: Path) -> NDArray[np.float32] | None:
    """Return one patient's no-reflow, or None without any."""
    with np.load(path) as file:
        labels = file["label"]
    if (labels == NO_REFLOW).sum() < LEAST_CORE:
        return None
    infarcted = [plane for plane in labels if np.isin(plane, (INFARCT, NO_REFLOW)).sum() >= LEAST_INFARCT]
    return np.stack([_unrolled(plane) for plane in infarcted if (plane == CAVITY).any()])


def in_small_components(root: Path | None, fraction: float) -> list[float]:
    """Return, for every patient with no-reflow, the part in components of less than ``fraction`` of the largest.

    Raises
    ------
    InputError: the data set is not there.
    """
    parts = []
    for path in sorted(dataset_folder(root, "emidec_lge").glob("Case_P*.npz")):
        with np.load(path) as file:
            there = file["label"] == NO_REFLOW
        if there.any():
            kept = Components.above(0.5, there.astype(np.float32)).large(fraction)
            parts.append(1 - float(kept.sum() / there.sum()))
    return parts


def _unrolled(plane: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (33, 13): one slice's no-reflow across and through its infarct."""
    from scipy.interpolate import NearestNDInterpolator

    infarct = np.isin(plane, (INFARCT, NO_REFLOW))
    heart = np.where(plane == CAVITY, LV, np.where(infarct | (plane == MYOCARDIUM), MYO, 0)).astype(np.uint8)
    ring = ring_of(heart, SPACING, septum=0.0)
    middle = np.angle(np.exp(1j * ring.angle[infarct]).mean())
    away = np.angle(np.exp(1j * (ring.angle - middle)))
    half = float(np.quantile(np.abs(away[infarct]), WIDTH_QUANTILE))
    places = np.stack([away[ring.wall] / half, ring.depth[ring.wall]], -1)
    at = np.stack(np.meshgrid(np.linspace(-1, 1, ACROSS), np.linspace(0, 1, THROUGH), indexing="ij"), -1)
    return NearestNDInterpolator(places, (plane == NO_REFLOW)[ring.wall].astype(np.float32))(at).astype(np.float32)
