"""Which network fits what is open and drawn."""

from __future__ import annotations

from medvos.cine.cine import Cine
from medvos.measure.echo import is_echo

STACK, FOLLOWED, UNDRAWN = "cstm", "tcmn", "echo-lv"


def fitting(cine: Cine, *, drawn: bool) -> str:
    """A stack needs a drawing; a clip is followed from one, and else its LV is found."""
    if not is_echo(cine):
        return STACK
    return FOLLOWED if drawn else UNDRAWN
