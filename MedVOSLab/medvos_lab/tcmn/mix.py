"""Composition of a batch, early and late in the training."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

KINDS = ("echonet", "camus", "parts", "hearts", "beats")


@dataclass(frozen=True)
class Mix:
    """
    Attributes
    ----------
    fractions: how many of a batch's samples are of each of `KINDS`: pairs of EchoNet, pairs of CAMUS, random parts of
        an image, hearts in MRI from slice to slice, and beats in MRI with the frames that were recorded.
    two_structures: how often a batch asks for two.
    whole: how often a clip made of a pair goes all the way between ED and ES, whose frames are real ones.
    at_once: how often such a clip is at its end with its second frame.
    halves: how often one structure of CAMUS or of a beat is cut in half.
    sectors: how often the sectors of a batch's pairs are changed.
    """

    fractions: Mapping[str, float]
    two_structures: float
    whole: float
    at_once: float
    halves: float
    sectors: float

    def counts(self, size: int, kinds: Collection[str], rng: np.random.Generator) -> dict[str, int]:
        """Draw how many of ``size`` samples are of each of some kinds, whose fractions are scaled to a sum of 1."""
        wanted = np.array([self.fractions[kind] * (kind in kinds) for kind in KINDS])
        drawn: NDArray[np.int64] = rng.multinomial(size, wanted / wanted.sum())
        return dict(zip(KINDS, drawn.tolist(), strict=True))


USUAL = Mix(
    fractions={"echonet": 0.25, "camus": 0.3, "parts": 0.15, "hearts": 0.05, "beats": 0.25},
    two_structures=0.3,
    whole=0.6,
    at_once=0.35,
    halves=0.15,
    sectors=0.5,
)
# Few reach ES from ED in one leap in the usual mix, and what they do there is the last that the network gets right.
LEAPS = Mix(
    fractions={"echonet": 0.4, "camus": 0.3, "parts": 0.05, "hearts": 0.05, "beats": 0.2},
    two_structures=0.2,
    whole=0.95,
    at_once=0.7,
    halves=0.05,
    sectors=0.0,
)
