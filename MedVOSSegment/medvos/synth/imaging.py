"""Turn signal into images: resolution, coil shading, off-resonance bands and noise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from medvos.synth.acquisition import Acquisition
from medvos.synth.noise import smooth_noise

Array = NDArray[np.float32]


def k_space_window(scan: Acquisition, rows: int, columns: int) -> Array:
    """Return weights (Y, X // 2 + 1) of the measured part of k-space, with a soft edge: blur with a little ringing."""

    def profile(frequency: NDArray[Any], part: float) -> NDArray[Any]:
        return 1.0 / (1.0 + np.exp((np.abs(frequency) - 0.5 * part) / 0.03))

    row = profile(np.fft.fftfreq(rows), scan.resolution[0])
    column = profile(np.fft.rfftfreq(columns), scan.resolution[1])
    return np.outer(row, column).astype(np.float32)


def shading(scan: Acquisition, x: Array, y: Array, rng: np.random.Generator) -> Array:
    """Return the sensitivity (Z, Y, X) of the surface coils on the chest, 1 at the heart."""
    field = np.ones_like(x)
    for angle in np.pi + np.array([0.0, 0.9]) + rng.normal(0, 0.25, 2):
        px, py = 115.0 * np.cos(angle), 115.0 * np.sin(angle)
        distance = ((x - px) ** 2 + (y - py) ** 2) / 75.0**2
        centre = (px**2 + py**2) / 75.0**2
        field += scan.bias * (1.0 / (1.0 + distance) - 1.0 / (1.0 + centre))
    return np.clip(field, 0.25, 3.0).astype(np.float32)


def bands(scan: Acquisition, x: Array, y: Array, pixel: float, rng: np.random.Generator) -> Array:
    """Return the fraction (Z, Y, X) of the signal left by off-resonance: dark bands that grow towards the edge."""
    turn = rng.uniform(0, 2 * np.pi)
    along = (x * np.cos(turn) + y * np.sin(turn)) / 100.0
    distance = (x**2 + y**2) / 100.0**2
    phase = np.pi * (0.8 * along + 0.7 * distance) + 0.5 * smooth_noise(rng, x.shape, (3, 60 / pixel, 60 / pixel))
    dark = np.exp(-6.0 * (1.0 + np.cos(phase)))
    return (1.0 - scan.bands * dark * np.clip(distance, 0.15, 1.0)).astype(np.float32)


def acquire(signal: Array, gain: Array, scan: Acquisition, rng: np.random.Generator) -> Array:
    """Return the magnitude image (T, Z, Y, X) of the signed signal (same shape), which is overwritten.

    ``gain`` (Z, Y, X) holds the shading and bands. Noise is complex and passes the same k-space window, so that it
    is Rician and correlated as in interpolated images.
    """
    phases, _, rows, columns = signal.shape
    window = k_space_window(scan, rows, columns)
    kept = float(np.sqrt((window**2).mean()))

    def blurred(image: Array) -> Array:
        spectrum = fft.rfft2(image) * window
        return np.asarray(fft.irfft2(spectrum, (rows, columns)), dtype=np.float32)

    imaginary = blurred(rng.standard_normal((4, rows, columns), dtype=np.float32))
    for phase in range(phases):
        frame = signal[phase]
        frame *= gain
        frame += scan.noise / kept * rng.standard_normal(frame.shape, dtype=np.float32)
        real = blurred(frame)
        for z, image in enumerate(real):
            roll = rng.integers(0, (rows, columns))
            quadrature = np.roll(imaginary[rng.integers(4)], tuple(roll), (0, 1)) * (scan.noise / kept)
            np.hypot(image, quadrature, out=signal[phase, z])
    signal *= scan.gain
    return signal


def round_field(scan: Acquisition, rows: int, columns: int) -> Array:
    """Return (Y, X) 1 inside the circle that the scanner kept, 0 outside."""
    if not scan.round_field:
        return np.ones((rows, columns), np.float32)
    y, x = np.mgrid[:rows, :columns]
    radius = np.hypot(x - columns / 2, y - rows / 2)
    return (radius < scan.round_field * max(rows, columns)).astype(np.float32)
