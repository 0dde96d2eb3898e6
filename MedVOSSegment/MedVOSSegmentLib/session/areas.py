"""How far the borders of the segments may move, computed again only for slices that changed."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray

from medvos.uncertainty.areas import slice_areas, stacked
from MedVOSSegmentLib.session.state import Findings
from MedVOSSegmentLib.session.work import Work

Places = dict[tuple[int, int], tuple[int, bool]]


class Areas:
    """The areas of `medvos.uncertainty.areas` of every slice; a heart has hundreds, and a user edits one at a time."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._of: Findings | None = None
        self._as: Places = {}
        self._slices: dict[tuple[int, int], dict[int, NDArray[np.float32]]] = {}

    def tables(self, settled: NDArray[np.bool_]) -> dict[int, NDArray[np.float32]]:
        """Label number to (T, Z, D) areas of what the segments hold.

        Parameters
        ----------
        settled: (T, Z), slices that are sure.
        """
        self.step(settled)
        phases, slices = settled.shape
        return stacked([[self._slices[t, z] for z in range(slices)] for t in range(phases)])

    def step(self, settled: NDArray[np.bool_], until: float = math.inf) -> bool:
        """Go on with the slices that changed until a time of `time.monotonic`; whether none is left."""
        known = self._work.known
        if self._of is not self._work.state.findings:
            self._of, self._as = self._work.state.findings, {}
        now: Places = {place: (int(known.marks[place]), bool(settled[place])) for place in np.ndindex(*settled.shape)}
        stale = [place for place in now if self._as.get(place) != now[place]]
        uncertainty = self._work.uncertainty() if stale else None
        for place in stale:
            if time.monotonic() > until:
                return False
            doubt = uncertainty[place] * np.float32(not settled[place])
            self._slices[place] = slice_areas(known.labels[place], doubt)
            self._as[place] = now[place]
        return True
