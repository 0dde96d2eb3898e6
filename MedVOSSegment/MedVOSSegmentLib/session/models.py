"""Which network fits what is open and drawn."""

from __future__ import annotations

from medvos.cine.cine import Cine
from medvos.errors import InputError

STACK, FOLLOWED, UNDRAWN = "cstm", "tcmn", "echo-lv"
UNDRAWN_STACK, OBSTRUCTION = "vivim", "mvo"
NEED_NO_DRAWING = (UNDRAWN, UNDRAWN_STACK)


def fitting(cine: Cine, *, drawn: bool) -> str:
    """A stack needs a drawing; a clip is followed from one, and else its LV is found."""
    if not cine.is_echo:
        return STACK
    return FOLLOWED if drawn else UNDRAWN


def is_at_hand(name: str) -> bool:
    """Whether there are weights of `UNDRAWN_STACK` or `OBSTRUCTION`, which are not always shipped."""
    from medvos.models.store import resolve

    try:
        return resolve(name, name).path.is_file()
    except InputError:
        return False


def proposing(cine: Cine) -> str:
    """The network that makes a first drawing of a stack; the one that looks at motion needs some."""
    return UNDRAWN_STACK if cine.shape[0] > 1 and is_at_hand(UNDRAWN_STACK) else STACK
