"""Contact sheets: a case at a glance, truth in white, prediction in the structures' colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import find_boundaries

from medvos.structures import STRUCTURES
from medvos_lab.bench.protocol import Trial
from medvos_lab.bench.regions import heart_slices

ZOOM = 3
MARGIN_PX = 20
TRUTH_COLOUR = (255, 255, 255)
PREDICTION_COLOURS = {1: (80, 160, 255), 2: (80, 220, 80), 3: (255, 80, 80)}


def contact_sheet(trial: Trial, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (rows, columns, 3) uint8: ED above ES, one column a slice; a bar marks the seed.

    Slices beyond the heart are left out unless the prediction drew there.
    """
    case = trial.case
    drawn = np.isin(labels, [s.label for s in STRUCTURES])
    truth = np.isin(case.labels, [s.label for s in STRUCTURES])
    phases = [trial.ed, trial.es]
    slices = np.flatnonzero(heart_slices(case) | drawn[phases].any(axis=(0, 2, 3)))
    rows, columns = _window(np.asarray((drawn | truth)[phases].any(axis=(0, 1))))
    low, high = np.percentile(case.cine.array, (1, 99))
    tiles = []
    for t in phases:
        line = []
        for z in slices:
            image = np.clip((case.cine.array[t, z, rows, columns] - low) / max(high - low, 1e-6), 0, 1) * 255
            tile = _tile(image, case.labels[t, z, rows, columns], labels[t, z, rows, columns])
            if (t, z) == (trial.phase, trial.slice):
                tile[:ZOOM] = (255, 220, 0)
            line.append(tile)
        tiles.append(np.concatenate(line, axis=1))
    return np.concatenate(tiles, axis=0)


def write_sheet(path: Path, sheet: NDArray[np.uint8]) -> None:
    """Write a contact sheet as PNG."""
    from matplotlib.image import imsave

    imsave(path, sheet)


def _window(where: NDArray[np.bool_]) -> tuple[slice, slice]:
    y, x = np.nonzero(where)
    return tuple(  # type: ignore[return-value]
        slice(max(int(a.min()) - MARGIN_PX, 0), int(a.max()) + MARGIN_PX) for a in (y, x)
    )


def _tile(image: NDArray[np.floating], truth: NDArray[np.uint8], found: NDArray[np.uint8]) -> NDArray[np.uint8]:
    def enlarge(a: NDArray) -> NDArray:
        return a.repeat(ZOOM, axis=0).repeat(ZOOM, axis=1)

    tile = np.repeat(enlarge(image.astype(np.uint8))[..., None], 3, axis=-1)
    for structure in STRUCTURES:
        tile[find_boundaries(enlarge(truth == structure.label), mode="inner")] = TRUTH_COLOUR
    for structure in STRUCTURES:
        edge = find_boundaries(enlarge(found == structure.label), mode="inner")
        tile[edge] = PREDICTION_COLOURS[structure.label]
    return tile
