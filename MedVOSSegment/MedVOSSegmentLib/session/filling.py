"""Writing labels into the scene a phase at a time, so that nobody waits, and never over the user's work."""

from __future__ import annotations

import time
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from MedVOSSegmentLib.session.known import Known, Patch


class Segments(Protocol):
    """What the scene holds, as `HeartNodes` offers it."""

    def phase_labels(self, phase: int) -> NDArray[np.uint8]: ...

    def set_labels(self, labels: NDArray[np.uint8], places: NDArray[np.bool_]) -> None: ...


class Filling:
    """Slices on their way into the scene.

    Parameters
    ----------
    segments: where they go.
    known: what the segments hold, kept in step.
    written: (T, Z) uint32 checksum of each slice as the module last left it, kept in step; a slice that differs is the
        user's and stays. None writes over everything, which undoing does.
    kept: (T, Z) bool, slices that stay in any case.
    """

    def __init__(
        self,
        segments: Segments,
        known: Known,
        written: NDArray[np.uint32] | None = None,
        kept: NDArray[np.bool_] | None = None,
    ) -> None:
        self._segments, self._known, self._written = segments, known, written
        self._kept = np.zeros(known.marks.shape, bool) if kept is None else kept
        self._wanted = np.zeros_like(known.labels)
        self._pending = np.zeros(known.marks.shape, bool)
        self._before: dict[tuple[int, int], NDArray[np.uint8]] = {}

    @property
    def busy(self) -> bool:
        """Slices wait to be written."""
        return bool(self._pending.any())

    def want_slice(self, z: int, labels: NDArray[np.uint8]) -> None:
        """All phases (T, Y, X) of one slice."""
        self._wanted[:, z] = labels
        self._pending[:, z] = True

    def want_all(self, labels: NDArray[np.uint8]) -> None:
        """The whole label map (T, Z, Y, X)."""
        self._wanted[:] = labels
        self._pending[:] = True

    def want_places(self, places: NDArray[np.intp], labels: NDArray[np.uint8]) -> None:
        """Labels (N, Y, X) at phases and slices (N, 2), and nothing else any more."""
        self._pending[:] = False
        for (phase, z), mask in zip(places, labels, strict=True):
            self._wanted[phase, z] = mask
            self._pending[phase, z] = True

    def want_back(self) -> None:
        """Every slice that was filled as it was before."""
        places = np.array(list(self._before), np.intp).reshape(-1, 2)
        self.want_places(places, np.array(list(self._before.values()), np.uint8))

    def step(self, until: float = float("inf"), first: int = 0) -> None:
        """Write phases, beginning with ``first``, until `time.monotonic` passes ``until``; one phase at least."""
        phases = len(self._pending)
        for phase in ((first + k) % phases for k in range(phases)):
            if self._pending[phase].any():
                self._fill(phase)
                if time.monotonic() > until:
                    return

    def patch(self) -> Patch:
        """What was filled so far and has not become the user's since."""
        places = [place for place in self._before if self._changed_by_us(place)]
        shape = (-1, *self._known.labels.shape[2:])
        return Patch(
            np.array(places, np.intp).reshape(-1, 2),
            np.array([self._before[place] for place in places], np.uint8).reshape(shape),
            np.array([self._known.labels[place] for place in places], np.uint8).reshape(shape),
        )

    def before(self, phase: int, z: int) -> NDArray[np.uint8] | None:
        """What a slice (Y, X) held before it was filled; None where it was not."""
        return self._before.get((phase, z))

    def _changed_by_us(self, place: tuple[int, int]) -> bool:
        if self._written is not None and self._written[place] != self._known.marks[place]:
            return False
        return bool((self._before[place] != self._known.labels[place]).any())

    def _fill(self, phase: int) -> None:
        places = self._pending[phase] & ~self._kept[phase]
        self._pending[phase] = False
        if self._written is not None:
            # An edit that no event told of is an edit all the same.
            self._known.see_phase(phase, self._segments.phase_labels(phase))
            places &= self._known.marks[phase] == self._written[phase]
        places &= (self._wanted[phase] != self._known.labels[phase]).any((1, 2))
        if not places.any():
            return
        wanted = np.where(places[:, None, None], self._wanted[phase], self._known.labels[phase])
        patch = self._known.see_phase(phase, wanted)
        if patch is not None:
            for (_, z), mask in zip(patch.places, patch.before, strict=True):
                self._before.setdefault((phase, int(z)), mask)
        if self._written is not None:
            self._written[phase, places] = self._known.marks[phase, places]
        only = np.zeros_like(self._pending)
        only[phase] = places
        self._segments.set_labels(self._known.labels, only)
