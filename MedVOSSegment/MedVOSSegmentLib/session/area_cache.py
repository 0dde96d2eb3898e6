"""A cache of the areas by which the borders of the segments may move, computed again only for slices that changed."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray

from medvos.uncertainty.areas import slice_areas, stacked
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.session.state import Findings

Places = dict[tuple[int, int], tuple[int, bool]]


class AreaCache:
    """The areas of `medvos.uncertainty.areas` of every slice; a heart has hundreds, and a user edits one at a time."""

    def __init__(self, edit: HeartEdit) -> None:
        self._edit = edit
        self._of: Findings | None = None
        self._as: Places = {}
        self._slices: dict[tuple[int, int], dict[int, NDArray[np.float32]]] = {}

    def tables(self, settled: NDArray[np.bool_]) -> dict[int, NDArray[np.float32]]:
        """Return label number to (T, Z, D) areas of the current segments.

        Parameters
        ----------
        settled: (T, Z) bool, slices that the user has drawn or accepted, which are certain.
        """
        self.step(settled)
        phases, slices = settled.shape
        return stacked([[self._slices[t, z] for z in range(slices)] for t in range(phases)])

    def step(self, settled: NDArray[np.bool_], until: float = math.inf) -> bool:
        """Compute slices that changed, one at least, until `time.monotonic` passes ``until``.

        Returns whether none is left.
        """
        cache = self._edit.cache
        if self._of is not self._edit.state.findings:
            self._of, self._as = self._edit.state.findings, {}
        now: Places = {place: (int(cache.marks[place]), bool(settled[place])) for place in np.ndindex(*settled.shape)}
        stale = [place for place in now if self._as.get(place) != now[place]]
        for number, place in enumerate(stale):
            if number and time.monotonic() > until:
                return False
            phase, z = place
            doubt = self._edit.phase_uncertainty(phase)[z] * np.float32(not settled[place])
            self._slices[place] = slice_areas(cache.labels[place], doubt)
            self._as[place] = now[place]
        return True
