"""Presence of structures in a slice around the beat: no structure comes or goes for a few phases alone.

The base moves towards the apex in systole by about one slice and back in diastole, so that a structure leaves a slice
at most once in a beat, and for about a third of it. Shorter appearances and gaps are errors of single frames.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.propagation.dense_motion import FEWEST_PHASES
from medvos.propagation.slice_result import SliceResult

SHORT = 1 / 6  # of the beat, about 160 ms at 60 beats a minute: half of systole


def steady_presence(result: SliceResult, drawn: NDArray[np.bool_]) -> SliceResult:
    """Fill short gaps of each structure around the beat, then remove its short appearances.

    A gap is filled with the probabilities of the phases on both sides of it, interpolated in time. Drawn phases stay
    as they are. A cine of fewer than eight phases is left as it is.

    Parameters
    ----------
    result: one slice at all phases.
    drawn: (T,) phases of this slice that are drawn.

    >>> steady_presence(result, np.zeros(25, bool)).probabilities.shape
    torch.Size([25, 4, 128, 128])
    """
    phases, channels = result.probabilities.shape[:2]
    longest = int(phases * SHORT)
    if phases < FEWEST_PHASES or longest < 1:
        return result
    labels = result.probabilities.argmax(1)
    probabilities = result.probabilities
    for structure in range(1, channels):
        present = (labels == structure).any((1, 2)).cpu().numpy()
        if present.all() or not present.any():
            continue
        gaps = short_runs(~present, drawn, longest)
        probabilities = _filled(probabilities, structure, gaps)
        for gap in gaps:
            present[gap] = True
        for run in short_runs(present, drawn, longest):
            probabilities = _removed(probabilities, structure, run)
    return result if probabilities is result.probabilities else replace(result, probabilities=probabilities)


def short_runs(present: NDArray[np.bool_], drawn: NDArray[np.bool_], longest: int) -> list[list[int]]:
    """Return the runs of at most ``longest`` phases around the beat in which ``present`` (T,) is true, in order.

    Runs that hold a drawn phase are left out, and so is one that fills the beat.

    >>> short_runs(np.array([1, 0, 0, 1, 1, 1, 0, 1], bool), np.zeros(8, bool), 2)
    [[7, 0]]
    """
    phases = len(present)
    runs = []
    for start in np.flatnonzero(present & ~np.roll(present, 1)):
        run = [int(start)]
        while present[(run[-1] + 1) % phases]:
            run.append((run[-1] + 1) % phases)
        if len(run) <= longest and not drawn[run].any():
            runs.append(run)
    return runs


def _filled(probabilities: Tensor, structure: int, gaps: list[list[int]]) -> Tensor:
    """Give a structure at the phases of each gap at least the probability between both of its sides."""
    phases = len(probabilities)
    for gap in gaps:
        before, after = probabilities[(gap[0] - 1) % phases], probabilities[(gap[-1] + 1) % phases]
        probabilities = probabilities.clone()
        for step, phase in enumerate(gap, 1):
            weight = step / (len(gap) + 1)
            between = (1 - weight) * before + weight * after
            wins = between.argmax(0) == structure
            probabilities[phase] = torch.where(wins, between, probabilities[phase])
    return probabilities


def _removed(probabilities: Tensor, structure: int, run: list[int]) -> Tensor:
    """Give the probability of a structure to the background at these phases."""
    probabilities = probabilities.clone()
    probabilities[run, 0] += probabilities[run, structure]
    probabilities[run, structure] = 0
    return probabilities
