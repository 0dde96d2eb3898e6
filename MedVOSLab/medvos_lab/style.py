"""Readers differ in where they draw a border: trabeculae in or out, the outer edge tight or wide.

A data set has one reader's style, and a network that has seen no other falls back to it whatever the seed looks like.
Here the borders of a whole triplet are moved alike, so that only the seed defines them.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from medvos.structures import LV, MYO, RV

STYLE_FRACTION = 0.5
# Standard deviations in the network's pixels, of about 1.3 mm; readers differ most at the endocardium.
_ENDO, _EPI, _RV, _MOST = 1.2, 0.5, 0.6, 3.0
_THINNEST_WALL = 2.0
# A small cavity leaves little to disagree about: no more than this fraction of its radius.
_OF_RADIUS = 0.2
_MARGIN = 4


def vary_style(labels: Tensor, structures: tuple[int, ...], rng: np.random.Generator) -> Tensor:
    """Return labels (F, H, W) of the frames of one triplet as another reader might have drawn them.

    Parameters
    ----------
    labels: 1 RV, 2 Myo, 3 LV.
    structures: those that were judged in this study.
    rng: of the sample.
    """
    if rng.random() >= STYLE_FRACTION:
        return labels
    endo, epi, rv = (float(np.clip(rng.normal(0, size), -_MOST, _MOST)) for size in (_ENDO, _EPI, _RV))
    drawn = labels.numpy().astype(np.uint8)
    for frame in drawn:
        rows, cols = (np.flatnonzero(frame.any(axis)) for axis in (1, 0))
        if len(rows):
            # Distances are slow, and only those near a border matter.
            box = tuple(slice(max(ends[0] - _MARGIN, 0), ends[-1] + 1 + _MARGIN) for ends in (rows, cols))
            frame[box] = redrawn(frame[box], structures, endo, epi, rv)
    return torch.from_numpy(drawn).to(labels.dtype)


def redrawn(
    labels: NDArray[np.uint8], structures: tuple[int, ...], endo: float, epi: float, rv: float
) -> NDArray[np.uint8]:
    """Return labels (Y, X) with each border moved outwards by some pixels.

    Parameters
    ----------
    labels: 1 RV, 2 Myo, 3 LV.
    structures: those that were judged; without the myocardium, the LV may grow into the background.
    endo, epi, rv: of the LV's, the myocardium's and the RV's outer border, negative inwards. The endocardium moves by
        at most a fifth of the cavity's radius, and leaves a wall of two pixels.

    Example
    -------
    >>> wider = redrawn(labels, (RV, MYO, LV), endo=1, epi=0, rv=0)
    """
    new = labels.copy()
    most = _OF_RADIUS * float(np.sqrt((labels == LV).sum() / np.pi))
    endo = float(np.clip(endo, -most, most))
    if MYO in structures:
        heart = _distance(np.isin(labels, (LV, MYO)))
        new[(heart <= epi) & (labels == 0) & _beside(labels == MYO, epi)] = MYO
        new[(heart > epi) & (labels == MYO)] = 0
        wall = _distance(np.isin(new, (LV, MYO))) < -_THINNEST_WALL
        cavity = _distance(labels == LV)
        new[(cavity <= endo) & (new == MYO) & wall] = LV
        new[(cavity > endo) & (labels == LV)] = MYO
    elif LV in structures:
        cavity = _distance(labels == LV)
        new[(cavity <= endo) & (labels == 0)] = LV
        new[(cavity > endo) & (labels == LV)] = 0
    if RV in structures:
        cavity = _distance(labels == RV)
        new[(cavity <= rv) & (new == 0)] = RV
        new[(cavity > rv) & (labels == RV)] = 0
    return new


def _distance(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return signed distance to the border in pixels, negative inside; far away where there is no such border."""
    if not mask.any():
        return np.full(mask.shape, np.inf)
    outside = ndimage.distance_transform_edt(~mask)
    inside = ndimage.distance_transform_edt(mask)
    return np.where(mask, 0.5 - inside, outside - 0.5)


def _beside(mask: NDArray[np.bool_], reach: float) -> NDArray[np.bool_]:
    """Return the region within reach of the mask: the wall grows from the wall, not from an open cavity."""
    return _distance(mask) <= max(reach, 0.0)
