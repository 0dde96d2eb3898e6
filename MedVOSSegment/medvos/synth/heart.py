"""One synthetic patient: a short-axis cine with exact labels, volumes and ejection fractions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.errors import InputError
from medvos.synth.acquisition import Acquisition, ScanGrid
from medvos.synth.body import Body, paint_body
from medvos.synth.imaging import acquire, bands, round_field, shading
from medvos.synth.motion import Motion
from medvos.synth.noise import smooth_noise
from medvos.synth.parameters import HeartParameters, Kind
from medvos.synth.placement import Placement
from medvos.synth.rasterise import rasterise
from medvos.synth.tissue import Tissue

SUB_PLANES = 3  # planes averaged over the slice thickness


@dataclass(frozen=True)
class SyntheticHeart:
    """A synthetic patient.

    Attributes
    ----------
    cine: the images and their geometry. labels: (T, Z, Y, X) uint8, 1 RV, 2 Myo, 3 LV; slices run from apex to base.
    volumes_ml: ``LV``, ``Myo`` and ``RV`` to (T,) volumes of the continuous heart, independent of the grid.
    ef: ``LV`` and ``RV`` to the ejection fraction in %, from the largest and smallest of these volumes.
    parameters, acquisition: of the heart and of the scan.
    """

    cine: Cine
    labels: NDArray[np.uint8]
    volumes_ml: dict[str, NDArray[np.float64]]
    ef: dict[str, float]
    parameters: HeartParameters
    acquisition: Acquisition


def synthetic_heart(
    rng_seed: int = 0,
    shape: tuple[int, int, int, int] = (25, 10, 192, 192),
    spacing: tuple[float, float, float] = (8.0, 1.5, 1.5),
    *,
    kind: Kind | None = None,
    parameters: HeartParameters | None = None,
    acquisition: Acquisition | None = None,
) -> SyntheticHeart:
    """Return a synthetic patient, the same for the same seed.

    Parameters
    ----------
    shape: (T, Z, Y, X). spacing: (z, y, x) in mm. :meth:`ScanGrid.random` draws both.
    kind: kind of heart to draw; any where None. Not used with ``parameters``.
    parameters, acquisition: a given heart or scan in place of random ones.

    Raises
    ------
    InputError: the shape or spacing is not positive, the image is smaller than the heart, or the kind is unknown.
    """
    if len(shape) != 4 or min(shape) < 1 or len(spacing) != 3 or min(spacing) <= 0:
        raise InputError("A synthetic heart needs a shape of four and a spacing of three numbers above zero.")
    rng = np.random.default_rng(rng_seed)
    parameters = parameters or HeartParameters.random(rng, kind)
    acquisition = acquisition or Acquisition.random(rng)
    grid = ScanGrid((*map(int, shape),), (*map(float, spacing),))  # type: ignore[arg-type]
    motion = Motion(parameters, np.arange(shape[0]) / shape[0])
    placement = Placement(motion, acquisition, grid, rng)
    period = 60000.0 / parameters.heart_rate
    cine = Cine(
        array=_image(motion, placement, rng),
        affine=placement.affine(rng),
        times=period * np.arange(shape[0]) / shape[0],
        period=period,
        source=Source(
            path=f"synthetic heart {rng_seed}",
            kind="synthetic",
            heart_rate=parameters.heart_rate,
            description={"heart": parameters.kind},
        ),
    )
    volumes = motion.volumes
    ef = {name: float(100 * (1 - volumes[name].min() / volumes[name].max())) for name in ("LV", "RV")}
    return SyntheticHeart(cine, rasterise(placement), volumes, ef, parameters, acquisition)


def _image(motion: Motion, placement: Placement, rng: np.random.Generator) -> NDArray[np.float32]:
    """(T, Z, Y, X) intensities."""
    scan, grid = placement.scan, placement.grid
    phases, slices, rows, columns = grid.shape
    pixel = float(np.sqrt(grid.spacing[1] * grid.spacing[2]))
    frames = [placement.body_frame(z) for z in range(slices)]
    x, y = (np.stack([f[i] for f in frames]).astype(np.float32) for i in (0, 1))
    tissue = Tissue(motion, scan, rng)
    height, left, down = placement.reach()
    body = Body.random(rng, height, left, down)
    still = paint_body(body, scan, x, y, placement.heights, pixel, rng)
    flow = smooth_noise(rng, grid.shape, (2.5, 1.5, 8 / pixel, 8 / pixel))

    offsets = grid.spacing[0] * scan.thickness * ((np.arange(SUB_PLANES) + 0.5) / SUB_PLANES - 0.5)
    signal = np.broadcast_to(still, grid.shape).copy()
    for z in range(slices):
        box = np.hypot(x[z], y[z]) < 1.35 * float(left.max()) + 20.0
        ys, xs = np.flatnonzero(box.any(1)), np.flatnonzero(box.any(0))
        region = (slice(ys[0], ys[-1] + 1), slice(xs[0], xs[-1] + 1))
        px, py = x[z][region].ravel(), y[z][region].ravel()
        size = x[z][region].shape
        under = still[z][region].ravel()
        heights = placement.heights[z] + offsets
        for phase in range(phases):
            axis = placement.axis(phase, heights).astype(np.float32)
            planes = np.repeat(under[None], SUB_PLANES, axis=0)
            section = motion.section(phase, heights)
            blood = flow[phase, z][region].ravel()
            tissue.paint(planes, phase, section, px - axis[:, :1], py - axis[:, 1:], blood, pixel)
            signal[phase, z][region] = planes.mean(axis=0).reshape(size)
    gain = shading(scan, x, y, rng) * bands(scan, x, y, pixel, rng)
    return acquire(signal, gain, scan, rng) * round_field(scan, rows, columns)
