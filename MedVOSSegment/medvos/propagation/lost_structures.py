"""Structures that were drawn and that the network does not follow: they vanish within a few images."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from medvos.propagation.misfit import LEAST_DICE
from medvos.structures import name_of

# A structure is lost where less than this of its drawn area is left, and is said where that is so in this many images.
LOST, LOST_IN = 0.2, 0.25


def lost_structures(
    labels: NDArray[np.uint8], drawn: NDArray[np.bool_], images: str = "frames", but: Iterable[int] = ()
) -> list[str]:
    """Return a sentence on each drawn structure that the network does not follow, as one that it never learnt.

    Parameters
    ----------
    labels: (T, Y, X).
    drawn: (T,) bool, at least one.
    images: what one of T is called.
    but: labels that are not judged.

    >>> lost_structures(labels, drawn)
    ['LA was drawn but is lost in 24 of 30 frames: draw it in more frames, or do not use its numbers.']
    """
    found = []
    for label in np.setdiff1d(labels[drawn], [0, *but]):
        lost = is_lost((labels == label).sum(axis=(1, 2)), drawn)
        if lost.any():
            found.append(
                f"{name_of(int(label))} was drawn but is lost in {int(lost.sum())} of {len(labels)} {images}: draw it "
                f"in more {images}, or do not use its numbers."
            )
    return found


def is_lost(areas: NDArray[np.int64], drawn: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return in which images (T,) a structure is lost by its areas (T,); in none where it is lost in few.

    >>> is_lost(np.array([100, 98, 4, 0]), np.array([True, False, False, False]))
    array([False, False,  True,  True])
    """
    of_drawn = areas[drawn & (areas > 0)]
    if not len(of_drawn):
        return np.zeros(len(areas), bool)
    lost = (areas < LOST * np.median(of_drawn)) & ~drawn
    return lost if lost.sum() > LOST_IN * len(areas) else np.zeros(len(areas), bool)


def lost_in_slices(labels: NDArray[np.uint8], drawn: NDArray[np.bool_]) -> list[str]:
    """Return a sentence on each structure beside RV, myocardium and LV that is lost in a slice where it was drawn.

    The three may vanish in a slice at end-systole; whether they are followed is judged by `misfit`.

    Parameters
    ----------
    labels: (T, Z, Y, X).
    drawn: (T, Z) bool.

    >>> lost_in_slices(labels, drawn)
    ['Slice 4: structure 7 was drawn but is lost in 24 of 30 phases: draw it in more phases, or do not use ...']
    """
    return [
        f"Slice {z + 1}: {sentence}"
        for z in np.flatnonzero(drawn.any(0)).tolist()
        for sentence in lost_structures(labels[:, z], drawn[:, z], "phases", LEAST_DICE)
    ]
