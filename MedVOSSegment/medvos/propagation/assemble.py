"""Assemble label map, uncertainty and slice scores on the cine's grid from probabilities in the region."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from medvos.cine.seed import Seed
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.rv_side import side_of_rv, without_far_rv
from medvos.propagation.slice_result import SliceResult
from medvos.propagation.small_components import remove_small_components
from medvos.result import Result
from medvos.uncertainty.calibration import Calibration
from medvos.uncertainty.likeliest import likeliest
from medvos.uncertainty.slices import slice_scores
from medvos.uncertainty.voxels import voxel_uncertainty


class Maps(NamedTuple):
    """On the cine's grid: labels (T, Z, Y, X), uncertainty (T, Z, Y, X) and slice scores (T, Z).

    ``without_far_rv`` are the slices in which a part of the RV that lay beyond the LV was removed at some phase.
    """

    labels: NDArray[np.uint8]
    uncertainty: NDArray[np.float32]
    scores: NDArray[np.float32]
    without_far_rv: tuple[int, ...]


def assemble(
    seed: Seed,
    inputs: PropagationInputs,
    slices: list[SliceResult],
    calibration: Calibration,
    previous: Result | None = None,
) -> Maps:
    """Return the maps of a whole heart; drawn slices exactly as drawn.

    Parameters
    ----------
    seed: on the cine's grid.
    inputs: of this cine and seed.
    slices: as `medvos.propagation.memory_fallback.run_with_fallback` returns them.
    calibration: of the model that predicted them.
    previous: the source of all other slices, where only corrections were propagated.
    """
    kept = previous if inputs.plan is not None else None
    labels = np.zeros(seed.labels.shape, np.uint8) if kept is None else kept.labels.copy()
    uncertainty = np.zeros(seed.labels.shape, np.float32) if kept is None else kept.uncertainty.copy()
    scores = np.zeros(seed.drawn.shape, np.float32) if kept is None else kept.slice_scores.copy()
    plane = seed.labels.shape[2], seed.labels.shape[3]
    removed = []
    for result in slices:
        probabilities, spread, presence = (t.cpu() for t in (result.probabilities, result.spread, result.presence))
        scores[:, result.z] = slice_scores(probabilities, presence, calibration, inputs.numbers).numpy()
        unsure = voxel_uncertainty(probabilities, spread, calibration)
        uncertainty[:, result.z] = inputs.region.restore(unsure[:, None], plane)[:, 0].numpy()
        labels[:, result.z], is_removed = _labels_and_removal(seed, inputs, result)
        removed += [result.z] if is_removed else []
    labels[seed.drawn] = seed.labels[seed.drawn]
    uncertainty[seed.drawn] = 0
    scores[seed.drawn] = 0
    np.clip(uncertainty, 0, 1, out=uncertainty)  # in place: a copy of a long clip takes gigabytes
    return Maps(labels, uncertainty, scores, tuple(removed))


def slice_labels(seed: Seed, inputs: PropagationInputs, result: SliceResult) -> NDArray[np.uint8]:
    """Return the labels (T, Y, X) of one slice, drawn phases exactly as drawn."""
    return _labels_and_removal(seed, inputs, result)[0]


def _labels_and_removal(seed: Seed, inputs: PropagationInputs, result: SliceResult) -> tuple[NDArray[np.uint8], bool]:
    """Return the labels of one slice, and whether a part of the RV was removed at an undrawn phase."""
    drawn, is_removed = seed.drawn[:, result.z], False
    plane = seed.labels.shape[2], seed.labels.shape[3]
    labels = np.zeros((len(seed.labels), *plane), np.uint8)
    side = side_of_rv(seed.labels[inputs.start])
    # Phase by phase: all of a long clip at once would not fit into memory.
    for phase, probabilities in enumerate(result.probabilities.cpu().split(1)):
        slots = likeliest(inputs.region.to_box(probabilities))[0]
        found = remove_small_components(inputs.numbers[inputs.region.place(slots, plane).numpy()])
        labels[phase] = without_far_rv(found, side)
        is_removed |= not drawn[phase] and bool((labels[phase] != found).any())
    labels[drawn] = seed.labels[drawn, result.z]
    return labels, is_removed
