"""A drawing that does not come back: it lies beside the heart, or the network does not follow this heart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from medvos.propagation.drawing_back import Back, drawings_of
from medvos.propagation.inputs import PropagationInputs
from medvos.structures import LV, MYO, RV, name_of

# Dice of what comes back with the drawing. Of 67 drawings of ACDC's 20 validation patients in four styles, and two of
# Sunnybrook, none is below; drawings shifted by 12 pixels or mirrored all are, shifted by 5 all of four.
LEAST_DICE = {RV: 0.8, MYO: 0.65, LV: 0.85}


def misfits(
    inputs: PropagationInputs, backs: Sequence[Back], before: Iterable[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Return the drawings that do not come back, with the Dice of each structure that does not.

    Parameters
    ----------
    inputs: of the propagation.
    backs: of its drawings.
    before: those of the result that is corrected; what was not drawn anew stays.

    >>> misfits(inputs, backs)
    [{'phase': 0, 'slice': 4, 'dice': {'LV': 0.69, 'Myo': 0.31}}]
    """
    numbers = inputs.numbers.tolist()
    places = drawings_of(inputs)
    found = []
    if inputs.plan is not None:
        found = [dict(each) for each in before if (each["phase"], each["slice"]) not in places]
    for place in places:
        of_place = [back for back in backs if back.place == place]
        dice = {}
        for label, least in LEAST_DICE.items():
            each = [back.dice(numbers.index(label)) for back in of_place]
            known = [value for value in each if value is not None]
            if known and np.mean(known) < least:
                dice[name_of(label)] = round(float(np.mean(known)), 2)
        if dice:
            found.append({"phase": place[0], "slice": place[1], "dice": dice})
    return found
