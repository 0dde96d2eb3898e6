"""The tissue around the heart: chest wall, lungs, liver, stomach, spine and great vessels.

Fat has negative signal: bSSFP acquires fat and water in opposed phase, so that voxels that hold both cancel out
and every organ in fat gets its dark outline when the magnitude is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.synth.acquisition import Acquisition
from medvos.synth.noise import Noise, paint, ramp, smooth_noise

Array = NDArray[np.float32]
Reach = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Body:
    """Sizes of one thorax in mm, in the heart's frame: x to the lateral wall, y to the diaphragm.

    Attributes
    ----------
    centre, axes: ellipse of the skin at the height of the valve plane. fat, muscle: layers of the chest wall.
    approach: mm by which the chest wall approaches the heart per mm towards the apex.
    diaphragm: y under the heart; slope, dome: its shape. organ_border: x between liver and stomach.
    stomach_content: its signal. aorta: x, y and radius of the descending aorta. pads: reach of pericardial fat.
    """

    centre: tuple[float, float]
    axes: tuple[float, float]
    fat: float
    muscle: float
    approach: float
    diaphragm: float
    slope: float
    dome: float
    organ_border: float
    stomach_content: float
    aorta: tuple[float, float, float]
    pads: float

    @classmethod
    def random(cls, rng: np.random.Generator, heights: Reach, left: Reach, down: Reach) -> Body:
        """Draw a thorax with room for a heart of this extent to the left and down, in mm, at these heights."""
        approach = rng.uniform(0.1, 0.4)
        septal, inferior = float((left + approach * heights).max()), float(down.max())
        fat, muscle = rng.gamma(4.0, 3.5) + 5.0, rng.uniform(7.0, 18.0)
        axes = (rng.uniform(165, 220), rng.uniform(145, 200))
        edge = septal + fat + muscle + rng.uniform(7, 20)
        return cls(
            centre=(axes[0] - edge, axes[1] - rng.uniform(90, 130)),
            axes=axes,
            fat=fat,
            muscle=muscle,
            approach=approach,
            diaphragm=inferior + rng.uniform(1, 8),
            slope=rng.uniform(-0.15, 0.3),
            dome=rng.uniform(0.0005, 0.004),
            organ_border=rng.uniform(-10, 45),
            stomach_content=rng.uniform(0.1, 0.9),
            aorta=(rng.uniform(45, 80), rng.uniform(30, 60), rng.uniform(9, 13)),
            pads=float(left.max()) * rng.uniform(0.7, 1.0),
        )


def paint_body(
    body: Body, scan: Acquisition, x: Array, y: Array, heights: Array, pixel: float, rng: np.random.Generator
) -> Array:
    """Return the signed signal (Z, Y, X) of everything but the heart.

    Parameters
    ----------
    x, y: (Z, Y, X) position of each pixel in the heart's frame, mm. heights: (Z,) mm. pixel: mm.
    """
    shape = x.shape

    def noise(cell: float) -> Array:
        return smooth_noise(rng, shape, (2.5, cell / pixel, cell / pixel))

    height = heights.astype(np.float32)[:, None, None]
    x, y = x + 4.0 * noise(45.0) + 1.0 * noise(14.0), y + 4.0 * noise(45.0) + 1.0 * noise(14.0)
    soft = 1.5 * pixel

    depth = _depth(body, x, y, height)
    fat = body.fat * (1.0 + 0.25 * noise(60.0))
    inner = depth - fat - body.muscle * (1.0 + 0.2 * noise(40.0))
    signal = np.zeros(shape, np.float32)
    paint(signal, ramp(-depth, soft), 0.5)
    paint(signal, ramp(2.0 - depth, soft), -scan.fat * (1.0 + 0.06 * noise(20.0)))
    muscle = scan.muscle * (1.0 + 0.15 * noise(6.0))
    # Fat between the layers of muscle, and the marrow of ribs.
    between = np.abs(depth - fat - 0.45 * body.muscle + 1.5 * noise(25.0)) - 0.8 - 0.6 * noise(20.0)
    paint(muscle, ramp(between, soft), -0.7 * scan.fat)
    paint(muscle, np.clip(noise(9.0) + 0.6 * noise(20.0) - 1.3, 0.0, 1.0), -0.7 * scan.fat)
    paint(signal, ramp(fat - depth, soft), muscle)
    paint(signal, ramp(-inner, soft), _lung(scan, noise))

    pads = ramp(np.hypot(x + 12.0, y) - body.pads * (1.0 + 0.12 * noise(30.0)), 3 * soft) * (noise(30.0) > 0.3)
    pads *= ramp(x - 10.0, 40.0)
    paint(signal, ramp(-inner, soft) * pads, -0.85 * scan.fat * (1.0 + 0.15 * noise(10.0)))

    below = y - (body.diaphragm - body.slope * 0.3 * height + body.dome * (x - 10.0) ** 2 + body.slope * x * 0.3)
    in_thorax = ramp(-inner, soft)
    paint(signal, in_thorax * ramp(-below, soft), -0.75 * scan.fat * (1.0 + 0.15 * noise(12.0)))
    organs = _organs(body, scan, x, y, height, soft, noise)
    paint(signal, in_thorax * ramp(2.5 + 1.5 * noise(25.0) - below, soft) * ramp(2.0 - inner, soft), organs)
    _paint_spine(body, scan, signal, x, y, height, soft, noise)
    return signal


def _depth(body: Body, x: Array, y: Array, height: Array) -> Array:
    """Approximate distance in mm from the skin, positive inside."""
    dx = (x - body.centre[0] - body.approach * height) / body.axes[0]
    dy = (y - body.centre[1]) / body.axes[1]
    return ((1.0 - (np.abs(dx) ** 2.3 + np.abs(dy) ** 2.3) ** (1 / 2.3)) * min(body.axes)).astype(np.float32)


def _lung(scan: Acquisition, noise: Noise) -> Array:
    """Dark lung with the bright dots of vessels cut across."""
    vessels = np.clip(noise(4.5) + 0.7 * noise(30.0) - 2.2, 0.0, 0.9) + np.clip(noise(3.0) - 2.3, 0.0, 0.8)
    return (scan.lung * (1.0 + 0.3 * noise(25.0)) + 0.9 * vessels).astype(np.float32)


def _organs(body: Body, scan: Acquisition, x: Array, y: Array, height: Array, soft: float, noise: Noise) -> Array:
    """Liver to the left, stomach and spleen to the right, bowel and fat deeper down."""
    vessels = np.clip(noise(6.0) - 1.9, 0.0, 1.0) * 0.6
    liver = scan.liver * (1.0 + 0.04 * noise(4.0)) + vessels
    spleen = scan.liver * 1.1 * (1.0 + 0.05 * noise(5.0))
    organs = np.where(noise(38.0) > 0.1, spleen, -0.8 * scan.fat * (1 + 0.15 * noise(10.0))).astype(np.float32)
    bowel = np.clip(scan.liver + 0.25 * noise(8.0) + 0.15 * noise(4.0), 0.02, 1.2)
    organs = np.where(noise(32.0) > 0.9, bowel, organs).astype(np.float32)

    centre_x, centre_y = body.organ_border + 32.0, body.diaphragm + 34.0
    wall = np.hypot((x - centre_x) / 1.15, y - centre_y) - (27.0 + 0.1 * height + 3.0 * noise(40.0))
    content = np.clip(body.stomach_content * (1.0 + 0.15 * noise(4.0) + 0.2 * noise(18.0)), 0.02, None)
    paint(organs, ramp(wall - 3.0, soft), -0.7 * scan.fat)
    paint(organs, ramp(wall, soft), scan.myocardium * 0.9)
    paint(organs, ramp(wall + 4.0, soft), content)
    edge = x - body.organ_border + 0.35 * (y - body.diaphragm) + 3.0 * noise(30.0)
    paint(organs, ramp(edge - 3.0, soft), -0.7 * scan.fat)
    paint(organs, ramp(edge, soft), liver)
    return organs


def _paint_spine(
    body: Body,
    scan: Acquisition,
    signal: Array,
    x: Array,
    y: Array,
    height: Array,
    soft: float,
    noise: Noise,
) -> None:
    """Descending aorta and spine, which lie behind the base of the heart, outside the image near the apex."""
    radius = body.aorta[2]
    ax, ay = body.aorta[0] + 0.35 * height, body.aorta[1] + 0.25 * height
    spine = np.hypot((x - ax - 34.0) / 1.2, y - ay - 22.0) - 22.0
    paint(signal, ramp(spine - 8.0, 2 * soft), scan.muscle * (1.0 + 0.2 * noise(8.0)))
    paint(signal, ramp(spine, soft), 0.4 + 0.03 * noise(4.0))
    aorta = np.hypot(x - ax, y - ay) - radius
    paint(signal, ramp(aorta - 2.0, soft), scan.myocardium * 0.8)
    paint(signal, ramp(aorta, soft), 0.95)
