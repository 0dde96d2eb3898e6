"""The history of hearts whose cine is closed, for undo when it is opened again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from MedVOSSegmentLib.session.heart_edit import SAVED, HeartEdit
from MedVOSSegmentLib.session.history import LARGEST_BYTES, History
from MedVOSSegmentLib.session.label_cache import fingerprint
from MedVOSSegmentLib.session.state import State


@dataclass(frozen=True, eq=False)
class _Kept:
    """The history and the state of a heart, and what its segments and its saved state were at the end."""

    history: History
    state: State
    marks: int
    others: int
    saved: str
    removed: Counter[tuple[int, str]]

    @property
    def nbytes(self) -> int:
        found, obstruction = self.state.findings, self.state.obstruction
        uncertainty = 0 if found is None or found.uncertainty is None else found.uncertainty.nbytes
        return self.history.nbytes + uncertainty + (0 if obstruction is None else obstruction.nbytes)


class KeptEdits:
    """Keeps the histories of closed hearts by their sequence of segmentations, the oldest forgotten beyond a size."""

    def __init__(self, largest: int = LARGEST_BYTES) -> None:
        self._largest = largest
        self._kept: dict[Any, _Kept | None] = {}  # None where it was forgotten for its size

    def keep(self, edit: HeartEdit) -> None:
        """Keep the history of a heart that is being closed, whose state is saved."""
        sequence = edit.nodes.sequence
        self._kept.pop(sequence, None)
        if edit.history.can_undo or edit.history.can_redo:
            saved = sequence.GetAttribute(SAVED) or ""
            self._kept[sequence] = _Kept(edit.history, edit.state, *_signs(edit), saved, edit.others.removed)
        sizes = {node: kept.nbytes for node, kept in self._kept.items() if kept is not None}
        for node, size in list(sizes.items()):
            if sum(sizes.values()) > self._largest:
                self._kept[node] = None
                sizes[node] -= size

    def give_back(self, edit: HeartEdit) -> bool:
        """Give a heart that is opened again its history; False where that is gone, or does not fit it now."""
        sequence = edit.nodes.sequence
        if sequence not in self._kept:
            return True
        kept, saved = self._kept.pop(sequence), sequence.GetAttribute(SAVED) or ""
        if kept is None or (kept.marks, kept.others, kept.saved) != (*_signs(edit), saved):
            return False
        edit.resume(kept.state, kept.history)
        edit.others.removed = kept.removed
        return True

    def drop(self, node: Any) -> None:
        """Keep nothing of a heart whose sequence ``node`` is; any other node is ignored."""
        self._kept.pop(node, None)

    def forget(self) -> None:
        """Keep nothing any more."""
        self._kept.clear()


def _signs(edit: HeartEdit) -> tuple[int, int]:
    """Return checksums of the labels, and of all other segments."""
    return fingerprint(edit.cache.marks), edit.others.mark
