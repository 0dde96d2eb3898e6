"""A first drawing on its way from the second process."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from MedVOSSegmentLib.job.runner import Running
from MedVOSSegmentLib.session.awaiting import Awaiting


class Proposing(Awaiting):
    """Waits for the labels of one slice.

    Attributes
    ----------
    place: phase and slice.
    """

    def __init__(self, job: Running, place: tuple[int, int], hear: Callable[[str], None]) -> None:
        super().__init__(job, "Looking for the heart", hear)
        self.place = place

    @property
    def labels(self) -> NDArray[np.uint8] | None:
        """(Y, X) when all went well."""
        return self.outcome
