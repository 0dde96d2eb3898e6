"""Slices that were acquired more than once within one series, without trigger times: passes are found in the images."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medvos.cine.dicom_order import TRIGGER
from medvos.cine.dicom_slices import Slice
from medvos.cine.image_evidence import FEWEST, beat_length, distances, middle_of, shows_passes
from medvos.errors import InputError

_MOST_PASSES = 3


def last_passes(slices: Sequence[Slice], images: Sequence[NDArray[np.float32]]) -> tuple[list[NDArray[np.int_]], str]:
    """Return the indices of the images to use of each slice, all or those of its last pass, and a note on the latter.

    `images` are the (T, Y, X) images of each slice. Raises InputError where some slices have several times as many
    images as the others, and no passes are found in the images.
    """
    kept = [np.arange(len(film)) for film in images]
    untimed = [k for k, slice_ in enumerate(slices) if slice_.found.told_by != TRIGGER]
    passes = {k: _passes(slices[k], images[k]) for k in untimed}
    voting = [k for k in middle_of(len(slices)) if k in passes]
    agreed = [len(passes[k]) for k in voting if passes[k]]
    fewest = min(map(len, images))
    if 2 * len(agreed) > len(voting):
        again = {len(images[k]) for k in voting if passes[k]}
        count = Counter(agreed).most_common(1)[0][0]
        doubled = [k for k in untimed if passes[k] or len(images[k]) in again]
    else:
        count = 1
        doubled = [k for k in untimed if len(images[k]) > fewest and passes[k] and len(passes[k][-1]) == fewest]
    for k in doubled:
        kept[k] = (passes[k] or np.array_split(kept[k], count))[-1]
    if doubled:
        left = sum(len(images[k]) - len(kept[k]) for k in doubled)
        what = "a slice was" if len(doubled) == 1 else f"{len(doubled)} slices were"
        name = slices[doubled[0]].first.series_name
        return kept, (
            f"In {name} {what} acquired more than once, as the images show: the last pass was used, and {left} "
            "earlier images were left out."
        )
    _check_counts(slices, images, untimed)
    return kept, ""


def _passes(slice_: Slice, images: NDArray[np.float32]) -> list[NDArray[np.int_]]:
    """The indices of the images of each pass, [] where there is one, or where the images repeat as beats do."""
    count = len(images)
    if count < 2 * FEWEST:
        return []
    between = distances(images)
    numbered: dict[float, list[int]] = defaultdict(list)
    for t, frame in enumerate(slice_.frames):
        numbered[frame.order[1]].append(t)
    told = [np.array(numbered[number]) for number in sorted(numbered)]
    if len(told) > 1 and len({len(one) for one in told}) == 1 and shows_passes(between, told):
        return told
    if beat_length(between) is not None:
        return []
    for several in range(2, _MOST_PASSES + 1):
        parts = np.array_split(np.arange(count), several)
        if count % several == 0 and shows_passes(between, parts):
            return parts
    return []


def _check_counts(slices: Sequence[Slice], images: Sequence[NDArray[np.float32]], untimed: Sequence[int]) -> None:
    counts = Counter(len(images[k]) for k in untimed)
    fewest, most = min(counts, default=0), max(counts, default=0)
    if len(counts) == 2 and fewest >= FEWEST and most % fewest == 0:
        those = "1 slice" if counts[most] == 1 else f"{counts[most]} slices"
        raise InputError(
            f"{those} of {slices[untimed[0]].first.series_name} with {most} images, and {fewest} in "
            f"the others: acquired more than once, and nothing tells the passes apart, or images of the others are "
            "missing; leave out the images of the failed passes, or add the missing ones."
        )
