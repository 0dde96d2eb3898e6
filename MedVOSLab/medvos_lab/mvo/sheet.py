"""Contact sheet of obstruction: the simulated core against the prediction, on the image at ED."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import find_boundaries

from medvos.structures import OBSTRUCTION
from medvos_lab.bench.sheets import TRUTH_COLOUR

if TYPE_CHECKING:
    from medvos_lab.mvo.patients import SimulatedPatient
    from medvos_lab.mvo.predictions import PatientPrediction

ZOOM, MARGIN_PX = 4, 6
GAP_PX = 12  # between patients
OPACITY = 0.6  # of the prediction


def obstruction_sheet(shown: Sequence[tuple[SimulatedPatient, PatientPrediction]]) -> NDArray[np.uint8]:
    """Return (rows, columns, 3) uint8: for each patient the bare slices from base to apex, the prediction below them.

    The simulated core is a white contour, the prediction an area in the colour that obstruction has everywhere.
    """
    blocks = [_block(patient, prediction) for patient, prediction in shown]
    height, width = (max(block.shape[axis] for block in blocks) for axis in (0, 1))
    padded = [np.pad(b, ((0, height + GAP_PX - len(b)), (0, width - b.shape[1]), (0, 0))) for b in blocks]
    return np.concatenate(padded)[:-GAP_PX]


def _block(patient: SimulatedPatient, prediction: PatientPrediction) -> NDArray[np.uint8]:
    rows, columns = _window(prediction.wall)
    grey = _enlarged((patient.frames[:, 0, rows, columns].numpy() * 255).astype(np.uint8))
    bare = np.repeat(grey[..., None], 3, axis=-1)
    drawn = bare.copy()
    found = _enlarged(prediction.found[:, rows, columns])
    drawn[found] = (1 - OPACITY) * drawn[found] + OPACITY * np.array(OBSTRUCTION.colour)
    for tile, core in zip(drawn, _enlarged(prediction.core[:, rows, columns]), strict=True):
        tile[find_boundaries(core, mode="inner")] = TRUTH_COLOUR
    return np.concatenate([np.concatenate(list(tiles), axis=1) for tiles in (bare, drawn)])


def _window(wall: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return rows and columns round the wall of all slices."""
    y, x = np.nonzero(wall.any(0))
    return tuple(slice(max(int(a.min()) - MARGIN_PX, 0), int(a.max()) + 1 + MARGIN_PX) for a in (y, x))  # type: ignore[return-value]


def _enlarged(images: NDArray) -> NDArray:
    """Enlarge each pixel of (Z, Y, X)."""
    return images.repeat(ZOOM, axis=1).repeat(ZOOM, axis=2)
