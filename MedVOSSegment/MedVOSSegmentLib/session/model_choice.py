"""The network that fits the open cine and its drawing."""

from __future__ import annotations

from medvos.cine.cine import Cine
from medvos.errors import InputError
from medvos.propagation.suited_model import STACK, suited_model

UNDRAWN = "echo-lv"
UNDRAWN_STACK, OBSTRUCTION = "vivim", "mvo"
NEED_NO_DRAWING = (UNDRAWN, UNDRAWN_STACK)


def fitting(cine: Cine, *, drawn: bool) -> str:
    """Return the network for a cine: a stack needs a drawing; a clip without one is segmented by the LV network."""
    return UNDRAWN if cine.is_echo and not drawn else suited_model(cine)


def is_at_hand(name: str) -> bool:
    """Return whether the weights ``name`` are installed; those of `UNDRAWN_STACK` and `OBSTRUCTION` may be missing."""
    from medvos.models.store import resolve

    try:
        return resolve(name, name).path.is_file()
    except InputError:
        return False


def proposal_model(cine: Cine) -> str:
    """Return the network that proposes a drawing of a stack; Vivim needs at least two phases."""
    return UNDRAWN_STACK if cine.shape[0] > 1 and is_at_hand(UNDRAWN_STACK) else STACK
