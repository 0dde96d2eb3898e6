"""Detect heart beats in a clip without an ECG, from the LV area or volume."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

SMOOTHING_MS = 40.0
SHORTEST_BEAT_MS = 250.0  # 240 beats a minute
LEAST_STROKE = 0.3  # fraction of the curve's usual amplitude; atrial kicks and jitter are less
LEAST_CONTRACTION = 0.05  # fraction of the value at ED; the contour of an LV without motion jitters too
# Fraction of a beat's amplitude above its minimum at which the ventricle counts as emptied. During isovolumic
# relaxation the volume is constant, and noise decides which frame is the minimum.
EMPTIED = 0.02


def find_beats(times: NDArray[np.float64], areas: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Find the ED and ES frame of every beat that the clip shows from ED to ES, in order of time.

    ED is the maximum of the smoothed curve before a contraction; the maximum of the raw curve would move along the flat
    end of filling with its noise. ES is the first frame within 2 % of the beat's amplitude above the minimum before the
    next ED: the beginning of the flat trough. A contraction that is not finished at the end of the clip is left out,
    and so is one of less than 5 %. A clip of two frames is one beat.

    >>> find_beats(np.arange(0, 2000, 20.0), areas)  # doctest: +SKIP
    [(5, 22), (45, 62)]

    Parameters
    ----------
    times: (T,) ms. areas: (T,) of the LV in any unit; NaN or 0 where no LV is drawn.
    """
    from scipy.ndimage import gaussian_filter1d
    from scipy.signal import find_peaks

    known = np.flatnonzero(np.nan_to_num(areas) > 0)
    if len(known) < 2:
        return []
    if len(known) == 2:
        largest, smallest = sorted(known, key=lambda t: -areas[t])
        return [(int(largest), int(smallest))] if areas[largest] > areas[smallest] else []
    step = float(np.median(np.diff(times)))
    filled = np.interp(np.arange(len(areas)), known, areas[known])
    smooth = gaussian_filter1d(filled, SMOOTHING_MS / step, mode="nearest")
    apart = max(1, round(SHORTEST_BEAT_MS / step))
    least = LEAST_STROKE * float(np.subtract(*np.percentile(smooth, (95, 5))))
    # A peak at an end of the clip is one as well: a clip may begin at ED.
    padded = np.pad(smooth, 1, constant_values=(smooth.min(), smooth.min()))
    peaks = find_peaks(padded, distance=apart, prominence=max(least, 1e-9))[0] - 1
    beats = []
    for first, following in pairwise([*peaks, len(areas)]):
        trough = first + int(np.argmin(smooth[first:following]))
        contraction = smooth[first] - smooth[trough]
        if contraction < max(least, LEAST_CONTRACTION * smooth[first]) or trough == len(areas) - 1:
            continue
        emptied = smooth[trough] + EMPTIED * contraction
        ed, es = (_nearest(known, place) for place in (first, first + int(np.argmax(smooth[first:] <= emptied))))
        if es > ed:
            beats.append((ed, es))
    return beats


def beat_rate(times: NDArray[np.float64], ed: Sequence[int]) -> float | None:
    """Return beats per minute from the median time between the ED frames of consecutive beats; None for one beat."""
    return 60_000 / float(np.median(np.diff(times[list(ed)]))) if len(ed) > 1 else None


def _nearest(known: NDArray[np.intp], place: int) -> int:
    """Return the frame with an LV that is nearest to a frame."""
    return int(known[np.argmin(np.abs(known - place))])
