"""From a cine and its drawn slices to a `Result`: the engine's front door."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.guard import checked
from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.models.device import choose_device
from medvos.models.networks import load_cstm
from medvos.models.store import ModelInfo, resolve
from medvos.progress import Report
from medvos.propagation.assemble import assemble, slice_labels
from medvos.propagation.clip import propagate_clip
from medvos.propagation.engine import SliceResult
from medvos.propagation.job import Job
from medvos.propagation.run import run
from medvos.propagation.settings import Settings
from medvos.result import Result
from medvos.structures import MVO, heart_of
from medvos.uncertainty.borders import UNFITTED
from medvos.uncertainty.calibration import Calibration

OnSlice = Callable[[int, NDArray[np.uint8]], None]


def propagate(
    cine: Cine,
    seed: Seed,
    *,
    model: str = "cstm",
    device: str = "auto",
    progress: Report | None = None,
    settings: Settings | None = None,
    previous: Result | None = None,
    on_slice: OnSlice | None = None,
) -> Result:
    """Segments every slice and phase from the drawn ones.

    A model whose network is TCMN follows a clip of one slice (`medvos.propagation.clip`); it has no settings and
    segments all frames again where there is a previous result.

    Parameters
    ----------
    cine: two phases or more.
    seed: one drawn slice or more, at any phase. Drawn slices come back as they were drawn,
        but obstruction as the wall that it lies in.
    model: a name that ``medvos models`` lists.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``. Out of GPU memory, smaller batches and then the CPU are tried.
    progress: told of each pass; an exception that it raises stops the work and passes through.
    settings: see `Settings`.
    previous: a result of this cine that the seed corrects: only what depends on slices drawn anew is predicted again
        (`medvos.propagation.corrections`), and a drawn slice that looks as in the result is taken as accepted.
    on_slice: given the number and the labels (T, Y, X) of each slice as soon as there is a first version of it.

    Raises
    ------
    InputError: the cine has one phase or pixels that are not finite, the seed is empty or not on the cine's grid, or
        there is no such model or device, or the previous result is of another cine.
    """
    began = time.monotonic()
    checked(cine)
    if seed.labels.shape != cine.shape:
        raise InputError(f"The seed's shape {seed.labels.shape} is not the cine's {cine.shape}; draw it on this cine.")
    if not seed.drawn.any():
        raise InputError("The seed is empty; draw at least one structure on one slice.")
    given = [seed.labels] if previous is None else [seed.labels, previous.labels]
    notes = [WITHOUT_OBSTRUCTION] if any((labels == MVO).any() for labels in given) else []
    seed = replace(seed, labels=heart_of(seed.labels))
    previous = previous and replace(previous, labels=heart_of(previous.labels))
    info = resolve(model, "cstm", "tcmn")
    if info.network == "tcmn":
        result = propagate_clip(cine, seed, info, device, progress)
        if on_slice is not None:
            on_slice(0, result.labels[:, 0])
        return replace(result, provenance={**result.provenance, "notes": [*result.provenance["notes"], *notes]})
    where = choose_device(device)
    settings = settings or Settings()
    network = load_cstm(info, where)
    if settings.matching is not None:
        network.config = replace(network.config, matching=settings.matching)
    job = Job.of(cine, seed, network.config, previous)

    def show(result: SliceResult) -> None:
        if on_slice is not None:
            on_slice(result.z, slice_labels(seed, job, result))

    segmented = run(job, network, where, settings, progress, None if on_slice is None else show)
    labels, uncertainty, scores = assemble(seed, job, segmented.slices, Calibration.of(info.calibration), previous)
    provenance = {
        "model": info.name,
        "weights_sha256": info.sha256,
        "terms": info.terms,
        "intervals": info.intervals or UNFITTED,
        "device": str(segmented.device),
        "seconds": round(time.monotonic() - began, 2),
        "notes": [
            *cine.source.notes,
            *segmented.notes,
            *_beyond_the_region(seed, job),
            *_of_other_weights(previous, job, info),
            *notes,
        ],
    }
    return Result(cine, labels, uncertainty, scores, seed.drawn.copy(), provenance)


ANEW = (
    "The whole heart was followed anew: the earlier result grew from no drawing that is still there, or the slice of "
    "its main drawing was drawn again."
)
WITHOUT_OBSTRUCTION = (
    "Obstruction that was given was taken for the wall that it lies in, and is not shown: predict it again."
)


def _of_other_weights(previous: Result | None, job: Job, info: ModelInfo) -> list[str]:
    """A note where nothing of an earlier result was kept, or where another model made the slices that were."""
    if previous is not None and job.plan is None:
        return [ANEW]
    if previous is None or job.plan is None or previous.provenance.get("weights_sha256", info.sha256) == info.sha256:
        return []
    again = ", ".join(str(z) for z in job.plan.slice_indices) or "none"
    return [f"Slices predicted again by {info.name}: {again}; all others are by {previous.provenance.get('model')}."]


def _beyond_the_region(seed: Seed, job: Job) -> list[str]:
    """A note on each drawn slice that the network did not see as a whole."""
    return [
        f"The drawing of slice {z} at phase {t} lies partly outside the region round the main seed "
        "and was not followed there."
        for t, z in np.argwhere(seed.drawn)
        if not job.region.holds(seed.labels[t, z] > 0)
    ]
