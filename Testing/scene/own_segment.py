"""A segment of the reader's own, drawn beside the heart."""

from __future__ import annotations

import time

import numpy as np
from session_user import SEED, User

from MedVOSSegmentLib.session.history import ONE_STROKE_S

OWN, COLOUR = 4, (0.2, 0.4, 0.6)


def draw_own(user: User, place: tuple[int, int] = SEED, name: str = "Segment_1", title: str = "Aorta") -> np.ndarray:
    """Draw a block in a corner of the image, in a segment of the reader's; return its mask (Z, Y, X)."""
    user.session.go_to(*place)
    mask = np.zeros(user.truth.shape[1:], bool)
    mask[place[1], 4:12, 4:12] = True
    if user.session.nodes.segmentation.GetSegmentation().GetSegment(name) is None:
        user.editor.add_segment(name)
        segment = user.session.nodes.segmentation.GetSegmentation().GetSegment(name)
        segment.SetName(title)
        segment.SetColor(*COLOUR)
    user.editor.paint(name, mask)
    time.sleep(1.2 * ONE_STROKE_S)
    return mask
