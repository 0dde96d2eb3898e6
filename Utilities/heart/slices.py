"""Slices of a cine with smooth contours, drawn at a higher resolution than they are shown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage
from skimage.measure import find_contours

from medvos.structures import STRUCTURES

FINE = 4  # drawn pixels for each pixel of the cine; contours are smooth at this resolution
BLACK, WHITE = 1, 99.3  # percentiles of the cine
GAMMA = 0.75


class HeartRegion:
    """The square part of every slice in which the heart lies.

    >>> region = HeartRegion(cine.array, labels)
    >>> image = region.image(t=0, z=3, labels=labels, drawn=1.0, size=200)
    """

    def __init__(self, array: NDArray, labels: NDArray[np.uint8], margin: int = 14) -> None:
        """Take the cine and its labels, both (T, Z, Y, X)."""
        self._array = array
        self._limits = np.percentile(array, (BLACK, WHITE))
        rows, columns = (np.flatnonzero(labels.any(axes)) for axes in ((0, 1, 3), (0, 1, 2)))
        half = max(np.ptp(rows), np.ptp(columns)) // 2 + margin
        self._middle, self._half = (int(rows.mean()), int(columns.mean())), half

    def image(
        self, t: int, z: int, labels: NDArray[np.uint8], drawn: float, size: int, fill: float = 0.0
    ) -> Image.Image:
        """Return a square image of `size` pixels of one slice, with the first fraction `drawn` of each contour."""
        low, high = self._limits
        grey = np.clip((self._cut(self._array[t, z]).astype(float) - low) / (high - low), 0, 1) ** GAMMA
        shown = np.repeat((255 * _enlarged(grey))[..., None], 3, axis=2)
        masks = {structure: self._cut(labels[t, z]) == structure.label for structure in STRUCTURES}
        smooth = {structure: _enlarged(ndimage.gaussian_filter(m.astype(float), 0.7)) for structure, m in masks.items()}
        for structure, depth in smooth.items():
            inside = depth > 0.5
            shown[inside] = (1 - fill) * shown[inside] + fill * np.array(structure.colour)
        image = Image.fromarray(np.clip(shown, 0, 255).astype(np.uint8))
        pen = ImageDraw.Draw(image)
        width = max(2, round(2.2 * image.width / size))
        for structure, depth in smooth.items():
            for line in find_contours(depth, 0.5):
                kept = line[: max(2, round(drawn * len(line)))]
                if drawn > 0 and len(line) > 3 * FINE:
                    pen.line([(x, y) for y, x in kept], fill=structure.colour, width=width, joint="curve")
        return image.resize((size, size), Image.Resampling.LANCZOS)

    def _cut(self, plane: NDArray) -> NDArray:
        (row, column), half = self._middle, self._half
        padded = np.pad(plane, half)
        return padded[row : row + 2 * half, column : column + 2 * half]


def _enlarged(plane: NDArray[np.floating]) -> NDArray[np.floating]:
    return ndimage.zoom(plane, FINE, order=1, mode="nearest", grid_mode=True)
