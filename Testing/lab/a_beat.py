"""A hand-made beat of a heart slice that shrinks and grows again."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from tiny_network import TINY, heart_slice

from medvos.structures import LV, MYO
from medvos_lab.cstm_beats.studies import BeatStudy, beat_studies
from medvos_lab.datasets.acdc_beats import Beat

PHASES, ED, ES = 10, 0, 4
GREY = np.array([60, 200, 90, 220], np.uint8)


def smaller(labels: np.ndarray, fraction: float) -> np.ndarray:
    """(Y, X) with the LV's border moved inwards by up to four pixels."""
    depth = ndimage.distance_transform_edt(labels == LV)
    return np.where((labels == LV) & (depth <= 4 * fraction), MYO, labels).astype(np.uint8)


def a_beat(slices: int = 5, side: int = 72) -> Beat:
    """The whole heart at ED and ES, and a crop of its inner slices at every phase."""
    margin = 4
    box = slice(margin, side - margin)
    fractions = [min(t / ES, (PHASES - t) / (PHASES - ES)) for t in range(PHASES)]
    labels = np.stack([smaller(heart_slice(side), fraction) for fraction in fractions])
    images = ndimage.gaussian_filter(GREY[labels].astype(np.float32), (0, 1, 1)).astype(np.uint8)
    stacked = [np.repeat(maps[:, None], slices, 1) for maps in (images, labels)]
    frames = stacked[0][:, 1:-1, box, box]
    ends = [maps[[ED, ES]] for maps in stacked]
    return Beat("patient001", frames, (1, margin, margin), ends[0], ends[1], ED, ES, (8.0, 1.5, 1.5))


def a_beat_study(tmp_path, slices: int = 5) -> BeatStudy:
    return beat_studies([a_beat(slices)], tmp_path / "motion", TINY)[0]
