"""How drawn contours count the papillary muscles: as blood of the cavity, or as muscle of the wall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.structures import LV

BLOOD, MUSCLE = "blood", "muscle"
NOTHING_DRAWN = "nothing drawn"
# Of the cavity, both ventricles' papillary muscles are several percent; less is noise.
LEAST_PART = 0.02
RANGES_STYLE = BLOOD
_WORDS = {BLOOD: "blood", MUSCLE: "myocardium"}


def papillary_style(
    images: NDArray[np.float32], labels: NDArray[np.uint8], drawn: NDArray[np.bool_], spacing: tuple[float, float]
) -> str | None:
    """Return ``blood`` or ``muscle``, as the drawn slices show it together; None where they do not decide.

    Without a drawn slice it is ``nothing drawn``.

    Parameters
    ----------
    images: (T, Z, Y, X), in which blood is brighter than muscle.
    labels: (T, Z, Y, X). drawn: (T, Z) bool. spacing: (y, x) in mm.

    >>> papillary_style(cine.array, result.labels, result.seeds, cine.spacing[1:])
    'blood'
    """
    from medvos.segmentation.papillary import muscles_as_cavity, muscles_as_wall

    if not drawn.any():
        return NOTHING_DRAWN
    as_blood = as_muscle = cavity = 0
    for t, z in np.argwhere(drawn):
        plane = labels[t, z]
        before = int((plane == LV).sum())
        cavity += before
        as_blood += before - int((muscles_as_wall(images[t, z], plane, spacing).labels == LV).sum())
        as_muscle += int((muscles_as_cavity(plane, spacing).labels == LV).sum()) - before
    most = max(as_blood, as_muscle)
    if not cavity or most < LEAST_PART * cavity or as_blood == as_muscle:
        return None
    return BLOOD if as_blood > as_muscle else MUSCLE


def style_sentences(style: str | None) -> list[str]:
    """Return whether the given contours count papillary muscles as the reference ranges do; none of a network's own."""
    return [] if style == NOTHING_DRAWN else [_sentence(style)]


def _sentence(style: str | None) -> str:
    ranges = f"The reference ranges count papillary muscles as {_WORDS[RANGES_STYLE]}"
    if style is None:
        return f"{ranges}; how the given contours count them was not recognised: ranges apply to that style alone."
    if style == RANGES_STYLE:
        return f"{ranges}, and so do the given contours."
    return (
        f"{ranges}, but the given contours count them as {_WORDS[style]}: LV volumes are smaller and the LV mass is "
        "larger than in the ranges."
    )
