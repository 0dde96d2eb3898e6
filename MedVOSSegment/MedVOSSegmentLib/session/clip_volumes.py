"""Volumes of the LV and areas of the left atrium in the frames of a clip, computed again only where labels changed."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.clip_view import in_labelled_view
from medvos.measure.echo import atrial_area, lv_volume
from MedVOSSegmentLib.session.heart_edit import HeartEdit


class ClipVolumes:
    """What `medvos.measure.echo` measures of every frame; a clip has hundreds, and a user edits one at a time."""

    def __init__(self, edit: HeartEdit) -> None:
        self._edit = edit
        self._spacing: tuple[float, ...] = ()
        self._frames: dict[int, tuple[int, float, float]] = {}  # checksum, volume and area

    def step(self, cine: Cine, until: float = math.inf) -> bool:
        """Measure frames that changed, one at least, until `time.monotonic` passes ``until``.

        ``cine`` is the clip at the scale of the view that is labelled. Returns whether no frame is left.
        """
        cache = self._edit.cache
        if self._spacing != cine.spacing:
            self._spacing, self._frames = cine.spacing, {}
        marks = [int(mark) for mark in cache.marks[:, 0]]
        stale = [phase for phase, mark in enumerate(marks) if self._frames.get(phase, (None,))[0] != mark]
        for number, phase in enumerate(stale):
            if number and time.monotonic() > until:
                return False
            labels = cache.labels[phase, 0]
            self._frames[phase] = marks[phase], lv_volume(labels, cine), atrial_area(labels, cine)
        return True

    def labelled(self, cine: Cine) -> Cine:
        """Return the clip at the scale of the view that is labelled."""
        return in_labelled_view(cine, self._edit.cache.labels)

    def measured(self, cine: Cine) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the volumes (T,) in mL, nan without a long axis, and the areas (T,) in cm² of all frames."""
        self.step(cine)
        rows = [self._frames[phase] for phase in range(len(self._frames))]
        return np.array([volume for _, volume, _ in rows]), np.array([area for _, _, area in rows])
