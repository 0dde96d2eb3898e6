"""The model that a drawing is propagated with where none is named."""

from __future__ import annotations

from medvos.cine.cine import Cine

STACK, CLIP = "cstm", "tcmn"
DRAWN_MODELS = (STACK, CLIP)
DRAWN_NETWORKS = ("cstm", "tcmn")  # kinds of networks that propagate a drawing


def suited_model(cine: Cine) -> str:
    """Return the default model: ``tcmn`` for an ultrasound clip or a video of one slice, ``cstm`` else.

    >>> suited_model(medvos.read("echo.avi"))
    'tcmn'
    """
    return CLIP if cine.is_echo and cine.shape[1] == 1 else STACK
