"""An infarct in one slice: necrotic wall, obstruction, lost motion and change of intensity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from medvos.synth.infarct import Infarct
from medvos.wall_ring import Ring

TETHER_MM = 10.0  # beyond the epicardium, where the infarct no longer restrains its surroundings
BLUR = 0.7  # pixels, of an image's grey
TETHER_BLUR = 2.5  # pixels, of motion: the infarct restrains viable wall beside it
AKINETIC = 0.6  # transmurality from which a segment no longer thickens


@dataclass(frozen=True)
class InfarctSlice:
    """Maps (Y, X) at end diastole.

    Attributes
    ----------
    infarct: necrotic wall, the core included.
    core: microvascular obstruction.
    lost: fraction of the healthy motion that is lost; it fades beyond the wall.
    gain: factor of the image's grey.
    """

    infarct: NDArray[np.bool_]
    core: NDArray[np.bool_]
    lost: NDArray[np.float32]
    gain: NDArray[np.float32]


def infarct_slice(infarct: Infarct, ring: Ring, level: float) -> InfarctSlice:
    """Return an infarct in a slice at a level, 0 base to 1 apex."""
    reach = infarct.reach(level)
    if not reach:
        empty = np.zeros(ring.wall.shape, bool)
        return InfarctSlice(empty, empty, empty.astype(np.float32), np.ones(empty.shape, np.float32))
    across = np.angle(np.exp(1j * (ring.angle - infarct.middle(level)))) / (infarct.half_width * reach)
    waves = np.cos(np.arange(1, 6) * 3 * across[..., None] + 40 * infarct.roughness)
    deep = infarct.transmurality * np.sqrt(reach) * _profile(across) + waves @ infarct.roughness * (np.abs(across) < 1)
    dead = ring.wall & (np.abs(across) < 1) & (ring.depth <= deep)
    core = dead & (_core_at(infarct, across, ring.depth, level) > 0.5)
    # The core lies within the necrosis; a thin rim of the endocardium stays supplied by the blood beside it.
    grey = infarct.oedema * dead - (infarct.oedema + infarct.haemorrhage) * core
    gain = 1 + gaussian_filter(grey.astype(np.float32), BLUR)
    return InfarctSlice(dead, core, _lost(infarct, ring, across, reach), gain)


def _profile(across: NDArray[np.float64]) -> NDArray[np.float64]:
    """Depth across the infarct as a fraction of the largest: flat in the middle, 0 at the sides."""
    return np.clip(1 - np.abs(across) ** 4, 0, 1)


def _core_at(
    infarct: Infarct, across: NDArray[np.float64], depth: NDArray[np.float32], level: float
) -> NDArray[np.float32]:
    """(Y, X) fraction of obstruction."""
    if infarct.core is None:
        return np.zeros_like(depth)
    slices, wide, deep = infarct.core.shape
    along = (level - infarct.level) / infarct.half_length / 2 + 0.5
    plane = infarct.core[min(int(along * slices), slices - 1)]
    places = np.stack([(across + 1) / 2 * (wide - 1), depth * (deep - 1)])
    return map_coordinates(plane, places, order=1, mode="constant")


def _lost(infarct: Infarct, ring: Ring, across: NDArray[np.float64], reach: float) -> NDArray[np.float32]:
    """(Y, X): thickening falls with transmurality, and stunned wall extends beyond necrotic wall."""
    transmural = infarct.transmurality * np.sqrt(reach) * _profile(across)
    dead = infarct.severity * np.clip(transmural / AKINETIC, 0, 1)
    stunned = infarct.stunning * reach * _profile(across / infarct.border)
    lost = np.maximum(dead, stunned)
    # The middle of the cavity moves with the whole wall, and tissue far outside with none of it.
    lost = lost + ring.inward * (lost[ring.wall].mean() - lost)
    lost = lost * np.exp(-((ring.outward / TETHER_MM) ** 2))
    return gaussian_filter(lost, TETHER_BLUR).astype(np.float32)
