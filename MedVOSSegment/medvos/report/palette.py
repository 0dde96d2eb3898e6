"""Colours that can be distinguished on grey images, on white paper and by colour-blind readers."""

from __future__ import annotations

from medvos.structures import EVERY_STRUCTURE

INK = "#1c2733"
MUTED = "#667482"
GRID = "#e3e8ed"
UNCERTAIN = "#ff2fd0"
# Without a hue, so that no colour-blind reader takes a seed for a structure: white with a dark rim.
SEED, SEED_RIM = "#ffffff", INK

_STRUCTURES = {structure.name: "#{:02x}{:02x}{:02x}".format(*structure.colour) for structure in EVERY_STRUCTURE}
_OTHERS = ("#57d163", "#b98cff", "#00c2b2", "#ff8fab")


# Names in words, where the short name is none.
_WORDS = {"Myo": "myocardium"}


def word_for(name: str) -> str:
    """Return the name of a structure as a reader knows it.

    >>> word_for("Myo")
    'myocardium'
    """
    return _WORDS.get(name, name)


def colour_of(name: str) -> str:
    """Return the hex colour of a structure, the same in every figure.

    >>> colour_of("LV")
    '#ff5a36'
    """
    return _STRUCTURES.get(name, _OTHERS[sum(name.encode()) % len(_OTHERS)])
