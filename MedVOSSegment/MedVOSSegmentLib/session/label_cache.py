"""A copy of the segments' labels with a checksum of each slice, from which every change is found and taken back."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Patch:
    """Some slices before and after a change.

    Attributes
    ----------
    places: (N, 2) phase and slice.
    before, after: (N, Y, X) uint8 labels.
    """

    places: NDArray[np.intp]
    before: NDArray[np.uint8]
    after: NDArray[np.uint8]

    @property
    def nbytes(self) -> int:
        """Bytes of the labels that are kept."""
        return self.before.nbytes + self.after.nbytes

    @staticmethod
    def of_phases(patches: list[Patch]) -> Patch:
        """Return changes of different phases as one."""
        if len(patches) == 1:
            return patches[0]
        columns = zip(*((patch.places, patch.before, patch.after) for patch in patches), strict=True)
        return Patch(*(np.concatenate(column) for column in columns))

    def then(self, later: Patch) -> Patch:
        """Return this change and a ``later`` one as one."""
        before = dict(zip(map(tuple, later.places), later.before, strict=True))
        before |= dict(zip(map(tuple, self.places), self.before, strict=True))
        after = dict(zip(map(tuple, self.places), self.after, strict=True))
        after |= dict(zip(map(tuple, later.places), later.after, strict=True))
        places = sorted(before)
        return Patch(
            np.array(places, np.intp), np.stack([before[p] for p in places]), np.stack([after[p] for p in places])
        )


def keeping(kept: Collection[int], now: NDArray[np.uint8], labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return ``labels`` with those of ``kept`` that are there ``now`` and lie under no other."""
    return np.where((labels == 0) & np.isin(now, list(kept)), now, labels)


def empty_mark(shape: tuple[int, ...]) -> int:
    """Return the checksum of a slice (Y, X) without any label."""
    return zlib.crc32(bytes(shape[0] * shape[1]))


class LabelCache:
    """The labels of every slice as last read from the segments, each with its checksum.

    Attributes
    ----------
    labels: (T, Z, Y, X) uint8.
    marks: (T, Z) uint32 checksums.
    """

    def __init__(self, labels: NDArray[np.uint8]) -> None:
        self.labels = np.array(labels, np.uint8, order="C")
        self.marks = np.zeros(labels.shape[:2], np.uint32)
        for phase, z in np.ndindex(*self.marks.shape):
            self.marks[phase, z] = zlib.crc32(self.labels[phase, z].data)

    @property
    def filled(self) -> NDArray[np.bool_]:
        """(T, Z): slices that carry any label."""
        return self.marks != empty_mark(self.labels.shape[2:])

    def update_phase(self, phase: int, labels: NDArray[np.uint8]) -> Patch | None:
        """Store the labels (Z, Y, X) of a phase and return the change; None where nothing changed."""
        slice_indices = np.flatnonzero((labels != self.labels[phase]).any((1, 2)))
        if not slice_indices.size:
            return None
        patch = Patch(
            np.stack([np.full_like(slice_indices, phase), slice_indices], axis=1),
            self.labels[phase, slice_indices],
            labels[slice_indices].copy(),
        )
        self.labels[phase, slice_indices] = patch.after
        for z in slice_indices:
            self.marks[phase, z] = zlib.crc32(self.labels[phase, z].data)
        return patch


def fingerprint(marks: NDArray[np.uint32]) -> int:
    """Return one checksum of the checksums (T, Z) of all slices."""
    return zlib.crc32(np.ascontiguousarray(marks, np.uint32).data)
