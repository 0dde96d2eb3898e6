"""Keep the reader's style: measure by how much borders drift from the drawing, and move them back.

A network falls back to the style of its training the further it gets from the drawing. How far is measured in the
drawing itself: it is predicted back from what was predicted from it, in the neighbouring slices and in the neighbouring
phases. Where its border comes back is where the network draws it by then. The shares of this drift by which the borders
of other images are moved were chosen on ACDC's validation patients (`Docs/beats.md`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from medvos.propagation.border_shift import moved, offset, with_odds
from medvos.propagation.drawing_back import Back
from medvos.propagation.grey_style import Grey, fit_grey
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.slice_result import SliceResult
from medvos.structures import LV, MYO, RV, name_of

# Of the drift, in other slices than the drawn one and in that one at other phases.
ELSEWHERE = {LV: 0.7, RV: 0.4}
SAME_SLICE = {LV: 0.4, RV: 0.4}
FEWEST_PIXELS = 60  # of a drawn structure whose drift is measured
# Dice of what comes back with the drawing; below it, more than the style has changed. Of ACDC's validation patients,
# seeded in the middle in four styles, the least one is 0.85 of the LV and 0.87 of the RV.
LEAST_DICE = 0.8
MOST_PIXELS = 3.0


@dataclass(frozen=True)
class Drift:
    """What has become of the reader's style.

    Attributes
    ----------
    pixels: of the region, by which a drawn border lies outside the one that comes back, by structure.
    grey: how far brightness explains it for the LV; None where there is no wall, or not enough contrast.

    >>> Drift({LV: 0.5}).in_mm(1.4)
    {'LV': 0.7}
    """

    pixels: Mapping[int, float] = field(default_factory=dict)
    grey: Grey | None = None

    def in_mm(self, pixel_mm: float) -> dict[str, float]:
        """Return the distances by name of the structure."""
        return {name_of(label): round(pixels * pixel_mm, 2) for label, pixels in self.pixels.items()}


def drift_of(inputs: PropagationInputs, backs: Sequence[Back]) -> Drift:
    """Return the mean drift of the main drawing, as it was predicted back.

    >>> drift_of(inputs, predict_back(network, inputs, results, inputs.frames, batch=8)).pixels
    {3: 0.4, 1: -0.1}
    """
    found: dict[int, list[float]] = {}
    for back in backs:
        for label, pixels in _offsets(inputs, back).items():
            found.setdefault(label, []).append(pixels)
    means = {label: float(np.clip(np.mean(each), -MOST_PIXELS, MOST_PIXELS)) for label, each in found.items()}
    return Drift(means, _grey(inputs, backs))


def in_style(result: SliceResult, drift: Drift, inputs: PropagationInputs, images: Tensor) -> SliceResult:
    """Return a slice with its borders moved by a share of the drift; drawn phases stay as they are.

    Parameters
    ----------
    result: the slice.
    drift: of the propagation.
    inputs: of the propagation.
    images: (T, H, W), normalised, of this slice, on the device of the result.

    >>> in_style(result, drift, inputs, inputs.frames[:, result.z])
    """
    is_same = bool(inputs.drawn[:, result.z].any())
    free = torch.from_numpy(~inputs.drawn[:, result.z]).to(result.probabilities.device)
    numbers = inputs.numbers.tolist()
    probabilities = result.probabilities
    for label, pixels in drift.pixels.items():
        slot, wall = numbers.index(label), numbers.index(MYO)
        distance = free * (SAME_SLICE if is_same else ELSEWHERE)[label] * pixels
        if label != LV or not _has_wall(inputs):
            probabilities = moved(probabilities, slot, 0, distance)
        elif drift.grey is None:
            probabilities = moved(probabilities, slot, wall, distance)
        else:
            probabilities = _by_brightness(probabilities, (slot, wall), drift.grey, images, free, distance)
    return replace(result, probabilities=probabilities)


def _by_brightness(
    probabilities: Tensor, classes: tuple[int, int], grey: Grey, images: Tensor, free: Tensor, distance: Tensor
) -> Tensor:
    """Move the LV's border where brightness says it should; how far is said by brightness or by the drift."""
    brightness = grey.brightness(images)
    if grey.share > 0:
        odds = grey.share * (grey.bias + grey.slope * brightness)
        probabilities = with_odds(probabilities, *classes, odds, free)
    if grey.share < 1:
        rest = 1 - grey.share
        probabilities = moved(probabilities, *classes, rest * distance, rest * grey.slope * brightness)
    return probabilities


def _has_wall(inputs: PropagationInputs) -> bool:
    """Whether the LV grows into a wall: where none was drawn, it grows into the background like every structure."""
    wall = inputs.numbers.tolist().index(MYO)
    return any(bool(inputs.masks[t, z, wall - 1].any()) for t, z in np.argwhere(inputs.drawn))


def _offsets(inputs: PropagationInputs, back: Back) -> dict[int, float]:
    """Return by how many pixels each drawn border lies outside that which came back."""
    found = {}
    for label in ELSEWHERE:
        slot = inputs.numbers.tolist().index(label)
        area, other = (int(mask.sum()) for mask in back.masks(slot))
        if min(area, other) >= FEWEST_PIXELS and (back.dice(slot) or 0) >= LEAST_DICE:
            found[label] = offset(area, other)
    return found


def _grey(inputs: PropagationInputs, backs: Sequence[Back]) -> Grey | None:
    """Fit the reader's brightness to the main drawing."""
    alike = [back for back in backs if LV in _offsets(inputs, back)]
    if not alike:
        return None
    cavity, wall = (inputs.numbers.tolist().index(label) for label in (LV, MYO))
    drawn = [inputs.masks[inputs.start][slot - 1].numpy() > 0.5 for slot in (cavity, wall)]
    maps = [(back.probabilities[cavity].numpy(), back.probabilities[wall].numpy()) for back in alike]
    return fit_grey(inputs.frames[inputs.start].numpy(), drawn[0], drawn[1], maps)
