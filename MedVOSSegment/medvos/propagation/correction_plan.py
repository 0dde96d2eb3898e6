"""Plan which slices to predict again after a reader has corrected some slices of a result."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.propagation.slice_order import main_seed
from medvos.result import Result


@dataclass(frozen=True)
class CorrectionPlan:
    """The slices that depend on corrections; all others stay as they are.

    Attributes
    ----------
    start: phase and slice of the main seed, which is not among the corrections.
    corrected: phase and slice from which each corrected slice is propagated around the beat, with its neighbouring
        slice towards the main seed.
    sides: the neighbours of corrected slices, each with its own neighbour towards the main seed and, where that is a
        corrected slice, its neighbour on the other side.
    """

    start: tuple[int, int]
    corrected: dict[tuple[int, int], int]
    sides: dict[int, tuple[int, int | None]]

    @property
    def slices(self) -> list[int]:
        """Indices of the slices that are predicted again."""
        return sorted({z for _, z in self.corrected} | set(self.sides))

    def frames(self, phases: int) -> int:
        """Return how many frames the network segments in one pass through the heart."""
        sides = sum(1 if outer is None else 2 for _, outer in self.sides.values())
        return (3 * phases - 2) * len(self.corrected) + phases * sides

    @property
    def memory_slices(self) -> list[int]:
        """Indices of the slices of the previous result that are encoded as memory."""
        needed = set(self.corrected.values()) | {inner for inner, _ in self.sides.values()}
        return sorted(needed - {z for _, z in self.corrected})


def with_drawings_of(previous: Result, seed: Seed) -> Seed:
    """Return the seed with the previous result's drawn slices added at phases where the seed has none."""
    kept = previous.seeds & ~seed.drawn.any(1, keepdims=True)
    labels = seed.labels.copy()
    labels[kept] = previous.labels[kept]
    return replace(seed, labels=labels, drawn=seed.drawn | kept)


def changed(seed: Seed, previous: Result) -> NDArray[np.bool_]:
    """Return (T, Z) bool: drawn slices that differ from the previous result.

    A drawn slice identical to the previous result counts as accepted and triggers no propagation.
    """
    differs = np.zeros_like(seed.drawn)
    differs[seed.drawn] = (seed.labels[seed.drawn] != previous.labels[seed.drawn]).any((1, 2))
    return differs


def plan_corrections(seed: Seed, previous: Result) -> CorrectionPlan | None:
    """Return which slices to predict again, or None where all are.

    A corrected slice is propagated around the beat from its drawing and, at phases far from it, from its neighbouring
    slice towards the main seed. Its two neighbours follow: the outer one from it alone, the inner one as before and,
    at phases near the drawing, from it too.

    All slices are predicted again when a drawing of the previous result is no longer in the seed, or a drawing in the
    main seed's slice is new or has been changed.

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
    # From the main seed outwards: a corrected slice next to another is propagated after it, from its new masks.
    corrected_slices = sorted(map(int, np.flatnonzero(new.any(0))), key=lambda z: abs(z - start[1]))
    corrected = {main_seed(seed.labels, _only(new, z)): _inner(z, start[1]) for z in corrected_slices}
    return CorrectionPlan(start, corrected, _sides(corrected_slices, start[1], seed.drawn.shape[1]))


def check_previous(previous: Result) -> None:
    """Refuse a previous result that no propagation can have made: its maps are copied into the next one.

    Raises
    ------
    InputError: the maps have different shapes, or probabilities are not within 0 and 1.
    """
    if previous.uncertainty.shape != previous.labels.shape:
        raise InputError(
            f"The previous result has labels of the shape {previous.labels.shape} and uncertainty of "
            f"{previous.uncertainty.shape}; start without it."
        )
    for name, probabilities in (("uncertainty", previous.uncertainty), ("slice scores", previous.slice_scores)):
        if not (probabilities.min() >= 0 and probabilities.max() <= 1):  # written so that NaN is refused too
            raise InputError(f"The {name} of the previous result are not within 0 and 1; start without it.")


def _only(drawn: NDArray[np.bool_], z: int) -> NDArray[np.bool_]:
    only = np.zeros_like(drawn)
    only[:, z] = drawn[:, z]
    return only


def _inner(z: int, main: int) -> int:
    """The neighbour of slice ``z`` towards the main seed's slice."""
    return z + (1 if main > z else -1)


def _sides(corrected: list[int], main: int, slices: int) -> dict[int, tuple[int, int | None]]:
    """The neighbours of the corrected slices, and from which of their own neighbours each is predicted."""
    found: dict[int, tuple[int, int | None]] = {}
    for z in range(slices):
        inner = _inner(z, main)
        outer = 2 * z - inner
        if z not in (main, *corrected) and (inner in corrected or outer in corrected):
            found[z] = (inner, outer if outer in corrected else None)
    return found
