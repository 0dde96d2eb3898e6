"""Presence of structures in a slice around the beat: none appears for a few phases alone or leaves a remnant.

The base moves towards the apex in systole by about one slice and back in diastole: a structure that a slice holds in
diastole leaves it for systole, which can be short, and is there for the rest of the beat. A structure that is there for
a shorter time than half of systole is an error of single frames.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medvos.propagation.dense_motion import FEWEST_PHASES
from medvos.propagation.slice_result import SliceResult
from medvos.uncertainty.likeliest import likeliest

SHORT = 1 / 6  # of the beat, about 160 ms at 60 beats a minute: half of systole
REMNANT = 0.15  # of the median area: muscle keeps its volume, so that the wall in a slice never becomes so small


def without_short_appearances(result: SliceResult, drawn: NDArray[np.bool_]) -> SliceResult:
    """Give structures that appear for a sixth of the beat or less to the background.

    Drawn phases stay as they are. A cine of fewer than eight phases is left as it is.

    Parameters
    ----------
    result: one slice at all phases.
    drawn: (T,) phases of this slice that are drawn.

    >>> without_short_appearances(result, np.zeros(25, bool)).probabilities.shape
    torch.Size([25, 4, 128, 128])
    """
    phases, channels = result.probabilities.shape[:2]
    longest = int(phases * SHORT)
    if phases < FEWEST_PHASES or longest < 1:
        return result
    labels = likeliest(result.probabilities)
    runs = {
        structure: short_runs((labels == structure).any((1, 2)).cpu().numpy(), drawn, longest)
        for structure in range(1, channels)
    }
    return _without(result, {structure: [phase for run in found for phase in run] for structure, found in runs.items()})


def without_remnants(result: SliceResult, drawn: NDArray[np.bool_], wall: int) -> SliceResult:
    """Give what is left of the myocardium to the background at phases at which the ventricle has left the slice.

    Parameters
    ----------
    result: one slice at all phases.
    drawn: (T,) phases of this slice that are drawn; they stay as they are.
    wall: channel of the myocardium, from 1.

    >>> without_remnants(result, np.zeros(25, bool), wall=2).probabilities.shape
    torch.Size([25, 4, 128, 128])
    """
    if len(drawn) < FEWEST_PHASES:
        return result
    areas = (likeliest(result.probabilities) == wall).sum((1, 2)).cpu().numpy()
    if not areas.any():
        return result
    small = (areas > 0) & (areas < REMNANT * np.median(areas[areas > 0])) & ~drawn
    return _without(result, {wall: np.flatnonzero(small).tolist()})


def _without(result: SliceResult, phases: dict[int, list[int]]) -> SliceResult:
    """Give structures to the background at the phases named for each.

    The network and the rule disagree there, which adds to the spread: the variance of two opinions.
    """
    if not any(phases.values()):
        return result
    probabilities, spread = result.probabilities.clone(), result.spread.clone()
    for structure, at in phases.items():
        removed = probabilities[at, structure]
        spread[at] += removed.square() / 2  # background and structure are each half of it away from their mean
        probabilities[at, 0] += removed
        probabilities[at, structure] = 0
    return replace(result, probabilities=probabilities, spread=spread)


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
