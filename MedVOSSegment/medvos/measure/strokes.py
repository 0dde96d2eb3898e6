"""Doubt the ventricles whose stroke volumes differ, as far as the difference could be an error of the contours.

Without a shunt or a regurgitation both ventricles eject the same volume. A difference of over a quarter is always said.
It is no proof of bad contours: with the expert's own contours, 46 of 100 ACDC patients differ by more, as often with
the larger stroke volume on the left as on the right, and only 2 of them are among the 20 healthy ones. So a verdict is
held back only where that part of the difference which could be an error of the ventricle would change it:

- If neither ventricle rests on unreliable contours, the LV is moved by a quarter of the difference and the RV by half
  of it, towards each other. Of a difference that is observed in propagated contours 9 % are on average an error of the
  LV, 23 % one of the RV, and the rest is real (``medvos bench verdicts``); the amounts are larger than that, for
  caution.
- If the RV rests on unreliable contours, the difference points to it, since its contours err more: no verdict is given
  on the RV, whose volumes may be wrong by more than the difference. The LV is moved by a quarter if it rests on
  unreliable contours too, and otherwise not at all.
- If the LV alone rests on unreliable contours, the difference points to the LV: no verdict is given on its volumes, and
  the RV is not moved.
- If another doubt, such as missing slices, holds the LV's volumes back, the LV is no measure of the RV: no verdict is
  given on either. If such a doubt holds the RV's alone, it is as if the RV rested on unreliable contours.

A difference that could be an error at ED or at ES moves both volumes by all of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from medvos.measure.catalogue import names_resting_on
from medvos.measure.doubt import Doubt, Move
from medvos.measure.measures import Measure, Measures
from medvos.measure.reliability import MOST_UNRELIABLE
from medvos.structures import LV, RV

STROKES_DIFFER = 0.25  # of the larger stroke volume
# Of the difference, which could be an error of this ventricle.
BLAMED = {"LV": 0.25, "RV": 0.5}
LEFT_VOLUMES, RIGHT_VOLUMES = names_resting_on(LV, curve=False), names_resting_on(RV, curve=False)
_LOOK = "look at the basal slices of both ventricles at ED and ES"


def stroke_doubts(measures: Measures, known_shunt: bool = False) -> list[Doubt]:
    """Return the doubt, in a list, on ventricles that eject different volumes.

    Parameters
    ----------
    measures: of a short-axis stack, with the parts that rest on unreliable contours, where known.
    known_shunt: whether a shunt or a regurgitation is known, with which the ventricles eject different volumes.

    >>> stroke_doubts(measures)[0].moves["RVSV"]
    (0.0, 14.5)
    """
    left, right = measures["LVSV"].value, measures["RVSV"].value
    if left is None or right is None or max(left, right) <= 0:
        return []
    difference = abs(left - right)
    part = difference / max(left, right)
    if part <= STROKES_DIFFER:
        return []
    differ = f"LVSV ({left:.0f} mL) and RVSV ({right:.0f} mL) differ by {100 * part:.0f} %"
    if known_shunt:
        return [Doubt(f"{differ}; a shunt or a regurgitation is stated to be known")]
    differ = f"{differ}, and no shunt or regurgitation is stated: {_LOOK}"
    unsure = {side: _is_unsure(measures, side) for side in BLAMED}
    held = {side: f"{side}SV" in measures.held and not unsure[side] for side in BLAMED}
    if held["LV"]:
        reason = f"{differ}. The LV is doubted for another reason too"
        holds = (*LEFT_VOLUMES, *RIGHT_VOLUMES)
        return [Doubt(reason, holds=holds, verdict="no verdict is given on either ventricle")]
    if unsure["RV"] or held["RV"]:
        moves = _moves(measures, "LV", left < right, BLAMED["LV"] * difference) if unsure["LV"] else {}
        why = "rests on unreliable contours" if unsure["RV"] else "is doubted for another reason too"
        verdict = "no verdict is given on the RV"
        if unsure["LV"]:
            verdict += f", and one on the LV's volumes only where it holds {_if_wrong('LV')}"
        return [Doubt(f"{differ}. The RV {why}", holds=RIGHT_VOLUMES, moves=moves, verdict=verdict)]
    if unsure["LV"]:
        reason = f"{differ}. The LV rests on unreliable contours, the RV does not"
        return [Doubt(reason, holds=LEFT_VOLUMES, verdict="no verdict is given on the LV's volumes")]
    moves = _moves(measures, "LV", left < right, BLAMED["LV"] * difference)
    moves |= _moves(measures, "RV", right < left, BLAMED["RV"] * difference)
    verdict = f"a verdict is given only where it holds {_if_wrong('LV')} or {_if_wrong('RV')}"
    return [Doubt(differ, moves=moves, verdict=verdict)]


def _if_wrong(side: str) -> str:
    words = {0.25: "a quarter", 0.5: "half"}
    return f"if {words[BLAMED[side]]} of the difference were an error of the {side}"


def _is_unsure(measures: Measures, side: str) -> bool:
    part = measures[f"{side}SV"].unreliable
    return part is not None and part >= MOST_UNRELIABLE


def _moves(measures: Mapping[str, Measure], side: str, ejects_too_little: bool, millilitres: float) -> dict[str, Move]:
    """Return how far the measures of a ventricle move if its stroke volume is wrong by so much, at ED or at ES."""
    edv, esv = measures[f"{side}EDV"].value, measures[f"{side}ESV"].value
    if not edv or esv is None:
        return {}
    up, down = (0.0, millilitres), (millilitres, 0.0)
    more, less = (up, down) if ejects_too_little else (down, up)
    percent = 100 * millilitres / edv  # an error at ES moves the EF further than one at ED
    fraction = (0.0, percent) if ejects_too_little else (percent, 0.0)
    return {f"{side}EDV": more, f"{side}ESV": less, f"{side}SV": more, f"{side}EF": fraction}
