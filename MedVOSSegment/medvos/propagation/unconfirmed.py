"""Seeds that were proposed by a network and that nobody has confirmed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.seed import Seed
from medvos.result import Result

# Key of the provenance: the slices of the seed that are unchanged proposals.
PROPOSED = "proposed"
UNCONFIRMED = (
    "The seed is a proposal that nobody has confirmed, and the intervals count it as drawn: look at it, correct it, "
    "and segment the heart again."
)


def without_confirmed(provenance: dict[str, Any], confirmed: NDArray[np.bool_]) -> dict[str, Any]:
    """Return a provenance without the proposals at the ``confirmed`` places (T, Z), corrected or accepted since.

    >>> without_confirmed({"proposed": [{"phase": 0, "slice": 0}], "doubts": [UNCONFIRMED]}, np.ones((1, 1), bool))
    {'proposed': [], 'doubts': []}
    """
    if PROPOSED not in provenance:
        return provenance
    left = [place for place in provenance[PROPOSED] if not confirmed[place["phase"], place["slice"]]]
    doubts = [doubt for doubt in provenance.get("doubts", ()) if left or doubt != UNCONFIRMED]
    return {**provenance, PROPOSED: left, "doubts": doubts}


def proposed_in(seed: Seed, previous: Result | None) -> dict[str, Any]:
    """Return the part of the provenance that states unchanged proposals in a seed; empty where there are none.

    A proposal in the result that the seed corrects stays one as long as its slice is unchanged.

    >>> proposed_in(medvos.propose(cine), None)
    {'proposed': [{'phase': 0, 'slice': 4}], 'doubts': [...]}
    """
    places = seed.proposed
    for place in previous.provenance.get(PROPOSED, ()) if previous is not None else ():
        at = place["phase"], place["slice"]
        assert previous is not None
        places[at] |= bool(seed.drawn[at]) and np.array_equal(seed.labels[at], previous.labels[at])
    if not places.any():
        return {}
    return {
        PROPOSED: [{"phase": int(t), "slice": int(z)} for t, z in np.argwhere(places)],
        "doubts": [UNCONFIRMED],
    }
