"""Writing labels into the scene a phase at a time, so that the window stays responsive, never over the user's edits."""

from __future__ import annotations

import time
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from MedVOSSegmentLib.session.label_cache import LabelCache, Patch


class Segments(Protocol):
    """The segments in the scene, as `HeartNodes` offers them."""

    def phase_labels(self, phase: int) -> NDArray[np.uint8]: ...

    def set_labels(self, labels: NDArray[np.uint8], places: NDArray[np.bool_]) -> None: ...


class LabelWriter:
    """A queue of slices to be written into the scene.

    Parameters
    ----------
    segments: the segments to write into.
    cache: a copy of the segments' labels, kept in step.
    written: (T, Z) uint32 checksum of each slice as the module last left it, kept in step; a slice that differs was
        edited by the user and stays. None writes over everything, as undo does.
    kept: (T, Z) bool, slices that stay in any case.
    """

    def __init__(
        self,
        segments: Segments,
        cache: LabelCache,
        written: NDArray[np.uint32] | None = None,
        kept: NDArray[np.bool_] | None = None,
    ) -> None:
        self._segments, self._cache, self._written = segments, cache, written
        self._kept = np.zeros(cache.marks.shape, bool) if kept is None else kept
        self._wanted = np.zeros_like(cache.labels)
        self._pending = np.zeros(cache.marks.shape, bool)
        self._before: dict[tuple[int, int], NDArray[np.uint8]] = {}

    @property
    def busy(self) -> bool:
        """Whether slices wait to be written."""
        return bool(self._pending.any())

    def queue_slice(self, z: int, labels: NDArray[np.uint8]) -> None:
        """Queue all phases (T, Y, X) of one slice."""
        self._wanted[:, z] = labels
        self._pending[:, z] = True

    def queue_all(self, labels: NDArray[np.uint8]) -> None:
        """Queue the whole label map (T, Z, Y, X)."""
        self._wanted[:] = labels
        self._pending[:] = True

    def queue_places(self, places: NDArray[np.intp], labels: NDArray[np.uint8]) -> None:
        """Queue labels (N, Y, X) at phases and slices (N, 2) in place of anything queued before."""
        self._pending[:] = False
        for (phase, z), mask in zip(places, labels, strict=True):
            self._wanted[phase, z] = mask
            self._pending[phase, z] = True

    def queue_restore(self) -> None:
        """Queue every slice that was written with its labels from before."""
        places = np.array(list(self._before), np.intp).reshape(-1, 2)
        self.queue_places(places, np.array(list(self._before.values()), np.uint8))

    def step(self, until: float = float("inf"), first: int = 0) -> None:
        """Write phases, ``first`` before the others, until `time.monotonic` passes ``until``; one phase at least."""
        phases = len(self._pending)
        for phase in ((first + k) % phases for k in range(phases)):
            if self._pending[phase].any():
                self._write_phase(phase)
                if time.monotonic() > until:
                    return

    def patch(self) -> Patch:
        """Return the change that was written so far, without slices that the user has edited since."""
        places = [place for place in self._before if self._is_changed_by_module(place)]
        shape = (-1, *self._cache.labels.shape[2:])
        return Patch(
            np.array(places, np.intp).reshape(-1, 2),
            np.array([self._before[place] for place in places], np.uint8).reshape(shape),
            np.array([self._cache.labels[place] for place in places], np.uint8).reshape(shape),
        )

    def before(self, phase: int, z: int) -> NDArray[np.uint8] | None:
        """Return the labels of a slice (Y, X) before it was written; None where it was not."""
        return self._before.get((phase, z))

    def _is_changed_by_module(self, place: tuple[int, int]) -> bool:
        if self._written is not None and self._written[place] != self._cache.marks[place]:
            return False
        return bool((self._before[place] != self._cache.labels[place]).any())

    def _write_phase(self, phase: int) -> None:
        places = self._pending[phase] & ~self._kept[phase]
        self._pending[phase] = False
        if self._written is not None:
            # An edit without an event counts as an edit all the same.
            self._cache.update_phase(phase, self._segments.phase_labels(phase))
            places &= self._cache.marks[phase] == self._written[phase]
        places &= (self._wanted[phase] != self._cache.labels[phase]).any((1, 2))
        if not places.any():
            return
        wanted = np.where(places[:, None, None], self._wanted[phase], self._cache.labels[phase])
        patch = self._cache.update_phase(phase, wanted)
        if patch is not None:
            for (_, z), mask in zip(patch.places, patch.before, strict=True):
                self._before.setdefault((phase, int(z)), mask)
        if self._written is not None:
            self._written[phase, places] = self._cache.marks[phase, places]
        only = np.zeros_like(self._pending)
        only[phase] = places
        self._segments.set_labels(self._cache.labels, only)
