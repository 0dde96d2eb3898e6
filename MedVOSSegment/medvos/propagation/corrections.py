"""What must be predicted again when a reader has corrected some slices of a result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.propagation.order import main_seed
from medvos.result import Result


@dataclass(frozen=True)
class Plan:
    """The slices that depend on corrections; all others stay as they are.

    Attributes
    ----------
    start: phase and slice of the main seed, which is not among the corrections.
    corrected: phase and slice from which each corrected slice is led round the beat again, with the slice beside it
        that is nearer to the main seed.
    sides: slices beside those, each with the slice next to it towards the main seed and, where that is a corrected
        one, the slice next to it on the other side.
    """

    start: tuple[int, int]
    corrected: dict[tuple[int, int], int]
    sides: dict[int, tuple[int, int | None]]

    @property
    def slice_indices(self) -> list[int]:
        """The slices that are predicted again."""
        return sorted({z for _, z in self.corrected} | set(self.sides))

    def frames(self, phases: int) -> int:
        """How many frames the network will segment, once through the heart."""
        sides = sum(1 if outer is None else 2 for _, outer in self.sides.values())
        return (3 * phases - 2) * len(self.corrected) + phases * sides

    @property
    def looked_up(self) -> list[int]:
        """The slices of the previous result that are needed as memory."""
        needed = set(self.corrected.values()) | {inner for inner, _ in self.sides.values()}
        return sorted(needed - {z for _, z in self.corrected})


def with_drawings_of(previous: Result, seed: Seed) -> Seed:
    """The seed and, at phases where it draws nothing, the slices that were drawn for the previous result."""
    kept = previous.seeds & ~seed.drawn.any(1, keepdims=True)
    labels = seed.labels.copy()
    labels[kept] = previous.labels[kept]
    return Seed(labels, seed.drawn | kept)


def changed(seed: Seed, previous: Result) -> NDArray[np.bool_]:
    """(T, Z): drawn slices that do not look as the previous result has them.

    A drawn slice that does was accepted by the reader, and asks for nothing.
    """
    return seed.drawn & (seed.labels != previous.labels).any((2, 3))


def plan_corrections(seed: Seed, previous: Result) -> Plan | None:
    """What to predict again, or None where that is everything.

    A corrected slice is led round the beat from its drawing and, at phases far from it, from the slice beside it. Its
    two neighbours follow: the outer one from it alone, the inner one as before and, at phases near the drawing, from
    it too.

    Everything is predicted again when a slice that the previous result grew from has been given up, or a drawing in
    the main seed's slice is new or has been changed.

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
    # From the main seed outwards, so that a corrected slice beside another finds that one led again already.
    slice_indices = sorted(map(int, np.flatnonzero(new.any(0))), key=lambda z: abs(z - start[1]))
    corrected = {main_seed(seed.labels, _only(new, z)): _inner(z, start[1]) for z in slice_indices}
    return Plan(start, corrected, _sides(slice_indices, start[1], seed.drawn.shape[1]))


def check_previous(previous: Result) -> None:
    """Refuse a result whose parts, which go into the next one as they are, no propagation has made.

    Raises
    ------
    InputError: the parts are of different shapes, or chances are not within 0 and 1.
    """
    if previous.uncertainty.shape != previous.labels.shape:
        raise InputError(
            f"The previous result has labels of the shape {previous.labels.shape} and uncertainty of "
            f"{previous.uncertainty.shape}; start without it."
        )
    for name, probabilities in (("uncertainty", previous.uncertainty), ("slice scores", previous.slice_scores)):
        if not (probabilities.min() >= 0 and probabilities.max() <= 1):  # so put, NaN is refused too
            raise InputError(f"The {name} of the previous result are not within 0 and 1; start without it.")


def _only(drawn: NDArray[np.bool_], z: int) -> NDArray[np.bool_]:
    only = np.zeros_like(drawn)
    only[:, z] = drawn[:, z]
    return only


def _inner(z: int, main: int) -> int:
    """The slice beside ``z`` that is nearer to the main seed's."""
    return z + (1 if main > z else -1)


def _sides(corrected: list[int], main: int, slices: int) -> dict[int, tuple[int, int | None]]:
    """The neighbours of the corrected slices, and from which sides each is reached."""
    found: dict[int, tuple[int, int | None]] = {}
    for z in range(slices):
        inner = _inner(z, main)
        outer = 2 * z - inner
        if z not in (main, *corrected) and (inner in corrected or outer in corrected):
            found[z] = (inner, outer if outer in corrected else None)
    return found
