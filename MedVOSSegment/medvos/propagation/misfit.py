"""A drawing that does not come back: it lies beside the heart, or the network does not follow this heart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from medvos.propagation.drawing_back import Back
from medvos.propagation.inputs import PropagationInputs
from medvos.structures import LV, MYO, RV, name_of

# Dice of what comes back with the drawing. Of 67 drawings of ACDC's 20 validation patients in four styles, and two of
# Sunnybrook, none is below; drawings shifted by 12 pixels or mirrored all are, shifted by 5 all of four.
LEAST_DICE = {RV: 0.8, MYO: 0.65, LV: 0.83}
# Drawn pixels of the region. Smaller structures, at the apex above all, often do not come back from a right drawing:
# of 60 slices of six of these patients at ED, each drawn alone, eight have a structure below its limit, and two have
# one of this size, both the most basal slice.
FEWEST_PIXELS = 250


def misfits(
    inputs: PropagationInputs, backs: Sequence[Back], before: Iterable[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Return the main drawing if it does not come back, with the Dice of each structure that does not.

    Corrections are not judged: readers correct what the network does not follow, and of 20 right ones 16 have a
    structure that does not come back.

    Parameters
    ----------
    inputs: of the propagation.
    backs: of its main drawing; none where it is corrected.
    before: those of the result that is corrected, which keeps its main drawing.

    >>> misfits(inputs, backs)
    [{'phase': 0, 'slice': 4, 'dice': {'LV': 0.69, 'Myo': 0.31}}]
    """
    if inputs.plan is not None:
        return [dict(each) for each in before]
    numbers = inputs.numbers.tolist()
    dice = {}
    for label, least in LEAST_DICE.items():
        slot = numbers.index(label)
        each = [back.dice(slot) for back in backs if int(back.masks(slot)[0].sum()) >= FEWEST_PIXELS]
        known = [value for value in each if value is not None]
        if known and np.mean(known) < least:
            dice[name_of(label)] = round(float(np.mean(known)), 2)
    phase, z = inputs.start
    return [{"phase": phase, "slice": z, "dice": dice}] if dice else []
