"""Run a propagation; out of GPU memory, fall back to smaller batches and in the end to the CPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from medvos.models.cstm.network import Cstm
from medvos.progress import Progress, Report
from medvos.propagation.cost import frames_of
from medvos.propagation.drawing_back import Back, predict_back
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.own_structures import carry_lost
from medvos.propagation.propagator import Propagator, SeedMasks
from medvos.propagation.second_opinion import FRAMES_AT_ONCE, Opinion, SecondOpinion, blend, cavity_of, trust
from medvos.propagation.settings import PropagationSettings
from medvos.propagation.side_by_side import Tell, side_by_side
from medvos.propagation.slice_motion import SliceMotion
from medvos.propagation.slice_result import SliceResult
from medvos.propagation.steady_presence import without_remnants, without_short_appearances
from medvos.propagation.style import Drift, drift_of, in_style
from medvos.structures import MYO

CPU_ALLOCATION = "DefaultCPUAllocator"  # in what PyTorch says where the machine's memory is short
OnSliceResult = Callable[[SliceResult], None]


@dataclass(frozen=True)
class Segmented:
    """All slices in order, the device that segmented them in the end, and notes on how it fell back.

    ``opinion`` is the second opinion that was blended in, None where none was asked; ``drift`` that of the drawing's
    style, a share of which was made up for; ``backs`` the main drawing as it was predicted back; ``carried`` the labels
    that motion carries, by slice.
    """

    slices: list[SliceResult]
    device: torch.device
    notes: tuple[str, ...] = ()
    opinion: Opinion | None = None
    drift: Drift = field(default_factory=Drift)
    backs: list[Back] = field(default_factory=list)
    carried: dict[int, tuple[int, ...]] = field(default_factory=dict)


def run_with_fallback(
    inputs: PropagationInputs,
    network: Cstm,
    device: torch.device,
    settings: PropagationSettings,
    progress: Report | None = None,
    on_slice: OnSliceResult | None = None,
    second: SecondOpinion | None = None,
) -> Segmented:
    """Propagate; out of GPU memory, retry with a quarter of the batch and in the end on the CPU, and note it.

    Parameters
    ----------
    inputs: the cropped cine and its seed.
    network: in evaluation mode, on ``device``.
    device: where to begin.
    settings: see `PropagationSettings`.
    progress: called after each pass; an exception that it raises stops the work and passes through.
    on_slice: called with each slice after the first pass through the heart; the final result may differ a little.
    second: a second opinion on ``device``, which is blended in.

    >>> run_with_fallback(inputs, network, torch.device("cpu"), PropagationSettings()).slices[0].probabilities
    """
    wanted = settings.batch
    notes: tuple[str, ...] = ()
    threads = torch.get_num_threads()
    while True:
        at_once = threads if device.type == "cpu" else 1
        try:
            found = _attempt(inputs, network, device, settings, progress, on_slice, second, at_once)
            return replace(found, notes=notes)
        except RuntimeError as error:
            if at_once > 1 and CPU_ALLOCATION in str(error):
                threads = 1  # one pass at a time needs less memory
                continue
            if not _is_out_of_memory(error):
                raise
            if settings.batch > 1:
                settings = replace(settings, batch=max(settings.batch // 4, 1))
                notes = (f"The GPU's memory was short: it worked on {settings.batch} frames at a time.",)
            elif device.type != "cpu":
                device, settings = torch.device("cpu"), replace(settings, batch=wanted)
                network = network.to(device)
                second = None if second is None else second.to(device)
                notes = ("The GPU's memory was too small: the CPU was used.",)
            else:
                raise
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        elif torch.backends.mps.is_available():
            torch.mps.empty_cache()


def _is_out_of_memory(error: RuntimeError) -> bool:
    """Apple's MPS raises a plain `RuntimeError` for it."""
    return isinstance(error, torch.cuda.OutOfMemoryError) or str(error).startswith("MPS backend out of memory")


def image_count(inputs: PropagationInputs) -> int:
    """Return the number of images that will be segmented: all, or those that corrections need."""
    phases, slices = inputs.drawn.shape
    return phases * (slices if inputs.plan is None else len(inputs.plan.slices))


def frame_count(inputs: PropagationInputs, settings: PropagationSettings, second: bool = False) -> int:
    """Return how many frames will be segmented: each image in each pass and direction, and for a second opinion."""
    phases, slices = inputs.drawn.shape
    return frames_of(phases, slices, inputs.start[1], inputs.plan, settings) + second * image_count(inputs)


def _attempt(
    inputs: PropagationInputs,
    network: Cstm,
    device: torch.device,
    settings: PropagationSettings,
    progress: Report | None,
    on_slice: OnSliceResult | None,
    second: SecondOpinion | None,
    threads: int,
) -> Segmented:
    """Propagate, with ``settings.mirrored`` through the mirrored heart too, and take the mean of both.

    The mirrored heart is propagated as a whole, so that its memory holds mirrored frames alone: this is no
    `medvos.models.flip.mean_over_flip`, which mirrors single predictions.
    """
    count = _counter(frame_count(inputs, settings, second is not None), image_count(inputs), progress)
    frames = inputs.frames.to(device)
    motion = SliceMotion(frames, inputs.masks.amax((0, 1, 2)) > 0)

    def part(mirrored: bool) -> Callable[[Tell], list[SliceResult]]:
        shown = None if mirrored else on_slice
        return lambda tell: _pass(inputs, network, device, settings, motion, mirrored, _Reports(tell, count, shown))

    passes = side_by_side([part(mirrored) for mirrored in (False, True)[: 1 + settings.mirrored]], threads)
    means = passes[0] if len(passes) == 1 else [SliceResult.mean(a, b) for a, b in zip(*passes, strict=True)]
    # Corrections are not moved: they follow masks that have the reader's style already.
    backs = predict_back(network, inputs, means, frames, settings.batch) if inputs.plan is None else []
    drift = drift_of(inputs, backs) if settings.keep_style else Drift()
    opinion = None
    if second is not None:
        means, opinion = _with_opinion(means, second, inputs, frames, count, threads)
    steady = [_steady(result, inputs) for result in means]
    styled = [in_style(result, drift, inputs, frames[:, result.z]) for result in steady]
    kept, carried = carry_lost(styled, inputs, motion)
    return Segmented(kept, device, (), opinion, drift, backs, carried)


def _with_opinion(
    results: list[SliceResult],
    second: SecondOpinion,
    inputs: PropagationInputs,
    frames: Tensor,
    count: Callable[[int], None],
    threads: int,
) -> tuple[list[SliceResult], Opinion]:
    """Blend a second opinion on each slice in, unless it contradicts the drawing; return it too.

    Half of the slices are looked at beside the other half: the scans are many operations that are too small for two
    threads.
    """
    phase, middle = inputs.start
    (at_seed,) = second.predict(frames, [middle])
    opinion = Opinion(trust(inputs, at_seed[phase]), np.full(inputs.drawn.shape, np.nan, np.float32))
    if not opinion.weights.any():
        count(image_count(inputs))
        return results, opinion
    by_slice = {result.z: result for result in results}
    halves = [list(by_slice)[n::2] for n in range(2)] if threads > 1 and len(by_slice) > 1 else [list(by_slice)]

    def part(slices: list[int]) -> Callable[[Tell], None]:
        def blend_each(tell: Tell) -> None:
            for z, of_slice in second.predict_each(frames, slices, FRAMES_AT_ONCE // len(halves)):
                by_slice[z] = blend(by_slice[z], of_slice, opinion.weights)
                opinion.cavity[:, z] = cavity_of(of_slice)
                tell(partial(count, len(frames)))

        return blend_each

    side_by_side([part(half) for half in halves], threads)
    return [by_slice[result.z] for result in results], opinion


@dataclass(frozen=True)
class _Reports:
    """What a pass reports: ``count`` the frames that it has segmented, ``shown`` its slices."""

    tell: Tell
    count: Callable[[int], None]
    shown: OnSliceResult | None

    def frames(self, count: int) -> None:
        self.tell(partial(self.count, count))

    def slice(self, result: SliceResult) -> None:
        if self.shown is not None:
            self.tell(partial(self.shown, result))


def _pass(
    inputs: PropagationInputs,
    network: Cstm,
    device: torch.device,
    settings: PropagationSettings,
    motion: SliceMotion,
    mirrored: bool,
    reports: _Reports,
) -> list[SliceResult]:
    """Propagate through the heart or its mirror image; the motion is of the heart as scanned."""
    flip = _mirror if mirrored else _same
    seeds = SeedMasks(flip(inputs.masks).to(device), inputs.drawn, inputs.start)
    moved = motion.mirrored() if mirrored else motion
    frames = flip(inputs.frames).to(device)
    propagator = Propagator(network, frames, seeds, settings, reports.frames, reports.slice, moved, mirrored)
    if inputs.plan is None or inputs.before is None:
        results = propagator.run()
    else:
        results = propagator.run_corrections(inputs.plan, flip(inputs.before).to(device))
    return [result.mirrored() for result in results] if mirrored else results


def _steady(result: SliceResult, inputs: PropagationInputs) -> SliceResult:
    drawn, wall = inputs.drawn[:, result.z], inputs.numbers.tolist().index(MYO)
    return without_remnants(without_short_appearances(result, drawn), drawn, wall)


def _mirror(images: Tensor) -> Tensor:
    return images.flip(-1)


def _same(images: Tensor) -> Tensor:
    return images


def _counter(total: int, images: int, progress: Report | None) -> Callable[[int], None]:
    """Return what is called with each number of frames, ``total`` in all, that the network has segmented."""
    done = 0

    def count(frames: int) -> None:
        nonlocal done
        done += frames
        if progress is not None:
            progress(Progress(images * done // total, images, "propagating"))

    return count
