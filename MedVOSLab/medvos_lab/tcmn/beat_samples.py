"""Beats in MRI with the frames that were recorded, of which the first and the last are labelled."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos_lab.datasets.acdc_beats import Beat
from medvos_lab.motion.clips import inside
from medvos_lab.motion.flow import look_up
from medvos_lab.tcmn.mix import Mix
from medvos_lab.tcmn.parts import half_of


def sample_beat_slice(
    beats: list[Beat], slots: int, positions: Tensor, mix: Mix, rng: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Sample one slice from ED to ES or back, in systole or in diastole.

    Parameters
    ----------
    beats: of which one is drawn.
    slots: structures at most; only those that are labelled at both ends.
    positions: (1, 3, H, W, 2) of the sampling.
    mix: how often the second frame is already the last, and how often a structure is cut in half.
    rng: random number generator.

    Returns
    -------
    images (1, 3, H, W) in [0, 1], targets (1, 3, H, W) int64, 1 to ``slots``, and (1, 3) bool, the frames whose targets
    are known.
    """
    beat, z, seen = _slice_with_structures(beats, rng)
    first, last = (beat.ed, beat.es) if rng.random() < 0.5 else (beat.es, beat.ed)
    at_once = rng.random() < mix.at_once
    phases = [first, last if at_once else _between(first, last, beat.phases, rng), last]
    chosen = rng.permutation(seen)[:slots]
    drawn = beat.labels[:, *beat.box][:, z]  # (2, h, w)
    labels = np.stack([drawn[int(phase == beat.es)] for phase in phases])  # those of a frame between do not count
    masks = np.stack([labels == label for label in chosen], 1).astype(np.float32)  # (3, S, h, w)
    maps = np.concatenate([beat.frames[phases, z][:, None].astype(np.float32) / 255, masks], 1)
    sampled = look_up(torch.from_numpy(maps), positions[0]) * inside(positions[0])[:, None]
    found = sampled[:, 1:] >= 0.5
    if len(chosen) == 1 and rng.random() < mix.halves:
        found = half_of(found[:, 0], rng)[:, None]
    targets = (found * torch.arange(1, len(chosen) + 1)[:, None, None]).amax(1)
    return sampled[None, :, 0], targets[None], torch.tensor([[True, at_once, True]])


def _slice_with_structures(beats: list[Beat], rng: np.random.Generator) -> tuple[Beat, int, NDArray[np.uint8]]:
    """Return a beat, a slice of its crop, and the structures that are labelled there at ED and at ES."""
    while True:
        beat = beats[int(rng.integers(len(beats)))]
        z = int(rng.integers(beat.frames.shape[1]))
        ed, es = beat.labels[:, *beat.box][:, z]
        seen = np.setdiff1d(np.intersect1d(ed, es), [0]).astype(np.uint8)
        if len(seen):
            return beat, z, seen


def _between(first: int, last: int, phases: int, rng: np.random.Generator) -> int:
    """Return a random phase between two on one of the ways round the beat; the last one where there is none."""
    step = 1 if rng.random() < 0.5 else -1
    apart = (step * (last - first)) % phases
    return (first + step * int(rng.integers(1, apart))) % phases if apart > 1 else last
