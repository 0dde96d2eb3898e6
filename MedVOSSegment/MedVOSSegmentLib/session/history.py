"""Taking changes back, and making them again."""

from __future__ import annotations

from dataclasses import dataclass

from MedVOSSegmentLib.session.known import Patch
from MedVOSSegmentLib.session.state import State

# A propagation through 30 phases of 12 slices of 256 x 256 holds 140 MB.
LARGEST_BYTES = 600_000_000


@dataclass(frozen=True, eq=False)
class Change:
    """One thing that the user did: the states on both sides of it, and the slices that it changed, if any."""

    name: str
    before: State
    after: State
    patch: Patch | None = None

    @property
    def nbytes(self) -> int:
        """Bytes that only this change keeps from being freed."""
        labels = 0 if self.patch is None else self.patch.nbytes
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

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    def add(self, change: Change) -> None:
        """What was undone before it cannot be redone any more."""
        self._undone.clear()
        self._done.append(change)
        while len(self._done) > 1 and sum(each.nbytes for each in self._done) > self._largest:
            del self._done[0]

    @property
    def last(self) -> Change | None:
        """What `undo` would take back."""
        return self._done[-1] if self._done else None

    def amend(self, change: Change) -> None:
        """Put a change in the place of the last one."""
        self._done.pop()
        self.add(change)

    def undo(self) -> Change | None:
        """The change to take back."""
        return _move(self._done, self._undone)

    def redo(self) -> Change | None:
        """The change to make again."""
        return _move(self._undone, self._done)


def _move(source: list[Change], target: list[Change]) -> Change | None:
    if not source:
        return None
    target.append(source.pop())
    return target[-1]
