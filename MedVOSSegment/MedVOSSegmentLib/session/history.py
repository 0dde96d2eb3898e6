"""The history of changes, for undo and redo."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from MedVOSSegmentLib.session.label_cache import Patch
from MedVOSSegmentLib.session.other_segments import OtherChange, Segment, one_after_the_other
from MedVOSSegmentLib.session.state import State

# A propagation through 30 phases of 12 slices of 256 x 256 holds 140 MB.
LARGEST_BYTES = 600_000_000
# One stroke of the Segment Editor may come as several edits; strokes by hand are farther apart.
ONE_STROKE_S = 0.25


@dataclass(frozen=True, eq=False)
class Change:
    """One change by the user: the states before and after it, and the slices and other segments that it changed.

    ``own`` are the labels that the reader's own structures had by then: of those that got theirs later, the slices here
    know nothing.
    """

    name: str
    before: State
    after: State
    patch: Patch | None = None
    others: tuple[OtherChange, ...] = ()
    own: frozenset[int] = frozenset()

    @property
    def nbytes(self) -> int:
        """Bytes that only this change keeps from being freed."""
        labels = (0 if self.patch is None else self.patch.nbytes) + sum(other.nbytes for other in self.others)
        old, new = self.before.findings, self.after.findings
        if self.before.obstruction is not None and self.before.obstruction is not self.after.obstruction:
            labels += self.before.obstruction.nbytes
        if old is new or old is None or old.uncertainty is None:
            return labels
        return labels + old.uncertainty.nbytes


class History:
    """Changes that can be undone and redone, the oldest forgotten when they grow too large."""

    def __init__(self, largest: int = LARGEST_BYTES) -> None:
        self._largest = largest
        self._done: list[Change] = []
        self._undone: list[Change] = []
        self._stroke_until = 0.0

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is a change to make again."""
        return bool(self._undone)

    def add_stroke(self, stroke: Change) -> None:
        """Add a stroke, or make it one with the stroke before it, which may just have begun."""
        last, now = self.last, time.monotonic()
        if last is not None and (last.patch is not None or last.others) and now < self._stroke_until:
            patch, later = last.patch, stroke.patch
            both = later if patch is None else patch if later is None else patch.then(later)
            self._done.pop()
            self.add(replace(last, patch=both, others=one_after_the_other(last.others, stroke.others)))
        else:
            self.add(stroke)
        self._stroke_until = now + ONE_STROKE_S

    def end_stroke(self) -> None:
        """Let the next stroke be one of its own."""
        self._stroke_until = 0.0

    def add(self, change: Change) -> None:
        """Add a change; changes that were undone cannot be redone any more."""
        self._undone.clear()
        self._done.append(change)
        while len(self._done) > 1 and sum(each.nbytes for each in self._done) > self._largest:
            del self._done[0]

    @property
    def nbytes(self) -> int:
        """Bytes that only the changes keep from being freed."""
        return sum(each.nbytes for each in (*self._done, *self._undone))

    @property
    def own(self) -> frozenset[int]:
        """The labels that the reader's own structures had by any of the changes."""
        return frozenset().union(*(change.own for change in (*self._done, *self._undone)))

    @property
    def last(self) -> Change | None:
        """The change that `undo` would take back."""
        return self._done[-1] if self._done else None

    def follow(self, moved: Mapping[Segment, Segment]) -> None:
        """Let the changes from before a prediction of MVO be those of segments under the IDs that they have now."""
        for changes in (self._done, self._undone) if moved else ():
            for number, change in enumerate(changes):
                if change.before.obstruction is None and change.after.obstruction is None:
                    others = tuple(other.moved(moved.get(other.segment)) for other in change.others)
                    changes[number] = replace(change, others=others)

    def undo(self) -> Change | None:
        """Move the last change to the undone ones and return it."""
        return _move(self._done, self._undone)

    def redo(self) -> Change | None:
        """Move the last undone change back and return it."""
        return _move(self._undone, self._done)


def _move(source: list[Change], target: list[Change]) -> Change | None:
    if not source:
        return None
    target.append(source.pop())
    return target[-1]
