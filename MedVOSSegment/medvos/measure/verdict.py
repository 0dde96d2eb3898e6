"""Whether measures are normal, in words."""

from __future__ import annotations

from medvos.measure.measures import Measure, Measures, Normal


def verdict_of(measure: Measure, normal: Normal) -> str:
    """Return the verdict, with a question mark if an end of the range lies within the measure's interval.

    >>> verdict_of(Measure(56.0, "%", (53.0, 59.0)), Normal(55, 75, 56.0, "men", "a study"))
    'normal?'
    """
    low, high = measure.interval or (normal.value, normal.value)
    return normal.verdict + ("?" if any(low < end < high for end in (normal.low, normal.high)) else "")


def ranges_sentence(measures: Measures) -> str:
    """Return to whom the reference ranges apply and what a question mark means; empty without ranges."""
    if not measures.normal:
        return ""
    first = next(iter(measures.normal.values()))
    mark = " A question mark: an end of the range lies within the interval."
    with_intervals = any(measure.interval for measure in measures.values())
    return f"Reference ranges of {first.group}: {first.citation}.{mark if with_intervals else ''}"
