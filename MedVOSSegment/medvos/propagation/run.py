"""Running a job on a device: progress, the mirrored heart, and what to do when memory is short."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from medvos.models.cstm.network import Cstm
from medvos.progress import Progress, Report
from medvos.propagation.cost import frames_of
from medvos.propagation.engine import Propagator, SeedMasks, SliceResult
from medvos.propagation.job import Job
from medvos.propagation.settings import Settings

OnSlice = Callable[[SliceResult], None]


@dataclass(frozen=True)
class Segmented:
    """All slices of a job in order, the device that did it at last, and what a person should be told of it."""

    slices: list[SliceResult]
    device: torch.device
    notes: tuple[str, ...] = ()


def run(
    job: Job,
    network: Cstm,
    device: torch.device,
    settings: Settings,
    progress: Report | None = None,
    on_slice: OnSlice | None = None,
) -> Segmented:
    """Runs the job; out of GPU memory, with a quarter of the batch at a time and at last on the CPU, and says so.

    ``on_slice`` is given each slice as the first pass through the heart leaves it; what comes back at the end may
    differ a little.
    """
    wanted = settings.batch
    notes: tuple[str, ...] = ()
    while True:
        try:
            return Segmented(_attempt(job, network, device, settings, progress, on_slice), device, notes)
        except RuntimeError as error:
            if not _is_out_of_memory(error):
                raise
            if settings.batch > 1:
                settings = replace(settings, batch=max(settings.batch // 4, 1))
                notes = (f"The GPU's memory was short: it worked on {settings.batch} frames at a time.",)
            elif device.type != "cpu":
                device, settings = torch.device("cpu"), replace(settings, batch=wanted)
                network = network.to(device)
                notes = ("The GPU's memory was too small: the CPU was used.",)
            else:
                raise
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        elif torch.backends.mps.is_available():
            torch.mps.empty_cache()


def _is_out_of_memory(error: RuntimeError) -> bool:
    """Apple's MPS has no exception of its own for it."""
    return isinstance(error, torch.cuda.OutOfMemoryError) or str(error).startswith("MPS backend out of memory")


def frame_count(job: Job, settings: Settings) -> int:
    """How many frames the network will segment; what progress is measured in."""
    phases, slices = job.drawn.shape
    return frames_of(phases, slices, job.start[1], job.plan, settings)


def _attempt(
    job: Job,
    network: Cstm,
    device: torch.device,
    settings: Settings,
    progress: Report | None,
    on_slice: OnSlice | None,
) -> list[SliceResult]:
    """Propagates, through the mirrored heart too if so set, and joins what both gave."""
    count = _counter(frame_count(job, settings), progress)
    runs = []
    for mirrored in (False, True) if settings.mirrored else (False,):
        flip = _mirror if mirrored else _same
        seeds = SeedMasks(flip(job.masks).to(device), job.drawn, job.start)
        show = on_slice if on_slice is not None and not mirrored else _ignore
        propagator = Propagator(network, flip(job.frames).to(device), seeds, settings, count, show)
        if job.plan is None or job.before is None:
            results = propagator.run()
        else:
            results = propagator.run_again(job.plan, flip(job.before).to(device))
        runs.append([result.mirrored() for result in results] if mirrored else results)
    return runs[0] if len(runs) == 1 else [SliceResult.mean(a, b) for a, b in zip(*runs, strict=True)]


def _mirror(images: Tensor) -> Tensor:
    return images.flip(-1)


def _same(images: Tensor) -> Tensor:
    return images


def _ignore(result: SliceResult) -> None:
    pass


def _counter(total: int, progress: Report | None) -> Callable[[int], None]:
    done = 0

    def count(frames: int) -> None:
        nonlocal done
        done += frames
        if progress is not None:
            progress(Progress(done, total, "propagating"))

    return count
