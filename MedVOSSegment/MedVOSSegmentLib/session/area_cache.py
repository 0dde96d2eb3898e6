"""A cache of the areas by which the borders of the segments may move, computed again only for slices that changed."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray

from medvos.uncertainty.areas import slice_areas, stacked
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.session.state import Findings


class AreaCache:
    """The areas of `medvos.uncertainty.areas` of every slice; a heart has hundreds, and a user edits one at a time.

    What is known of the slices is kept in arrays: containers for each of them, made anew by every call, would have
    Python look for garbage all the time.
    """

    def __init__(self, edit: HeartEdit) -> None:
        self._edit = edit
        self._of: Findings | None = None
        shape = edit.cine.shape[:2]
        self._slices: NDArray[np.object_] = np.full(shape, None)  # label number to (D,) areas, of each slice
        self._is_known = np.zeros(shape, np.bool_)
        self._marks, self._settled = np.zeros(shape, np.uint32), np.zeros(shape, np.bool_)

    def tables(self, settled: NDArray[np.bool_]) -> dict[int, NDArray[np.float32]]:
        """Return label number to (T, Z, D) areas of the current segments.

        Parameters
        ----------
        settled: (T, Z) bool, slices that the user has drawn or accepted, which are certain.
        """
        self.step(settled)
        return stacked(self._slices.tolist())

    def step(self, settled: NDArray[np.bool_], until: float = math.inf) -> bool:
        """Compute slices that changed, one at least, until `time.monotonic` passes ``until``.

        Returns whether none is left.
        """
        cache = self._edit.cache
        if self._of is not self._edit.state.findings:
            self._of = self._edit.state.findings
            self._is_known[:] = False
        is_stale = ~self._is_known | (self._marks != cache.marks) | (self._settled != settled)
        for number, (phase, z) in enumerate(np.argwhere(is_stale)):
            if number and time.monotonic() > until:
                return False
            doubt = self._edit.phase_uncertainty(int(phase))[z] * np.float32(not settled[phase, z])
            self._slices[phase, z] = slice_areas(cache.labels[phase, z], doubt)
            self._marks[phase, z], self._settled[phase, z] = cache.marks[phase, z], settled[phase, z]
            self._is_known[phase, z] = True
        return True
