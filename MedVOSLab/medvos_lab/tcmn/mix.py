"""Composition of a batch, early and late in the training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mix:
    """
    Attributes
    ----------
    fractions: how many of a batch's samples are the LV from ED to ES, random parts of an image, and hearts in MRI.
    two_structures: how often a batch asks for two.
    whole: how often a clip of the LV goes all the way between ED and ES, whose frames are real ones.
    at_once: how often such a clip is at its end with its second frame.
    """

    fractions: tuple[float, float, float]
    two_structures: float
    whole: float
    at_once: float


USUAL = Mix(fractions=(0.7, 0.15, 0.15), two_structures=0.25, whole=0.6, at_once=0.35)
# Few reach ES from ED in one leap in the usual mix, and what they do there is the last that the network gets right.
LEAPS = Mix(fractions=(0.9, 0.05, 0.05), two_structures=0.1, whole=0.95, at_once=0.7)
