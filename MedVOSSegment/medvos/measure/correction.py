"""A corrected result keeps the widths of the intervals before the correction as upper limits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from medvos.errors import InputError
from medvos.measure.intervals import BEFORE, constants_of
from medvos.measure.measure import measure
from medvos.measure.measures import Measure, Measures
from medvos.result import Result


def with_limits(result: Result, previous: Result) -> Result:
    """Return a result whose intervals are never wider than those of the result that it corrects.

    The limit of each interval is its width before, with the error of a reader in place of the model's in the slices
    that are drawn now: drawing a slice adds information, though what the network predicts anew beside it may have a
    larger spread. If a measure leaves its former interval, that was too narrow, and the measures state it as a doubt.

    >>> with_limits(propagate(cine, seed, previous=previous), previous)  # doctest: +SKIP
    """
    if result.cine.is_echo:
        return result
    before = measure(previous, wall=False)
    drawn = result.seeds[..., None, None]
    settled = replace(
        previous,
        labels=np.where(drawn, result.labels, previous.labels),
        uncertainty=np.where(drawn, np.float32(0), previous.uncertainty),
    )
    after = _at_phases_of(before, settled)
    limits = {
        name: [*each.interval, min(_width(each), _width(after.get(name, each)))]
        for name, each in before.items()
        if each.interval
    }
    constants: Mapping[str, Any] = {**constants_of(result.provenance), BEFORE: limits}
    return replace(result, provenance={**result.provenance, "intervals": constants})


def _at_phases_of(before: Measures, result: Result) -> Measures:
    """Measure a result at the ED and ES of other measures; at its own where it has none there."""
    try:
        return measure(result, ed=before.ed, es=before.es, wall=False)
    except InputError:
        return measure(result, wall=False)


def _width(measure: Measure) -> float:
    return math.inf if measure.interval is None else float(measure.interval[1] - measure.interval[0])
