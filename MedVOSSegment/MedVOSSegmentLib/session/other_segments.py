"""Segments beside those of the label array, such as the user's own and MVO, of which every change can be taken back."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medvos.structures import OBSTRUCTION
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.own_structures import own_structures
from MedVOSSegmentLib.scene.segment_labels import mask_of, other_segments, write_mask
from MedVOSSegmentLib.session.label_cache import LabelCache

Segment = tuple[int, str, int]
"""The phase and the ID of a segment, and how many of this ID the user had removed before."""


@dataclass(frozen=True, eq=False)
class OtherChange:
    """One segment of one phase before and after a change, (Z, Y, X) bool each as `numpy.packbits` packs it.

    ``removed`` is how many segments of this ID the user had removed from the phase before: a new one is another.
    """

    phase: int
    name: str
    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    removed: int = 0

    @property
    def segment(self) -> Segment:
        """Which segment it is, the same for all changes of it."""
        return self.phase, self.name, self.removed

    def moved(self, segment: Segment | None) -> OtherChange:
        """Return the change as that of another segment; None leaves it as it is."""
        if segment is None:
            return self
        phase, name, removed = segment
        return replace(self, phase=phase, name=name, removed=removed)

    @property
    def nbytes(self) -> int:
        """Bytes of the masks that are kept."""
        return self.before.nbytes + self.after.nbytes


def one_after_the_other(first: Iterable[OtherChange], later: Iterable[OtherChange]) -> tuple[OtherChange, ...]:
    """Return changes and ``later`` ones as one change of each segment of each phase."""
    both = {change.segment: change for change in first}
    for change in later:
        known = both.get(change.segment)
        both[change.segment] = change if known is None else replace(known, after=change.after)
    return tuple(both.values())


class OtherSegments:
    """The masks of these segments as last read, which most hearts do not have.

    Attributes
    ----------
    removed: how many segments of an ID the user has removed from a phase, by phase and ID.
    """

    def __init__(self, nodes: HeartNodes) -> None:
        self._nodes = nodes
        self._masks: dict[tuple[int, str], NDArray[np.uint8]] = {}
        self._slices: dict[tuple[int, str], NDArray[np.bool_]] = {}
        # What was found not to overlap: a checksum of the labels, and the masks.
        self._apart: dict[tuple[int, str], tuple[bytes, tuple[NDArray[np.uint8], ...]]] = {}
        self.removed: Counter[tuple[int, str]] = Counter()
        self._none = np.packbits(np.zeros(nodes.grid.shape, np.bool_))
        self.read_again()

    def read_again(self) -> dict[Segment, Segment]:
        """Take the segments of all phases as they are now: the module itself has changed them.

        Returns which segments it has given another ID, as one of the reader's that has that of a predicted MVO.
        """
        before = set(self._masks)
        for phase in range(self._nodes.sequence.GetNumberOfDataNodes()):
            self._read(phase)
        moved = {(phase, OBSTRUCTION.name): (phase, name) for phase, name in self._masks.keys() - before}
        return {
            (*old, self.removed[old]): (*new, self.removed[new])
            for old, new in moved.items()
            if old in before and new != old
        }

    def update(self, phase: int) -> tuple[OtherChange, ...]:
        """Read the segments of a phase and return what has changed since they were read last.

        A segment that is new counts as empty before; one that was removed is forgotten, and so are its changes.
        """
        known = {key for key in self._masks if key[0] == phase}
        found = self._read(phase)
        self.removed.update(known - self._masks.keys())
        return found

    def _read(self, phase: int) -> tuple[OtherChange, ...]:
        segmentation = self._nodes.sequence.GetNthDataNode(phase).GetSegmentation()
        names, found = other_segments(segmentation), []
        for name in names:
            before = self._masks.get((phase, name), self._none)
            mask = mask_of(segmentation, name, self._nodes.grid)
            now = np.packbits(mask)
            self._masks[phase, name], self._slices[phase, name] = now, np.asarray(mask.any((1, 2)))
            if not np.array_equal(now, before):
                found.append(OtherChange(phase, name, before, now, self.removed[phase, name]))
        for key in [key for key in self._masks if key[0] == phase and key[1] not in names]:
            del self._masks[key], self._slices[key]
        return tuple(found)

    def places(self, name: str) -> NDArray[np.bool_]:
        """Return on which slices (T, Z) a segment is."""
        places = np.zeros((self._nodes.sequence.GetNumberOfDataNodes(), self._nodes.grid.shape[0]), np.bool_)
        for phase, other in self._slices:
            if other == name:
                places[phase] = self._slices[phase, name]
        return places

    def overlaps(self, name: str, cache: LabelCache, others: Sequence[str]) -> bool:
        """Return whether a segment shares a voxel with the labels, or with one of ``others``."""
        for phase, other in self._masks:
            if other == name:
                packed, mark = self._masks[phase, name], cache.marks[phase].tobytes()
                compared = packed, *(self._masks[phase, each] for each in others if (phase, each) in self._masks)
                known_mark, known = self._apart.get((phase, name), (b"", ()))
                if mark == known_mark and [*map(id, compared)] == [*map(id, known)]:
                    continue
                taken = np.packbits(cache.labels[phase] > 0)
                for each in compared[1:]:
                    taken = taken | each
                if (packed & taken).any():
                    return True
                self._apart[phase, name] = mark, compared
        return False

    def replaced(
        self, name: str, before: NDArray[np.bool_], after: NDArray[np.bool_] | None
    ) -> tuple[OtherChange, ...]:
        """Return the changes of a segment that the module itself replaces, (T, Z, Y, X) each; None removes it."""
        later = np.zeros_like(before) if after is None else after
        return tuple(
            OtherChange(t, name, np.packbits(old), np.packbits(new), self.removed[t, name])
            for t, (old, new) in enumerate(zip(before, later, strict=True))
        )

    @property
    def mark(self) -> int:
        """Checksum of all of them."""
        mark = 0
        for (phase, name), packed in sorted(self._masks.items()):
            if packed.any():
                mark = zlib.crc32(packed.data, zlib.crc32(f"{phase} {name}".encode(), mark))
        return mark

    def restore(self, changes: Iterable[OtherChange], *, back: bool) -> dict[tuple[int, str], NDArray[np.bool_]]:
        """Write the masks from before or, unless ``back``, after changes, into segments that are still there.

        Such a segment may have become one of the labels since. Returns the masks (Z, Y, X) that were written, by phase
        and name.
        """
        written = {}
        for change in changes:
            segmentation = self._nodes.sequence.GetNthDataNode(change.phase).GetSegmentation()
            is_other = change.name in other_segments(segmentation)
            is_there = is_other or change.name in (own.name for own in own_structures(segmentation))
            if not is_there or change.removed != self.removed[change.phase, change.name]:
                continue
            packed = change.before if back else change.after
            shape = self._nodes.grid.shape
            mask = np.unpackbits(packed, count=int(np.prod(shape))).astype(np.bool_).reshape(shape)
            with self._nodes.own_edit():
                write_mask(segmentation, self._nodes.grid, change.name, mask)
            if is_other:
                self._masks[change.phase, change.name] = packed
                self._slices[change.phase, change.name] = np.asarray(mask.any((1, 2)))
            written[change.phase, change.name] = mask
        return written
