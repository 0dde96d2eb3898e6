"""What must be predicted again when a reader has corrected some slices of a result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.propagation.order import main_seed
from medvos.propagation.result import Result


@dataclass(frozen=True)
class Plan:
    """The slices that depend on corrections; all others stay as they are.

    Attributes
    ----------
    start: phase and slice of the main seed, which is not among the corrections.
    corrected: phase and slice from which each corrected slice is led round the beat again, by slice.
    sides: slices next to those, each with the slices from which it is reached.
    """

    start: tuple[int, int]
    corrected: tuple[tuple[int, int], ...]
    sides: dict[int, tuple[int, ...]]

    @property
    def levels(self) -> list[int]:
        """The slices that are predicted again."""
        return sorted({level for _, level in self.corrected} | set(self.sides))

    def frames(self, phases: int) -> int:
        """How many frames the network will segment, once through the heart."""
        return 2 * (phases - 1) * len(self.corrected) + phases * sum(len(sides) for sides in self.sides.values())


def changed(seed: Seed, previous: Result) -> NDArray[np.bool_]:
    """(T, Z): drawn slices that do not look as the previous result has them.

    A drawn slice that does was accepted by the reader, and asks for nothing.
    """
    return seed.drawn & (seed.labels != previous.labels).any((2, 3))


def plan_corrections(seed: Seed, previous: Result) -> Plan | None:
    """What to predict again, or None where that is everything.

    A corrected slice is led round the beat from its drawing. Its two neighbours follow: the outer one from it alone,
    the inner one also from the slice on its other side, which the correction does not concern.

    Everything is predicted again when a slice that the previous result grew from has been given up, or the main seed
    itself has been changed.

    Raises
    ------
    InputError: the previous result is of another cine.
    """
    if previous.labels.shape != seed.labels.shape:
        raise InputError(
            f"The previous result has the shape {previous.labels.shape} and the seed {seed.labels.shape}; "
            "correct a result of this cine."
        )
    kept = seed.drawn & previous.seeds
    if (previous.seeds & ~seed.drawn).any() or not kept.any():
        return None
    start = main_seed(seed.labels, kept)
    new = changed(seed, previous)
    if new[:, start[1]].any():
        return None
    levels = [int(level) for level in np.flatnonzero(new.any(0))]
    corrected = tuple(main_seed(seed.labels, _only(new, level)) for level in levels)
    return Plan(start, corrected, _sides(levels, start[1], seed.drawn.shape[1]))


def _only(drawn: NDArray[np.bool_], level: int) -> NDArray[np.bool_]:
    only = np.zeros_like(drawn)
    only[:, level] = drawn[:, level]
    return only


def _sides(corrected: list[int], main: int, levels: int) -> dict[int, tuple[int, ...]]:
    """The neighbours of the corrected slices, and from which sides each is reached."""
    found: dict[int, tuple[int, ...]] = {}
    for level in range(levels):
        near = [side for side in (level - 1, level + 1) if side in corrected]
        if level in corrected or level == main or not near:
            continue
        inner = level + (1 if main > level else -1)
        found[level] = tuple(near) if inner in near else (*near, inner)
    return found
