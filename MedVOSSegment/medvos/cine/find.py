"""Find where to draw a seed: end-diastole, a mid-ventricular slice and the heart's centre in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medvos.cine.cine import Cine
from medvos.errors import InputError

# All in mm. The heart fills a disk of this radius around the position with most motion.
_HEART = 45.0
_NEAR = 30.0
_SMOOTH_IMAGE, _SMOOTH_MOTION = 3.0, 20.0
# The heart is rarely farther from the centre of the image.
_OFF_CENTRE = 60.0
_FINEST_PIXEL, _COARSEST_PIXEL = 0.1, 10.0
# Higher harmonics of the volume curve of a beat are noise.
_HARMONICS = 3


@dataclass(frozen=True)
class SeedPlace:
    """``phase`` and ``slice`` to draw on, and the heart's ``centre`` (y, x) there in voxels."""

    phase: int
    slice: int
    centre: tuple[float, float]


def find_seed_place(cine: Cine) -> SeedPlace:
    """Return end-diastole, a mid-ventricular slice and the heart's centre, from motion and brightness.

    The heart is where intensities change most. The slice is half-way between the middle of the stack and the middle of
    the motion. The blood pool is the bright part of the heart, and end-diastole the phase with the largest blood pool.

    Raises
    ------
    InputError: the pixels are too small or too large for an image of a human heart.
    """
    check_pixels(cine)
    motion = _motion(cine)
    distance = _distance(cine, _centre(cine, motion))
    inside = distance < _HEART
    z = _middle(motion[:, inside].mean(1))
    phase = _end_diastole(cine.array[:, max(z - 1, 0) : z + 2], inside, distance)
    y, x = _centre(cine, motion)
    return SeedPlace(phase, z, (float(y), float(x)))


def check_pixels(cine: Cine) -> None:
    """Refuse in-plane spacing that no image of a human heart has."""
    y, x = cine.spacing[1:]
    if min(y, x) < _FINEST_PIXEL or max(y, x) > _COARSEST_PIXEL:
        raise InputError(
            f"A human heart is looked for in pixels of {_FINEST_PIXEL:g} to {_COARSEST_PIXEL:g} mm, and these are "
            f"{y:.3g} x {x:.3g} mm: correct the spacing in the header, or draw the slice."
        )


def _motion(cine: Cine) -> NDArray[np.float32]:
    """(Z, Y, X) standard deviation of each pixel over the beat, after smoothing."""
    _, y, x = cine.spacing
    smooth = ndimage.gaussian_filter(cine.array, (0, 0, _SMOOTH_IMAGE / y, _SMOOTH_IMAGE / x))
    return smooth.std(0)


def _centre(cine: Cine, motion: NDArray[np.float32]) -> tuple[int, int]:
    """(y, x) of the centre of motion in the middle slices."""
    slices, rows, cols = motion.shape
    _, y, x = cine.spacing
    low = slices // 4
    moving = motion[low : max(slices - low, low + 1)].mean(0)
    moving = ndimage.gaussian_filter(moving, (_SMOOTH_MOTION / y, _SMOOTH_MOTION / x))
    middle = _distance(cine, (rows / 2, cols / 2))
    place = np.argmax(moving * np.exp(-((middle / _OFF_CENTRE) ** 2) / 2))
    row, col = np.unravel_index(place, moving.shape)
    return int(row), int(col)


def _distance(cine: Cine, centre: tuple[float, float]) -> NDArray[np.float64]:
    """(Y, X) distance from a position in mm."""
    rows, cols = np.indices(cine.shape[2:])
    _, y, x = cine.spacing
    return np.hypot((rows - centre[0]) * y, (cols - centre[1]) * x)


def _middle(motion: NDArray[np.float32]) -> int:
    """The slice half-way between the middle of the stack and of the motion (Z,), after subtracting the background."""
    weight = motion - motion.min() / 2
    if not weight.sum() > 0:
        return len(motion) // 2
    moving = float((np.arange(len(motion)) * weight).sum() / weight.sum())
    return round((moving + (len(motion) - 1) / 2) / 2)


def _end_diastole(images: NDArray[np.float32], inside: NDArray[np.bool_], distance: NDArray[np.float64]) -> int:
    """The phase of (T, Z, Y, X) with most bright pixels in the heart, weighted by nearness to its centre."""
    threshold = np.percentile(images[:, :, inside], (10, 90)).mean()
    weight = np.exp(-((distance / _NEAR) ** 2) / 2)
    blood = ((images > threshold) * weight).sum((1, 2, 3))
    if len(blood) > 2 * _HARMONICS:
        spectrum = np.fft.rfft(blood)
        spectrum[_HARMONICS + 1 :] = 0
        blood = np.fft.irfft(spectrum, len(blood))
    return int(blood.argmax())
