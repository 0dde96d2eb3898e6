"""What the module's own test needs, in Slicer and headless."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import slicer
from numpy.typing import NDArray

from medvos.structures import STRUCTURES

LONGEST_S = 600.0


def small_heart() -> Any:
    """A synthetic patient that takes a second to make and some more to segment."""
    from medvos.synth.heart import synthetic_heart

    return synthetic_heart(1, shape=(6, 6, 80, 80), spacing=(16.0, 3.0, 3.0), kind="healthy")


def draw_exactly(session: Any, labels: NDArray[np.uint8]) -> None:
    """Put what `labels` (T, Z, Y, X) has on the slice in view into its segments."""
    phase, z = session.place
    heart = session.heart
    for structure in STRUCTURES:
        mask = np.zeros(labels.shape[1:], np.uint8)
        mask[z] = labels[phase, z] == structure.label
        slicer.util.updateSegmentBinaryLabelmapFromArray(mask, heart.segmentation, structure.name, heart.volume)


def wait_for(session: Any) -> None:
    """Until nothing runs in the background any more; raises TimeoutError where that takes too long."""
    end = time.monotonic() + LONGEST_S
    while session.busy:
        if time.monotonic() > end:
            session.cancel()
            raise TimeoutError("The segmentation did not end in time.")
        session.poll()
        slicer.app.processEvents()
        time.sleep(0.02)
