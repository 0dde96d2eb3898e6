"""From probabilities in the region to label map, uncertainty and slice scores on the cine's grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.cine.seed import Seed
from medvos.propagation.engine import SliceResult
from medvos.propagation.job import Job
from medvos.propagation.tidy import remove_small_components
from medvos.result import Result
from medvos.uncertainty.calibration import Calibration
from medvos.uncertainty.slices import slice_scores
from medvos.uncertainty.voxels import voxel_uncertainty

Maps = tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]


def assemble(
    seed: Seed, job: Job, slices: list[SliceResult], calibration: Calibration, previous: Result | None = None
) -> Maps:
    """Labels (T, Z, Y, X), uncertainty (T, Z, Y, X) and slice scores (T, Z); drawn slices exactly as drawn.

    Parameters
    ----------
    seed: on the cine's grid.
    job: of this cine and seed.
    slices: as `medvos.propagation.run.run` gives them.
    calibration: of the model that made them.
    previous: has all other slices, where only corrections were followed.
    """
    kept = previous if job.plan is not None else None
    labels = np.zeros(seed.labels.shape, np.uint8) if kept is None else kept.labels.copy()
    uncertainty = np.zeros(seed.labels.shape, np.float32) if kept is None else kept.uncertainty.copy()
    scores = np.zeros(seed.drawn.shape, np.float32) if kept is None else kept.slice_scores.copy()
    plane = seed.labels.shape[2], seed.labels.shape[3]
    for result in slices:
        probabilities, spread, presence = (t.cpu() for t in (result.probabilities, result.spread, result.presence))
        scores[:, result.z] = slice_scores(probabilities, presence, calibration).numpy()
        doubt = voxel_uncertainty(probabilities, spread, calibration)
        uncertainty[:, result.z] = job.region.place(job.region.to_box(doubt[:, None])[:, 0], plane).numpy()
        labels[:, result.z] = slice_labels(seed, job, result)
    labels[seed.drawn] = seed.labels[seed.drawn]
    uncertainty[seed.drawn] = 0
    scores[seed.drawn] = 0
    np.clip(uncertainty, 0, 1, out=uncertainty)  # in place: of a large film a copy is gigabytes
    return labels, uncertainty, scores


def slice_labels(seed: Seed, job: Job, result: SliceResult) -> NDArray[np.uint8]:
    """(T, Y, X) labels of one slice, drawn phases exactly as drawn."""
    plane = seed.labels.shape[2], seed.labels.shape[3]
    labels = np.zeros((len(seed.labels), *plane), np.uint8)
    for phase, one in enumerate(result.probabilities.cpu().split(1)):  # all of a film at once would not fit into memory
        # The channels go last for argmax, which is several times faster along contiguous memory.
        slots = job.region.to_box(one)[0].movedim(0, -1).contiguous().argmax(-1)
        labels[phase] = remove_small_components(job.numbers[job.region.place(slots, plane).numpy()])
    drawn = seed.drawn[:, result.z]
    labels[drawn] = seed.labels[drawn, result.z]
    return labels
