"""Propagate drawn frames through a clip of one slice, frame by frame (TCMN)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.cine.cine import Cine
from medvos.cine.clip_region import DRAWN_WITHIN
from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.models.device import choose_device
from medvos.models.networks import load_tcmn
from medvos.models.store import ModelInfo
from medvos.models.tcmn.follow import follow, remember
from medvos.models.tcmn.network import Memory, Tcmn
from medvos.models.tcmn.steady import steady
from medvos.progress import Progress, Report
from medvos.propagation.clip_trust import BesideMotion, followed, near, not_followed
from medvos.propagation.heart_region import region_of_clip
from medvos.propagation.intensity import grey_window, normalise
from medvos.propagation.lost_structures import lost_structures
from medvos.propagation.region import Region
from medvos.propagation.seed_memory import LARGEST_PERMANENT
from medvos.propagation.small_components import remove_small_components
from medvos.provenance import provenance_of
from medvos.result import FOLLOWED, Result
from medvos.structures import name_of
from medvos.uncertainty.borders import UNFITTED
from medvos.uncertainty.calibration import Calibration
from medvos.uncertainty.likeliest import likeliest
from medvos.uncertainty.slices import slice_scores
from medvos.uncertainty.voxels import voxel_uncertainty


def propagate_clip(cine: Cine, seed: Seed, info: ModelInfo, device: str, progress: Report | None = None) -> Result:
    """Segment every frame from the drawn frame nearest in time; all drawn frames are in memory.

    Parameters
    ----------
    cine: of one slice.
    seed: one drawn frame or more; these are returned as they were drawn.
    info: a model whose network is ``tcmn``.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    progress: called after each frame; an exception that it raises stops the work and passes through.

    Raises
    ------
    InputError: the cine has more than one slice, or there is no such device.
    """
    began = time.monotonic()
    phases, slices = cine.shape[:2]
    if slices != 1:
        raise InputError(f"{info.name} follows clips of one slice and this cine has {slices}; use --model cstm.")
    where = choose_device(device)
    box = _box(cine, seed)
    inside = replace(cine, array=cine.array[(..., *box)]), replace(seed, labels=seed.labels[(..., *box)])
    propagation = ClipPropagation.of(*inside, load_tcmn(info, where), where)
    calibration = Calibration.of(info.calibration)
    labels, scores = seed.labels.copy(), np.zeros((phases, 1), np.float32)
    uncertainty = np.zeros(cine.shape, np.float32)
    done = int(seed.drawn.sum())
    for phase, probabilities in propagation.segmented():
        labels[phase, 0][box], uncertainty[phase, 0][box] = propagation.on_the_grid(probabilities, calibration)
        presence = torch.ones(1, len(probabilities) - 1)
        scores[phase] = slice_scores(probabilities[None], presence, calibration, propagation.numbers).numpy()
        done += 1
        if progress is not None:
            progress(Progress(done, phases, "propagating"))
    provenance = provenance_of(info, where, cine.source.notes, began=began, intervals=info.intervals or UNFITTED)
    trust = zip(propagation.numbers[1:], propagation.trust, strict=True)
    by_name = {name_of(int(label)): round(value, 2) for label, value in trust}
    doubts = not_followed(by_name) + lost_structures(labels[:, 0], seed.drawn[:, 0])
    provenance = {**provenance, FOLLOWED: by_name}
    if doubts:
        provenance = {**provenance, "doubts": doubts}
    return Result(cine, labels, uncertainty, scores, seed.drawn.copy(), provenance)


@dataclass(frozen=True)
class ClipPropagation:
    """A clip and its drawn frames, ready for the network.

    Attributes
    ----------
    network: in evaluation mode on ``device``.
    frames: (T, Y, X) intensities.
    step_ms: time between two frames.
    drawn: (S + 1, side, side) in [0, 1], the drawn masks by frame number, in order.
    trust: by structure, how well the network follows it (`clip_trust.followed`).
    memory: of at most ``LARGEST_PERMANENT`` drawn frames.
    region: of a frame, the network's input.
    window: intensities that become black and white.
    numbers: (S + 1,) uint8, the label of the background and of each structure.
    """

    network: Tcmn
    device: torch.device
    frames: NDArray[np.float32]
    step_ms: float
    drawn: dict[int, Tensor]
    trust: tuple[float, ...]
    memory: Memory
    region: Region
    window: tuple[float, float]
    numbers: NDArray[np.uint8]

    @staticmethod
    def of(cine: Cine, seed: Seed, network: Tcmn, device: torch.device) -> ClipPropagation:
        """Take region and grey window from the drawn frames, and encode these."""
        frames, labels = cine.array[:, 0], seed.labels[:, 0]
        drawn = np.flatnonzero(seed.drawn[:, 0])
        numbers = np.unique(np.append(labels[drawn], 0)).astype(np.uint8)
        region = region_of_clip(np.asarray((labels[drawn] > 0).any(0)), network.config.side, cine.spacing[1:])
        extracted = [_extract(frames[phase], region) for phase in drawn]
        window = grey_window(torch.stack(extracted).numpy())
        images = [normalise(image, window).to(device) for image in extracted]
        masks = [region.extract(_masks(labels[phase], numbers)[:, None])[:, 0] for phase in drawn]
        kept = np.unique(np.linspace(0, len(drawn) - 1, min(len(drawn), LARGEST_PERMANENT)).round().astype(int))
        entries = [remember(network, images[i], masks[i][1:].to(device)) for i in kept.tolist()]
        memory = entries[0].and_also(*entries[1:])
        step_ms = float(np.median(np.diff(cine.times))) if len(frames) > 1 else 0.0
        known = dict(zip(drawn.tolist(), masks, strict=True))
        clip = ClipPropagation(network, device, frames, step_ms, known, (), memory, region, window, numbers)
        trust = [
            followed(network, images[i], masks[i][1:].to(device), clip.images(near(cine.times.tolist(), int(drawn[i]))))
            for i in kept.tolist()
        ]
        # A structure that no remembered frame shows, or that is too small for the network's pixels, is not followed.
        return replace(clip, trust=tuple(torch.stack(trust).nanmean(0).nan_to_num(0.0).tolist()))

    def segmented(self) -> Iterator[tuple[int, Tensor]]:
        """Yield the number and the probabilities (S + 1, side, side) of every frame that was not drawn."""
        for phases in self.directions():
            start = phases.start - phases.step
            drawn = self.drawn[start]
            (image,) = self.images([start])
            beside = BesideMotion(image, drawn[1:].to(self.device), torch.tensor(self.trust, device=self.device))
            found = (each.cpu() for each in follow(self.network, self.memory, self.images(phases), beside))
            yield from zip(phases, steady(drawn, found, self.step_ms), strict=True)

    def directions(self) -> list[range]:
        """Ranges forward and backward from each drawn frame, half way to the next drawn one or to the clip's end."""
        directions, drawn = [], list(self.drawn)
        for i, phase in enumerate(drawn):
            last = (phase + drawn[i + 1]) // 2 if i + 1 < len(drawn) else len(self.frames) - 1
            first = (drawn[i - 1] + phase) // 2 + 1 if i > 0 else 0
            directions += [range(phase + 1, last + 1), range(phase - 1, first - 1, -1)]
        return directions

    def on_the_grid(
        self, probabilities: Tensor, calibration: Calibration
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """(S + 1, side, side) -> labels and uncertainty (Y, X)."""
        plane = self.frames.shape[1], self.frames.shape[2]
        unsure = voxel_uncertainty(probabilities[None], torch.zeros(1, *probabilities.shape[1:]), calibration)
        uncertainty = self.region.restore(unsure[None], plane)[0, 0].clamp(0, 1).numpy()
        slots = likeliest(self.region.to_box(probabilities[None]))[0]
        return remove_small_components(self.numbers[self.region.place(slots, plane).numpy()]), uncertainty

    def images(self, phases: Iterable[int]) -> Iterator[Tensor]:
        """Yield frames as the network is given them, (side, side), normalised and on its device."""
        for phase in phases:
            yield normalise(_extract(self.frames[phase], self.region), self.window).to(self.device)


def _box(cine: Cine, seed: Seed) -> tuple[slice, slice]:
    """Rows and columns of the view in which the seed lies; of the whole image where the file names none."""
    view = cine.source.views.view
    drawn = np.asarray((seed.labels > 0).any(axis=(0, 1)))
    if view is None or view.part_inside(drawn) < DRAWN_WITHIN:
        return slice(None), slice(None)
    return view.box


def _masks(labels: NDArray[np.uint8], numbers: NDArray[np.uint8]) -> Tensor:
    """(Y, X) -> (S + 1, Y, X) in {0, 1}, background first."""
    return torch.from_numpy((labels == numbers[:, None, None]).astype(np.float32))


def _extract(frame: NDArray[np.float32], region: Region) -> Tensor:
    """(Y, X) -> (side, side) intensities; outside the image is its darkest grey."""
    darkest = float(frame.min())
    return region.extract(torch.from_numpy(frame - darkest)[None, None])[0, 0] + darkest
