"""What unreliable contours and a second network mean for measures: doubts about them, and verdicts held back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.measure.doubt import with_doubts
from medvos.measure.held import with_held
from medvos.measure.measures import Measures
from medvos.measure.misfit import misfit_doubts
from medvos.measure.other_network import opinion_doubts
from medvos.measure.reliability import with_reliability
from medvos.measure.strokes import stroke_doubts
from medvos.structures import LV


def with_trust(
    measures: Measures,
    areas: Mapping[int, NDArray[np.floating]],
    scores: NDArray,
    settled: NDArray[np.bool_],
    provenance: Mapping[str, Any],
    spacing: tuple[float, float, float],
) -> Measures:
    """Return measures of a short-axis stack, which have their intervals, with the doubts of the result; then `judge`.

    >>> measures = with_trust(measures, areas, result.slice_scores, settled, result.provenance, cine.spacing)

    Parameters
    ----------
    areas: label number to (T, Z) voxels.
    scores: (T, Z), the probability that a mask is bad; 0 where it is settled.
    settled: (T, Z) bool: slices that the reader drew, accepted or emptied.
    provenance: of the result.
    spacing: (z, y, x) in mm.
    """
    measures = with_reliability(measures, areas, scores)
    measures = with_doubts(measures, opinion_doubts(measures, areas.get(LV), settled, provenance, spacing))
    first = misfit_doubts(measures, provenance)
    measures = with_doubts(measures, first)
    # What concerns everything comes before what concerns parts.
    return replace(measures, doubts=tuple(dict.fromkeys((*(doubt.sentence for doubt in first), *measures.doubts))))


def judge(measures: Measures, papillary: str | None = None) -> Measures:
    """Doubt different stroke volumes of a stack, and hold back the verdicts that its doubts could change.

    ``papillary`` is how the drawings count papillary muscles, where that is known.
    """
    measures = replace(measures, papillary=papillary or measures.papillary)
    return with_held(with_doubts(measures, stroke_doubts(measures, measures.subject.known_shunt)))
