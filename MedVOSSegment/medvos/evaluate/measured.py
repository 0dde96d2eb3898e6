"""Measure a segmentation and the truth side by side."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.timing import Timing
from medvos.measure.catalogue import Needs, names_that_need
from medvos.measure.measure import measure
from medvos.measure.measures import Measure, Measures
from medvos.structures import BACKGROUND

Pair = dict[str, float | str | None]
COUNTED = " Slices are counted among those that the truth labels at every labelled phase."


def side_by_side(
    found: NDArray[np.uint8],
    expected: NDArray[np.uint8],
    judged: NDArray[np.bool_],
    affine: NDArray[np.float64],
    timing: Timing,
) -> dict[str, Pair]:
    """Return measure name to ``prediction``, ``truth``, ``unit`` and ``reason``, for measures that need labels alone.

    ``reason`` says of which side the value is missing and why; None where both are there.

    Each side has its own ED and ES, as in the report of the segmentation; they may differ from those of the truth. Both
    are measured over the slices that are labelled in every labelled phase.

    Parameters
    ----------
    found, expected: (T, Z, Y, X) label maps.
    judged: (T, Z) bool, slices that the truth labels.
    affine: (4, 4) voxel index (x, y, z, 1) to mm.
    timing: of both.
    """
    slices = np.asarray(judged[judged.any(axis=1)].all(axis=0))  # (Z,)
    prediction = _measured(found, np.broadcast_to(slices, judged.shape), affine, timing)
    truth = _measured(expected, slices & judged, affine, timing)
    return {
        name: {
            "prediction": prediction[name].value,
            "truth": truth[name].value,
            "unit": truth[name].unit,
            "reason": missing(prediction[name], truth[name], bool(slices.all())),
        }
        for name in names_that_need(Needs.LABELS)
    }


def missing(prediction: Measure, truth: Measure, whole: bool = True) -> str | None:
    """Return of which side a measure is missing and why, None if of neither; ``whole``: every slice was measured.

    >>> missing(Measure(None, "%", reason="there is no ES"), Measure(55.0, "%"))
    'The prediction: there is no ES.'
    """
    sides = (("The prediction", prediction), ("The truth", truth))
    found = " ".join(f"{name}: {str(side.reason).removesuffix('.')}." for name, side in sides if side.value is None)
    return f"{found}{COUNTED}" if re.search(r"slices? \d", found) and not whole else found or None


def _measured(
    labels: NDArray[np.uint8], known: NDArray[np.bool_], affine: NDArray[np.float64], timing: Timing
) -> Measures:
    """Measure (T, Z, Y, X) labels over the slices that are ``known`` (T, Z) at any phase."""
    slices = known.any(axis=0) if known.any() else np.ones(known.shape[1], bool)
    labels = np.where(known[..., None, None], labels, BACKGROUND).astype(np.uint8)[:, slices]
    source = Source(heart_rate=timing.heart_rate)
    grid = Cine(np.broadcast_to(np.float32(0), labels.shape), affine, timing.times, timing.period, source)
    return measure(labels, grid, wall=False)
