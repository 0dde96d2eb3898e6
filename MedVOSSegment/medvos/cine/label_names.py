"""Recognise structures of the heart by the names that people give to segments, in several languages."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum


class Part(Enum):
    """What a name means. `WHOLE_LV` is the cavity with its wall, as a filled epicardial contour encloses it."""

    LV = "the left ventricle"
    MYO = "the myocardium"
    RV = "the right ventricle"
    MVO = "microvascular obstruction"
    LA = "the left atrium"
    WHOLE_LV = "the epicardium"
    OTHER = "another structure"


# Beginnings of words, in English, German, French, Spanish, Italian, Portuguese, Dutch, the Scandinavian languages,
# Polish, Russian and, within words, Chinese and Japanese. Accents are taken away before.
_SIDES = {
    "left": (
        "left links linke gauche izquierd sinistr esquerd sinister vanster venstre lewa lewy lewej leva levy левы "
        "лево 左"
    ),
    "right": (
        "right rechts rechte droit derech destr direit dexter hoger hojre hoyre prawa prawy prawej prava pravy правы "
        "право 右"
    ),
}
_OTHER = (
    "atri auric vorhof orejuela oreillette aort scar narbe fibros infarct infarkt lge lesion edema oedema papil "
    "trabec trabek pericard perikard fat fett effusion thromb valve klappe septum vein vena chest thora "
    "lung liver leber torso background hintergrund 中隔 appendage outflow pulmon coronar 心房 主动脉"
)
_ATRIUM = "atri auric vorhof oreillette 心房"
_CAVITY = "cavi cavum hohle blood blut sang pool lumen endo bp chamber kammer cavo lvc 内腔 腔"
_VENTRICLE = "ventric ventrik kammer kammar komor желуд 心室 室"
_WALL = "myo mio miyo miesien miesn muscle muskel muscul wall wand paroi pared parete mass herzmuskel мио 心肌 心筋"
_OUTER = "epi"
_OBSTRUCTED = "mvo microvascular"
# Whole words. "VS", ventricolo sinistro, is left out: it is also the ventricular septum.
_SHORT = {
    "lv": "left",
    "rv": "right",
    "vg": "left",
    "vd": "right",
    "vi": "left",
    "ve": "left",
    "лж": "left",
    "пж": "right",
}
_SHORT_OTHER = {"la", "ra", "ao", "pa", "lvot", "rvot", "lvpm", "lad", "rca", "pm"}
# Whole words for a side without a ventricle.
_SIDE_WORDS = {"sx": "left", "dx": "right", "sol": "left", "sag": "right"}
# What may be drawn with the cavity or the wall, or left out of it, without making it another structure.
_BESIDE = re.compile(
    r"[+&]|\bw/o?\b|\b(?:with|incl|including|inclusive|plus|and|mit|und|inkl|avec|et|con|"
    r"without|excl|excluding|ohne|sans|senza|sin)\b",
    re.IGNORECASE,
)
_INNER, _SEPTUM, _MUSCLE = "papil trabec trabek pm and und et", " septum septal", "mus"


def part_named(name: str) -> Part | None:
    """Return what a segment's name means, or None where it is not known or means more than one structure.

    >>> part_named("Ventrículo izquierdo"), part_named("LVendo"), part_named("Segment_1")
    (<Part.LV: 'the left ventricle'>, <Part.LV: 'the left ventricle'>, None)
    """
    words = _words(name)
    sides = {side for side, stems in _SIDES.items() if _any(words, stems)}
    sides |= {_SHORT[word] for word in words if word in _SHORT}
    sides = sides or {_SIDE_WORDS[word] for word in words if word in _SIDE_WORDS}
    if len(sides) > 1:
        return None
    side = next(iter(sides), None)
    if words == ["la"] or (side == "left" and len(words) == 2 and _any(words, _ATRIUM)):
        return Part.LA
    if _any(words, _OTHER) or _SHORT_OTHER & set(words):
        return _with_inner_parts(name)
    if _any(words, _OBSTRUCTED) or {"no", "reflow"} <= set(words):
        return Part.MVO
    if _any(words, _WALL):
        return Part.OTHER if side == "right" else Part.MYO
    if _any(words, _OUTER):
        return Part.OTHER if side == "right" else Part.WHOLE_LV
    if {"lvm", "mlv", "lvmyo"} & set(words):
        return Part.MYO
    named_ventricle = any(word in _SHORT for word in words) or any(
        stem in word for word in words for stem in _VENTRICLE.split()
    )
    if side and (named_ventricle or _any(words, _CAVITY)):
        return Part.RV if side == "right" else Part.LV
    return Part.LV if _any(words, _CAVITY) and not named_ventricle else None


def _with_inner_parts(name: str) -> Part | None:
    """The wall or the cavity of a name that adds papillary muscles, trabeculae or, to the wall, the septum."""
    found = _BESIDE.search(name)
    if found is None:
        return Part.OTHER
    part, added = part_named(name[: found.start()]), _words(name[found.end() :])
    inner = _INNER + (_SEPTUM if part is Part.MYO else "") + (f" {_MUSCLE}" if _any(added, "papil") else "")
    return part if part is not Part.OTHER and all(_any([word], inner) for word in added) else None


def _words(name: str) -> list[str]:
    """The words of a name in small letters and without accents; ``LVendo`` and ``LeftVentricle`` are two words."""
    text = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", name)
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter)).replace("ø", "o")
    words = re.findall(r"[^\W\d_]+", text)
    return [part for word in words for part in _parted(word)]


def _parted(word: str) -> list[str]:
    """``lvendo``, ``lvbp`` and ``myolv`` as two words."""
    if word in _SHORT_OTHER or word in ("lvm", "mlv"):
        return [word]
    if word == "rvm":
        return ["rv", "myo"]
    inside = re.fullmatch(r"(lv|rv)(c|cav\w*|bp|blood\w*|endo\w*|epi\w*|myo\w*|wall|mass)|(endo|epi|myo)(lv|rv)", word)
    if inside is None:
        return [word]
    first, second = (inside[1], inside[2]) if inside[1] else (inside[3], inside[4])
    return [first, "cavity" if second == "c" else second]


def _any(words: list[str], stems: str) -> bool:
    return any(
        word.startswith(stem) or (not stem.isascii() and stem in word) for word in words for stem in stems.split()
    )
