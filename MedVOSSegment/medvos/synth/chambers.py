"""The chambers above the valve planes: the atria, the aorta and the outflow tract of the RV."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.synth.noise import paint, ramp

Array = NDArray[np.float32]

WALL = 2.0  # mm


@dataclass(frozen=True)
class Chamber:
    """An atrium or vessel: a bent ellipse in the LV's frame.

    Attributes
    ----------
    x, y, width, height: centre and half axes in mm. swelling: growth of the axes at end systole, a part of them.
    bend: deviation from an ellipse. left: whether it belongs to the left heart.
    """

    x: float
    y: float
    width: float
    height: float
    swelling: float
    bend: float
    left: bool

    def distance(self, x: Array, y: Array, ejected: float) -> Array:
        """Return the approximate distance of points from the wall in mm, positive outside."""
        grow = 1.0 + self.swelling * ejected
        width, height = self.width * grow, self.height * grow
        u, v = (x - self.x) / width, (y - self.y) / height
        bent = np.hypot(u + self.bend * (v * v - 0.5), v - self.bend * u * v)
        return ((bent - 1.0) * min(width, height)).astype(np.float32, copy=False)


def random_chambers(rng: np.random.Generator, size: float) -> tuple[Chamber, ...]:
    """Left atrium, aortic root, outflow tract and right atrium; ``size`` (mm) is the LV's approximate outer radius."""

    def chamber(x: float, y: float, width: float, height: float, swelling: float, left: bool) -> Chamber:
        x, y, width, height = np.array([x, y, width, height]) * size * rng.uniform(0.88, 1.12, 4)
        return Chamber(x, y, width, height, swelling, rng.uniform(-0.3, 0.3), left)

    aorta = rng.uniform(0.36, 0.44)
    return (
        chamber(0.18, 0.28, 0.82, 0.72, 0.14, left=True),
        chamber(-0.42, -0.42, aorta, aorta, 0.03, left=True),
        chamber(-0.95, -1.05, 0.6, 0.48, -0.05, left=False),
        chamber(-1.4, 0.3, 0.68, 0.9, 0.1, left=False),
    )


def paint_chambers(
    signal: Array,
    chambers: tuple[Chamber, ...],
    x: Array,
    y: Array,
    here: NDArray[np.bool_],
    ejected: float,
    wall: float,
    blood: Array,
    pixel: float,
) -> None:
    """Paint the chambers over ``signal`` (planes, N), in place, in the planes (planes,) that are ``here``."""
    shown = here[:, None]
    for chamber in chambers:
        distance = chamber.distance(x, y, ejected)
        paint(signal, ramp(distance - WALL, pixel) * shown, wall)
        paint(signal, ramp(distance, pixel) * shown, blood)
