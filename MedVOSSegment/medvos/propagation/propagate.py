"""From a cine and its drawn slices to a `Result`: the engine's front door."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.cine.cine import Cine
from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.models.cstm import Cstm
from medvos.models.device import choose_device
from medvos.models.store import load, resolve
from medvos.propagation.engine import Propagator, SeedMasks, SliceResult
from medvos.propagation.order import main_seed, sweeps
from medvos.propagation.progress import Progress, Report
from medvos.propagation.region import Region, grey_window, normalise, region_round
from medvos.propagation.result import Result
from medvos.propagation.settings import Settings
from medvos.propagation.tidy import without_crumbs
from medvos.structures import LV, MYO, RV
from medvos.uncertainty.calibration import Calibration
from medvos.uncertainty.slices import slice_scores
from medvos.uncertainty.voxels import voxel_uncertainty


def propagate(
    cine: Cine,
    seed: Seed,
    *,
    model: str = "cstm",
    device: str = "auto",
    progress: Report | None = None,
    settings: Settings | None = None,
) -> Result:
    """Segments every slice and phase from the drawn ones.

    Parameters
    ----------
    cine: two phases or more.
    seed: one drawn slice or more, at any phase. Drawn slices come back as they were drawn.
    model: a name that ``medvos models`` lists.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``. Out of GPU memory, smaller batches and then the CPU are tried.
    progress: told of each pass; an exception that it raises stops the work and passes through.
    settings: see `Settings`.

    Raises
    ------
    InputError: the seed is empty or not on the cine's grid, or there is no such model or device.
    """
    began = time.monotonic()
    if seed.labels.shape != cine.shape:
        raise InputError(f"The seed's shape {seed.labels.shape} is not the cine's {cine.shape}; draw it on this cine.")
    if not seed.drawn.any():
        raise InputError("The seed is empty; draw at least one structure on one slice.")
    info = resolve(model)
    where = choose_device(device)
    network = load(info, where)
    settings = settings or Settings()
    job = _Job.of(cine, seed, network)
    (slices, notes), where = _with_enough_memory(job, network, where, settings, progress)
    labels, uncertainty, scores = _assemble(cine, seed, job, slices, Calibration.of(info.calibration))
    provenance = {
        "model": info.name,
        "weights_sha256": info.sha256,
        "terms": info.terms,
        "device": str(where),
        "seconds": round(time.monotonic() - began, 2),
        "seed": [{"phase": int(t), "slice": int(z)} for t, z in np.argwhere(seed.drawn)],
        "notes": [*cine.source.notes, *notes],
    }
    return Result(cine, labels, uncertainty, scores, seed.drawn.copy(), provenance)


@dataclass(frozen=True)
class _Job:
    """The region's frames and seed, ready for the network, on the CPU."""

    region: Region
    frames: Tensor  # (T, Z, H, W), normalised
    masks: Tensor  # (T, Z, S, H, W)
    labels: NDArray[np.uint8]  # (T, Z, Y, X), as drawn
    drawn: NDArray[np.bool_]
    numbers: list[int]  # label of each slot

    @staticmethod
    def of(cine: Cine, seed: Seed, network: Cstm) -> _Job:
        config = network.config
        start = main_seed(seed.labels, seed.drawn)
        region = region_round(seed.labels[start], cine.spacing[1:], config.pixel_mm, config.region)
        array = torch.from_numpy(np.ascontiguousarray(cine.array))
        frames = torch.cat([region.extract(phase[:, None]) for phase in array], 1).transpose(0, 1)
        window = grey_window(frames.numpy())
        # The three cardiac structures have slots of their own, other structures follow.
        others = sorted(set(np.unique(seed.labels[seed.drawn]).tolist()) - {0, RV, MYO, LV})
        numbers = [RV, MYO, LV, *others]
        masks = torch.zeros(*cine.shape[:2], len(numbers), region.side, region.side)
        for t, z in np.argwhere(seed.drawn):
            one_hot = seed.labels[t, z] == np.array(numbers, np.uint8)[:, None, None]
            masks[t, z] = region.extract(torch.from_numpy(one_hot.astype(np.float32))[:, None])[:, 0]
        return _Job(region, normalise(frames, window), masks, seed.labels, seed.drawn, numbers)


def _with_enough_memory(
    job: _Job, network: Cstm, where: torch.device, settings: Settings, progress: Report | None
) -> tuple[tuple[list[SliceResult], list[str]], torch.device]:
    """Runs the job; out of GPU memory, with a quarter of the batch and at last on the CPU, and says so."""
    notes: list[str] = []
    while True:
        try:
            return (_run(job, network, where, settings, progress), notes), where
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            if settings.batch > 1:
                settings = replace(settings, batch=max(settings.batch // 4, 1))
                notes = [f"The GPU's memory was short: it worked on {settings.batch} frames at a time."]
            else:
                where, settings = torch.device("cpu"), Settings()
                network = network.to(where)
                notes = ["The GPU's memory was too small: the CPU was used."]


def _run(
    job: _Job, network: Cstm, where: torch.device, settings: Settings, progress: Report | None
) -> list[SliceResult]:
    """Propagates, through the mirrored heart too if so set, and joins what both ways gave."""
    mirrors = (False, True) if settings.mirrored else (False,)
    count = _counter(job, settings, len(mirrors), progress)
    runs = []
    for mirrored in mirrors:
        frames, masks = (t.flip(-1) if mirrored else t for t in (job.frames, job.masks))
        seeds = SeedMasks.of(masks.to(where), job.labels, job.drawn)
        results = Propagator(network, frames.to(where), seeds, settings, count).run()
        runs.append([_flipped(r) if mirrored else r for r in results])
    return runs[0] if len(runs) == 1 else [_mean(a, b) for a, b in zip(*runs, strict=True)]


def _counter(job: _Job, settings: Settings, passes: int, progress: Report | None) -> Callable[[int], None]:
    phases, levels = job.drawn.shape
    start = main_seed(job.labels, job.drawn)[1]
    outer = sum(settings.outer_count(len(sweep)) for sweep in sweeps(start, levels))
    total = passes * (2 * (phases - 1) + phases * (levels - 1 + 2 * outer))
    done = 0

    def count(frames: int) -> None:
        nonlocal done
        done += frames
        if progress is not None:
            progress(Progress(done, total, "propagating"))

    return count


def _flipped(result: SliceResult) -> SliceResult:
    return replace(result, probabilities=result.probabilities.flip(-1), spread=result.spread.flip(-1))


def _mean(a: SliceResult, b: SliceResult) -> SliceResult:
    """Equal mixture of two ways; its variance is the mean variance and the variance of the means."""
    between = ((a.probabilities - b.probabilities) / 2).square().sum(1)
    return SliceResult(
        a.level,
        (a.probabilities + b.probabilities) / 2,
        (a.spread + b.spread) / 2 + between,
        (a.presence + b.presence) / 2,
    )


def _assemble(
    cine: Cine, seed: Seed, job: _Job, slices: list[SliceResult], calibration: Calibration
) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
    """Label map, uncertainty (both (T, Z, Y, X)) and slice scores (T, Z) on the cine's grid, the seed as drawn."""
    numbers = np.array([0, *job.numbers], np.uint8)
    labels = np.zeros(cine.shape, np.uint8)
    uncertainty = np.zeros(cine.shape, np.float32)
    scores = np.zeros(cine.shape[:2], np.float32)
    for result in slices:
        z, plane = result.level, cine.shape[2:]
        probabilities = result.probabilities.cpu()
        spread = result.spread.cpu()
        scores[:, z] = slice_scores(probabilities, result.presence.cpu(), calibration).numpy()
        doubt = voxel_uncertainty(probabilities, spread, calibration)
        foreground = job.region.restore(probabilities[:, 1:], plane, 0.0)
        background = job.region.restore(probabilities[:, :1], plane, 1.0)
        best = torch.cat([background, foreground], 1).argmax(1).numpy()
        uncertainty[:, z] = job.region.restore(doubt[:, None], plane, 0.0)[:, 0].numpy()
        for phase in range(cine.shape[0]):
            labels[phase, z] = without_crumbs(numbers[best[phase]])
    labels[seed.drawn] = seed.labels[seed.drawn]
    uncertainty[seed.drawn] = 0
    scores[seed.drawn] = 0
    return labels, uncertainty.clip(0, 1), scores
