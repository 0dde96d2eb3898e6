"""Helpers of the module's own test, in Slicer and headless."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import slicer
from numpy.typing import NDArray

from medvos.errors import InputError
from medvos.structures import STRUCTURES
from MedVOSSegmentLib.session.session import Session

LONGEST_S = 600.0


def small_heart() -> Any:
    """Make a synthetic patient, which takes a second, and some more to segment."""
    from medvos.synth.heart import synthetic_heart

    return synthetic_heart(1, shape=(6, 6, 80, 80), spacing=(16.0, 3.0, 3.0), kind="healthy")


def draw_exactly(session: Session, labels: NDArray[np.uint8]) -> None:
    """Draw `labels` (T, Z, Y, X) on the slice in view into its segments."""
    place, nodes = session.place, session.nodes
    if place is None or nodes is None:
        raise InputError("No slice is in view: make the segments and go to one.")
    phase, z = place
    for structure in STRUCTURES:
        mask = np.zeros(labels.shape[1:], np.uint8)
        mask[z] = labels[phase, z] == structure.label
        slicer.util.updateSegmentBinaryLabelmapFromArray(mask, nodes.segmentation, structure.name, nodes.volume)


def wait_for(session: Session) -> None:
    """Poll until nothing runs in the background any more; raises TimeoutError where that takes too long."""
    end = time.monotonic() + LONGEST_S
    while session.busy:
        if time.monotonic() > end:
            session.cancel()
            raise TimeoutError("The segmentation did not end in time.")
        session.poll()
        slicer.app.processEvents()
        time.sleep(0.02)
