"""Papillary muscles in a drawn slice: counted as wall, or as a part of the cavity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medvos.structures import LV, MYO

# Between the grey of the wall (0) and that of the blood (1), below which the cavity is muscle.
THRESHOLD = 0.5
# The blood is brighter than the wall by so many times the spread of the wall's grey values, or nothing is decided.
CONTRAST = 2.0
SMALLEST_MM2 = 8.0
# A cavity that would lose or gain more than this fraction is mostly muscle and partial volume.
LARGEST_CHANGE = 0.5
# Half the width of a muscle with the trabeculae beside it; a flattened septum is a wider dent.
HALF_WIDTH_MM = 14.0
# Pixels along the wall are a mixture of wall and blood: a muscle reaches deeper into the cavity than they do.
RIM_PIXELS = 1.5
_FEWEST_PIXELS = 20
_FITS = 6
_SIGMA = 1.4826  # standard deviation of normal values, by their median absolute deviation
_GROWTH = 2  # pixels from the depth back to the rim


@dataclass(frozen=True)
class Converted:
    """`labels` (Y, X) with papillary muscles counted the other way, or the same with the reason in `why_not`."""

    labels: NDArray[np.uint8]
    why_not: str = ""


def muscles_as_wall(image: NDArray[np.float32], labels: NDArray[np.uint8], spacing: tuple[float, float]) -> Converted:
    """Return labels (Y, X) whose dark muscles inside of the LV are myocardium.

    >>> muscles_as_wall(cine.array[0, 5], drawn, cine.spacing[1:]).labels  # doctest: +SKIP

    Parameters
    ----------
    image: (Y, X) in which the blood is brighter than the muscle, as in cine MRI.
    labels: with LV and Myo. spacing: (y, x) in mm.
    """
    wall, cavity = labels == MYO, labels == LV
    if wall.sum() < _FEWEST_PIXELS or cavity.sum() < _FEWEST_PIXELS:
        return Converted(labels, "the LV and the myocardium are not both drawn")
    inside = ndimage.distance_transform_edt(cavity) > RIM_PIXELS
    if inside.sum() < _FEWEST_PIXELS:
        return Converted(labels, "the cavity is too small")
    fewest = SMALLEST_MM2 / (spacing[0] * spacing[1])
    greys = (image.astype(np.float32), _without_shading(image, inside))
    found = [one for grey in greys if (one := _muscle(grey, wall, cavity, inside, fewest)) is not None]
    if not found:
        return Converted(labels, "the blood is not brighter than the muscle")
    # The shading was right, or there is none, where what is left is evenly bright.
    muscle = min(found, key=lambda each: each.unevenness).mask
    return _changed(labels, muscle, MYO)


def muscles_as_cavity(labels: NDArray[np.uint8], spacing: tuple[float, float]) -> Converted:
    """Return labels (Y, X) whose dents and connected components of myocardium in the LV, as narrow as a muscle, are LV.

    Parameters
    ----------
    labels: with LV and Myo. spacing: (y, x) in mm.
    """
    wall, cavity = labels == MYO, labels == LV
    if wall.sum() < _FEWEST_PIXELS or cavity.sum() < _FEWEST_PIXELS:
        return Converted(labels, "the LV and the myocardium are not both drawn")
    muscle = ndimage.binary_fill_holes(_closed(cavity, spacing) | cavity) & wall
    muscle = _large_parts(muscle, SMALLEST_MM2 / (spacing[0] * spacing[1]))
    return _changed(labels, muscle, LV)


def _closed(mask: NDArray[np.bool_], spacing: tuple[float, float]) -> NDArray[np.bool_]:
    """Return the closing of a mask (Y, X) with a disk of `HALF_WIDTH_MM`, by two distance transforms."""
    margin = int(HALF_WIDTH_MM / min(spacing)) + 2
    wide = np.pad(mask, margin)
    grown = ndimage.distance_transform_edt(~wide, sampling=spacing) <= HALF_WIDTH_MM
    closed = ndimage.distance_transform_edt(grown, sampling=spacing) > HALF_WIDTH_MM
    return closed[margin:-margin, margin:-margin]


@dataclass(frozen=True)
class _Muscle:
    """A `mask` (Y, X) of muscle in the cavity, and how uneven the blood is that it leaves."""

    mask: NDArray[np.bool_]
    unevenness: float


def _muscle(
    grey: NDArray[np.float32],
    wall: NDArray[np.bool_],
    cavity: NDArray[np.bool_],
    inside: NDArray[np.bool_],
    fewest: float,
) -> _Muscle | None:
    """Return the dark parts of the cavity; None where the blood is not brighter than the wall."""
    dark, bright = float(np.median(grey[wall])), float(np.quantile(grey[inside], 0.75))
    if bright - dark <= CONTRAST * _unevenness(grey[wall]) * dark:
        return None
    smooth = ndimage.gaussian_filter(grey, 0.5)
    muscle = cavity & (smooth < dark + THRESHOLD * (bright - dark))
    muscle &= ndimage.binary_dilation(muscle & inside, iterations=_GROWTH)
    muscle = _large_parts(muscle, fewest)
    left = inside & ~muscle
    return _Muscle(muscle, _unevenness(grey[left]) if left.any() else np.inf)


def _unevenness(greys: NDArray[np.float32]) -> float:
    """Return the spread of grey values as a fraction of their median."""
    middle = max(float(np.median(greys)), 1e-6)
    return _SIGMA * float(np.median(np.abs(greys - middle))) / middle


def _without_shading(image: NDArray[np.float32], blood: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Divide an image (Y, X) by the shading of the coils, a plane through the logarithms of most of the blood's greys.

    Muscles are much darker than the plane, and are left out as it is fitted again.
    """
    lowest = max(float(image.max()) * 1e-3, 1e-6)
    logs = np.log(np.maximum(image, lowest))
    y, x = np.indices(image.shape) / max(image.shape)
    terms = np.stack([np.ones_like(y), y, x], axis=-1)
    kept = blood
    for _ in range(_FITS):
        plane = terms @ np.linalg.lstsq(terms[kept], logs[kept], rcond=None)[0]
        off = logs - plane
        middle = np.median(off[kept])
        spread = _SIGMA * np.median(np.abs(off[kept] - middle))
        kept = blood & (off >= middle - 1.5 * spread)
    return (image / np.exp(plane)).astype(np.float32)


def _changed(labels: NDArray[np.uint8], muscle: NDArray[np.bool_], label: int) -> Converted:
    if not muscle.any():
        return Converted(labels, "no papillary muscle stands out")
    if muscle.sum() > LARGEST_CHANGE * (labels == LV).sum():
        return Converted(labels, "more than half of the cavity would change")
    return Converted(np.where(muscle, np.uint8(label), labels))


def _large_parts(mask: NDArray[np.bool_], fewest: float) -> NDArray[np.bool_]:
    """Return the connected components of at least so many pixels."""
    parts, _ = ndimage.label(mask, np.ones((3, 3)))
    large = np.bincount(parts.ravel()) >= fewest
    large[0] = False
    return large[parts]
