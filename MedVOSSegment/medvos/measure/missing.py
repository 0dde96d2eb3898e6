"""Explain why measures are not known."""

from __future__ import annotations

from collections.abc import Mapping

from medvos.measure.function import NO_MVO
from medvos.measure.measures import Measure


def missing(measures: Mapping[str, Measure]) -> list[str]:
    """Return one sentence for each reason and the measures that it affects; MVO only if it was segmented."""
    by_reason: dict[str, list[str]] = {}
    for name, measure in measures.items():
        if measure.value is None and measure.reason != NO_MVO:
            by_reason.setdefault(str(measure.reason), []).append(name)
    return [f"{', '.join(names)} not known: {reason.rstrip('.')}." for reason, names in by_reason.items()]
