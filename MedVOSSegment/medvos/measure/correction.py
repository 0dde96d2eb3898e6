"""A corrected result keeps the widths of the intervals before the correction as upper limits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.errors import InputError
from medvos.measure.intervals import BANDS_BEFORE, BEFORE, MULTIPLE_OF, constants_of
from medvos.measure.measure import measure
from medvos.measure.measures import Measures
from medvos.result import CHOSEN_PHASES, Result, with_chosen_phases

# Key of the provenance of a result whose corrected slices are handed over as empty: measure name to the ends of its
# interval before they were corrected, which the labels do not show any more.
FORMER = "former"
FORMER_BANDS = "former_bands"  # structure name to the ends (2, T) of its band, the same way
Ends = tuple[float, float]


def correcting(result: Result, previous: Result) -> Result:
    """Return a result with what stays of the one that it corrects: chosen ED and ES, and limits of the intervals.

    >>> correcting(propagate(cine, seed, previous=previous), previous)  # doctest: +SKIP
    """
    chosen = previous.provenance.get(CHOSEN_PHASES, {"ED": None, "ES": None})
    return with_limits(with_chosen_phases(result, chosen["ED"], chosen["ES"]), previous)


def with_limits(result: Result, previous: Result) -> Result:
    """Return a result whose intervals are never wider than those of the result that it corrects.

    The limit of each interval is its width before, with the error of a reader in place of the model's in the slices
    that are drawn now: drawing a slice adds information, though what the network predicts anew beside it may have a
    larger spread. If a measure leaves its former interval, that was too narrow, and the measures state it as a doubt.
    The bands of the volume curves have such limits at every phase. Measures that facts of the person scale have the
    limit of the measure that they are a multiple of.

    >>> with_limits(propagate(cine, seed, previous=previous), previous)  # doctest: +SKIP
    """
    if result.cine.is_echo:
        return result
    before, bands, phases = _former(previous)
    drawn = result.seeds[..., None, None]
    settled = replace(
        previous,
        labels=np.where(drawn, result.labels, previous.labels),
        uncertainty=np.where(drawn, np.float32(0), previous.uncertainty),
    )
    settled_measures = _measured_at(settled, *phases)
    after = {name: each.interval for name, each in settled_measures.items()}
    limits = {
        name: [*ends, min(_width(ends), _width(after.get(name)))]
        for name, ends in before.items()
        if name not in MULTIPLE_OF
    }
    widths = {
        name: np.fmin(_widths(band), _widths(settled_measures.bands_ml.get(name, band))).tolist()
        for name, band in bands.items()
    }
    constants: Mapping[str, Any] = {**constants_of(result.provenance), BEFORE: limits, BANDS_BEFORE: widths}
    return replace(result, provenance={**result.provenance, "intervals": constants})


def _former(previous: Result) -> tuple[Mapping[str, Ends], Mapping[str, Any], tuple[int | None, int | None]]:
    """Return the ends of the intervals and the bands (2, T) before the correction, with ED and ES."""
    if FORMER in previous.provenance:
        return previous.provenance[FORMER], previous.provenance.get(FORMER_BANDS, {}), (None, None)
    measures = measure(previous, wall=False)
    ends = {name: each.interval for name, each in measures.items() if each.interval is not None}
    return ends, measures.bands_ml, (measures.ed, measures.es)


def _measured_at(result: Result, ed: int | None, es: int | None) -> Measures:
    """Measure a result at these phases; at its own where it has no such ones."""
    result = with_chosen_phases(result, None, None)
    try:
        return measure(result, ed=ed, es=es, wall=False)
    except InputError:
        return measure(result, wall=False)


def _widths(band: Any) -> NDArray[np.float64]:
    low, high = np.array(band, np.float64)
    return np.asarray(high - low)


def _width(ends: Ends | None) -> float:
    return math.inf if ends is None else float(ends[1] - ends[0])
