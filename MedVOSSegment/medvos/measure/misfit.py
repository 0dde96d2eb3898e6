"""Doubt the measures of a result whose drawing the network did not find again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from medvos.measure.catalogue import names_resting_on
from medvos.measure.doubt import Doubt
from medvos.measure.measures import Measures
from medvos.result import FOLLOWED, LEAST_FOLLOWED
from medvos.structures import LV


def misfit_doubts(measures: Measures, provenance: Mapping[str, Any]) -> list[Doubt]:
    """Return a doubt for each drawing that does not come back from what was predicted from it.

    Parameters
    ----------
    measures: those of the RV are held where the RV alone does not come back, otherwise all.
    provenance: of the result; ``misfit`` as of `medvos.propagation.misfit`.

    >>> misfit_doubts(measures, {"misfit": [{"phase": 0, "slice": 4, "dice": {"LV": 0.69}}]})[0].reason
    'the drawing of slice 5 at phase 1 does not come back from what was predicted from it (Dice of LV 0.69): ...'
    """
    return [_doubt(measures, each["phase"], each["slice"], each["dice"]) for each in provenance.get("misfit", ())]


def misfit_sentences(provenance: Mapping[str, Any]) -> list[str]:
    """Return the doubts as sentences, for those who have no measures yet.

    >>> misfit_sentences({})
    []
    """
    return [
        Doubt(_reason(each["phase"], each["slice"], each["dice"])).sentence for each in provenance.get("misfit", ())
    ]


def unfollowed_doubts(provenance: Mapping[str, Any]) -> list[Doubt]:
    """Return a doubt of the measures of LV and left atrium of a clip that the motion of the images alone carries.

    >>> unfollowed_doubts({"followed": {"LV": 0.0}})[0].holds[:2]
    ('LVEDV', 'LVESV')
    """
    followed = provenance.get(FOLLOWED, {})
    return [
        Doubt(
            f"the network does not find the {word} again as it was drawn, so its values are those of the motion of the "
            f"images alone: look whether the drawing is the {word} and nothing beside it, and whether its border is "
            "followed in all frames",
            holds=names,
        )
        for name, word, names in (("LV", "LV", names_resting_on(LV)), ("LA", "left atrium", ("LAA",)))
        if followed.get(name, 1.0) < LEAST_FOLLOWED
    ]


def _doubt(measures: Measures, phase: int, z: int, dice: Mapping[str, float]) -> Doubt:
    return Doubt(
        _reason(phase, z, dice), holds=tuple(name for name in measures if name.startswith("RV") or set(dice) != {"RV"})
    )


def _reason(phase: int, z: int, dice: Mapping[str, float]) -> str:
    lost = ", ".join(f"{name} {value:.2f}" for name, value in dice.items())
    return (
        f"the drawing of slice {z + 1} at phase {phase + 1} does not come back from what was predicted from it (Dice "
        f"of {lost}): look whether it fits the images, and then at the {'RV' if set(dice) == {'RV'} else 'heart'} in "
        "every slice"
    )
