"""Explain why measures are not known."""

from __future__ import annotations

from collections.abc import Mapping

from medvos.measure.catalogue import Needs, names_that_need, row_of
from medvos.measure.measures import Measure


def missing(measures: Mapping[str, Measure]) -> list[str]:
    """Return one sentence for each reason and the measures that it affects; MVO only if it was segmented."""
    # A heart in which obstruction was not segmented has the volume alone, without a value.
    segmented = all(name in measures for name in names_that_need(Needs.OBSTRUCTION))
    by_reason: dict[str, list[str]] = {}
    for name, measure in measures.items():
        if measure.value is None and (segmented or row_of(name).needs is not Needs.OBSTRUCTION):
            by_reason.setdefault(str(measure.reason), []).append(name)
    return [f"{', '.join(names)} not known: {reason.rstrip('.')}." for reason, names in by_reason.items()]
