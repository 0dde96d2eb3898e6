"""Turn the slices of a result as the views of Slicer show them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medvos.cine.geometry import flipped
from medvos.cine.viewing import plane
from medvos.report.orientation import edge_letters
from medvos.result import Result


def upright(result: Result) -> Result:
    """Return the result with its rows and columns in the order of `medvos.cine.viewing.plane`; no value changes.

    The result itself is returned where its orientation was made up, or where it is upright already.

    >>> shown = upright(result)  # doctest: +SKIP
    """
    affine = result.cine.affine
    if edge_letters(affine) is None:
        return result
    right, up, _ = plane(affine).T
    x, y = (affine[:3, axis] / np.linalg.norm(affine[:3, axis]) for axis in (0, 1))
    swaps = abs(y @ right) > abs(x @ right)
    if swaps:
        affine = affine[:, (1, 0, 2, 3)]
    reversed_axes = (affine[:3, 0] @ right < 0, affine[:3, 1] @ up > 0)
    if not swaps and not any(reversed_axes):
        return result
    sizes = result.labels.shape[:-3:-1]
    for axis, (reverses, size) in enumerate(zip(reversed_axes, sizes[::-1] if swaps else sizes, strict=True)):
        affine = flipped(affine, axis, size) if reverses else affine

    def turned(array: NDArray) -> NDArray:
        array = array.swapaxes(-1, -2) if swaps else array
        return np.flip(array, tuple(-1 - axis for axis, reverses in enumerate(reversed_axes) if reverses))

    cine = replace(result.cine, array=turned(result.cine.array), affine=affine)
    probability = None if result.probability is None else turned(result.probability)
    labels, uncertainty = turned(result.labels), turned(result.uncertainty)
    return replace(result, cine=cine, labels=labels, uncertainty=uncertainty, probability=probability)
