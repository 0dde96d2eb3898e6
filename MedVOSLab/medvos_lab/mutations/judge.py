"""Judge what was read from a mutated input against the untouched one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.measure.measure import measure
from medvos.result import Result

LIKE_IMAGE = 0.995  # correlation of an image that was resampled, or copied in 8 bits
EQUAL_EF, WRONG_EF = 1.0, 3.0  # points
EQUAL_PART, WRONG_PART = 0.01, 0.03  # of volumes, lengths and rates


class Verdict(StrEnum):
    """How a mutated input was read."""

    EQUAL = "equal"
    REFUSED = "refused"
    NOTED = "noted"
    NEAR = "near"  # between equal and wrong, without a note
    WRONG = "silently wrong"
    BROKEN = "broken"  # another exception than InputError


@dataclass(frozen=True)
class Judgement:
    """A verdict, what differs in words, and whether a refusal or note names the cause."""

    verdict: Verdict
    why: str
    named: bool = True


@dataclass(frozen=True)
class Match:
    """Which untouched image each one that was read shows: ``phase`` and ``slice`` (T, Z), -1 where none."""

    phase: NDArray[np.int_]
    slice: NDArray[np.int_]

    @property
    def complete(self) -> bool:
        """Whether every image is one of the untouched ones."""
        return bool((self.phase >= 0).all())

    def same_as(self, shape: tuple[int, int]) -> bool:
        """Whether phases and slices are those of the untouched cine."""
        if self.phase.shape != shape:
            return False
        t, z = np.indices(shape)
        return bool((self.phase == t).all() and (self.slice == z).all())


def aligned(cine: Cine, like: Cine) -> Cine:
    """Return the cine with axes permuted and flipped to the directions nearest to those of ``like``.

    Directions alone are compared, so a mirror image that the affine does not tell stays one.
    """
    ours, theirs = (one.affine[:3, :3] / np.linalg.norm(one.affine[:3, :3], axis=0) for one in (cine, like))
    cosines = theirs.T @ ours
    order = max(itertools.permutations(range(3)), key=lambda p: abs(cosines[range(3), p]).sum())
    array = cine.array.transpose(0, *(3 - np.array(order)[::-1]))
    flips = [cosines[k, order[k]] < 0 for k in range(3)]
    axes = [3 - k for k in range(3) if flips[k]]
    affine = cine.affine.copy()
    affine[:3, :3] = cine.affine[:3, order]
    for k in range(3):
        if flips[k]:
            affine[:3, 3] += affine[:3, k] * (array.shape[3 - k] - 1)
            affine[:3, k] *= -1
    return replace(cine, array=np.ascontiguousarray(np.flip(array, tuple(axes))), affine=affine)


def turned(like: Cine, cine: Cine) -> Callable[[Cine], Cine]:
    """Return the function that gives an image on the grid of ``cine`` the axes of ``like``: `aligned`, or none.

    A file without directions has the axes of its voxels, whatever its affine says.
    """
    if cine.shape[1:] != like.shape[1:] or _shown(aligned(cine, like), like) >= _shown(cine, like):
        return lambda image: aligned(image, like)
    return lambda image: image


def _shown(cine: Cine, like: Cine) -> int:
    return int((match(cine, like).phase >= 0).sum())


def match(cine: Cine, like: Cine) -> Match:
    """Find the untouched image that each image shows, but for a rising linear change of its greys."""
    small, large = _common(cine.array, like.array)
    found = _normal(small) @ _normal(large).T  # (T Z, T Z)
    here, there = cine.shape[:2], like.shape[:2]
    own = np.arange(len(found))
    best = found.argmax(1)
    if here == there:  # of equals, that at the same place
        best = np.where(found[own, own] >= found[own, best] - 1e-7, own, best)
    right = found[own, best] >= LIKE_IMAGE
    phase, slice_ = np.divmod(best, there[1])
    return Match(np.where(right, phase, -1).reshape(here), np.where(right, slice_, -1).reshape(here))


def _common(a: NDArray, b: NDArray) -> tuple[NDArray, NDArray]:
    """Both arrays at one in-plane size: repeated pixels averaged, then cut or padded about the middle."""
    if a.shape[2:] == b.shape[2:]:
        return a, b
    for axis in (2, 3):
        factor = a.shape[axis] // b.shape[axis]
        if factor > 1 and a.shape[axis] == factor * b.shape[axis]:
            parts = [np.take(a, range(k, a.shape[axis], factor), axis) for k in range(factor)]
            a = np.mean(parts, axis=0)
    for axis in (2, 3):
        extra = a.shape[axis] - b.shape[axis]
        if extra > 0:
            a = np.take(a, range(extra // 2, extra // 2 + b.shape[axis]), axis)
        elif extra < 0:
            b = np.take(b, range(-extra // 2, -extra // 2 + a.shape[axis]), axis)
    return a, b


def _normal(array: NDArray) -> NDArray[np.float32]:
    flat = array.reshape(array.shape[0] * array.shape[1], -1).astype(np.float32)
    flat = flat - flat.mean(1, keepdims=True)
    return flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-6)


def rearranged(result: Result, cine: Cine, found: Match) -> Mapping[str, float | None]:
    """Return measures of the cine if each of its images is segmented as the untouched image that it shows."""
    labels = _fitted(result.labels[found.phase, found.slice], cine.shape[2:])
    drawn = np.zeros(labels.shape[:2], bool)
    drawn[0] = True
    scores = np.zeros(labels.shape[:2], np.float32)
    blank = np.zeros((*labels.shape[:2], *cine.shape[2:]), np.float32)
    whole = Result(replace(cine, array=blank), labels, np.zeros(labels.shape, np.float32), scores, drawn, {})
    return numbers(whole)


def _fitted(labels: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Labels (T, Z, Y, X) with each pixel repeated where the images are finer, else cut or padded about the middle."""
    for axis, size in zip((2, 3), shape, strict=True):
        if size % labels.shape[axis] == 0:
            labels = labels.repeat(size // labels.shape[axis], axis)
        extra = size - labels.shape[axis]
        if extra > 0:
            width = [(0, 0)] * 4
            width[axis] = (extra // 2, extra - extra // 2)
            labels = np.pad(labels, width)
        elif extra < 0:
            labels = np.take(labels, range(-extra // 2, -extra // 2 + size), axis)
    return labels


def numbers(result: Result) -> dict[str, float | None]:
    """Return LVEF, LVEDV and the heart rate of a result."""
    measures = measure(result)
    found: dict[str, float | None] = {name: measures[name].value for name in ("LVEF", "LVEDV")}
    found["heart rate"] = result.cine.source.heart_rate
    return found


def compared(found: Mapping[str, float | None], true: Mapping[str, float | None]) -> tuple[Verdict, str]:
    """Return EQUAL, NEAR or WRONG and which number differs; a number that is not given is not wrong."""
    verdict, words = Verdict.EQUAL, []
    for name, right in true.items():
        value = found.get(name)
        if value is None or right is None:
            continue
        points = name.endswith("EF")
        off = abs(value - right) if points else abs(value / right - 1)
        equal, wrong = (EQUAL_EF, WRONG_EF) if points else (EQUAL_PART, WRONG_PART)
        if off > equal:
            words.append(f"{name} {value:.1f} for {right:.1f}")
            verdict = Verdict.WRONG if off > wrong or verdict is Verdict.WRONG else Verdict.NEAR
    return verdict, ", ".join(words)


def with_notes(verdict: Verdict, why: str, notes: Sequence[str], excuse: str) -> Judgement:
    """Turn WRONG and NEAR into NOTED where a note says what was done or is in doubt."""
    named = [note for note in notes if re.search(excuse, note, re.IGNORECASE)]
    if verdict in (Verdict.WRONG, Verdict.NEAR) and named:
        return Judgement(Verdict.NOTED, f"{why}; says: {named[0]}")
    unheard = f"; says: {' '.join(notes)}" if notes and verdict is not Verdict.EQUAL else ""
    return Judgement(verdict, why + unheard)
