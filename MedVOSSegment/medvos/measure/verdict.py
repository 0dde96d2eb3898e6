"""Whether measures are low, normal or high, in words, as far as their intervals and the sanity checks allow it."""

from __future__ import annotations

import math

from medvos.measure.catalogue import PER_AREA, row_of
from medvos.measure.ef_grade import grade_sentences
from medvos.measure.measures import WITH_DOUBTS, Measures, Normal
from medvos.measure.papillary_style import style_sentences

LOW, NORMAL, HIGH = "low", "normal", "high"
NO_VERDICT = "no verdict"


def possible_verdicts(name: str, measures: Measures) -> tuple[str, ...]:
    """Return those of ``low``, ``normal`` and ``high`` that the measure's interval allows; none without a range.

    Without an interval the value alone decides. The ends of a range are normal.
    """
    normal = measures.normal.get(name)
    if normal is None:
        return ()
    return verdicts_within(normal, *(measures[name].interval or (normal.value, normal.value)))


def verdicts_within(normal: Normal, low: float, high: float) -> tuple[str, ...]:
    """Return those of ``low``, ``normal`` and ``high`` that values from ``low`` to ``high`` have."""
    allowed = {LOW: low < normal.low, NORMAL: high >= normal.low and low <= normal.high, HIGH: high > normal.high}
    return tuple(verdict for verdict, is_possible in allowed.items() if is_possible)


def could_be(name: str, measures: Measures) -> tuple[float, float]:
    """Return the interval of a measure, or its value alone, widened by how far doubts could move it.

    Interval and doubts are independent, so that they add up as squares; nothing is below 0.
    """
    measure = measures[name]
    if measure.value is None:
        raise ValueError(f"{name} has no value")
    low, high = measure.interval or (measure.value, measure.value)
    below, above = measures.moves.get(name, (0.0, 0.0))
    return (
        max(measure.value - math.hypot(measure.value - low, below), 0.0),
        measure.value + math.hypot(high - measure.value, above),
    )


def verdict_of(name: str, measures: Measures) -> str | None:
    """Return ``low``, ``normal`` or ``high``; None without a range, or where interval or checks do not allow one.

    >>> normal = {"LVEF": Normal(55, 75, 50.0, "men", "a study")}
    >>> verdict_of("LVEF", Measures({"LVEF": Measure(50.0, "%", (46.0, 54.0))}, times, normal=normal))
    'low'
    """
    allowed = possible_verdicts(name, measures)
    return allowed[0] if len(allowed) == 1 and name not in measures.held else None


def verdict_text(name: str, measures: Measures) -> str:
    """Return the verdict as all outputs show it: ``low``, ``low or normal``, ``no verdict``; empty without a range."""
    if name not in measures.normal:
        return ""
    return NO_VERDICT if name in measures.held else " or ".join(possible_verdicts(name, measures))


def verdict_sentences(measures: Measures) -> list[str]:
    """Return the sentences below the measures: grade of the EF, ranges, and what withholds verdicts.

    Command line, report, DICOM report and panel show these same sentences.
    """
    return [*grade_sentences(measures), *_on_held(measures), *_on_ranges(measures)]


def _on_held(measures: Measures) -> list[str]:
    """Return which measures with a reference range have no verdict, one sentence for all; the doubts say why.

    A value and its index are held independently: both are named, unless each index with a range is held with its value.
    """
    held = [name for name in measures.normal if name in measures.held]
    if not held:
        return []
    ranges = [_range(name, measures) for name in held if measures.held[name].startswith(WITH_DOUBTS)]
    moved = f"; {WITH_DOUBTS}, {', '.join(ranges)} {'are' if len(ranges) > 1 else 'is'} possible" if ranges else ""
    indices = [name for name in measures.normal if name in PER_AREA and {name, PER_AREA[name]} & set(held)]
    too = bool(indices) and all({name, PER_AREA[name]} <= set(held) for name in indices)
    named = [name for name in held if name not in PER_AREA] if too else held
    return [f"No verdict on {', '.join(named)}{' (nor per body surface area)' if too else ''}: see the doubts{moved}."]


def _range(name: str, measures: Measures) -> str:
    low, high = could_be(name, measures)
    decimals = row_of(name).decimals
    return f"{name} of {low:.{decimals}f} to {high:.{decimals}f} {measures[name].unit}"


def _on_ranges(measures: Measures) -> list[str]:
    if not measures.normal:
        return [f"No reference ranges: {measures.no_normal}."] if measures.no_normal and not measures.beats else []
    first = next(iter(measures.normal.values()))
    sentences = [f"Reference ranges of {first.group}: {first.citation}."]
    if any(" or " in verdict_text(name, measures) for name in measures.normal):
        sentences.append("Two verdicts: an end of the range lies within the interval, so that both are possible.")
    return [*sentences, *style_sentences(measures.papillary)]
