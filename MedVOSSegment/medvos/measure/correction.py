"""A corrected result keeps the widths of the intervals before the correction as upper limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from medvos.measure.intervals import BEFORE, constants_of
from medvos.measure.measure import measure
from medvos.measure.measures import Measures
from medvos.result import Result


def with_limits(result: Result, previous: Result) -> Result:
    """Return a result whose intervals are never wider than those of the result that it corrects.

    Drawing a slice adds information; what the network predicts anew beside it may have a larger spread. If a measure
    leaves its former interval, the interval was too narrow, and the measures state it as a doubt.

    >>> with_limits(propagate(cine, seed, previous=previous), previous)  # doctest: +SKIP
    """
    if result.cine.is_echo:
        return result
    limits = limits_of(measure(previous, wall=False))
    constants: Mapping[str, Any] = {**constants_of(result.provenance), BEFORE: limits}
    return replace(result, provenance={**result.provenance, "intervals": constants})


def limits_of(measures: Measures) -> dict[str, list[float]]:
    """Return the ends of the interval of each measure that has one."""
    return {name: [float(end) for end in each.interval] for name, each in measures.items() if each.interval}
