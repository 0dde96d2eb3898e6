"""Whether measures are low, normal or high, in words, as far as their intervals and the sanity checks allow it."""

from __future__ import annotations

from medvos.measure.catalogue import PER_AREA
from medvos.measure.ef_grade import grade_sentences
from medvos.measure.measures import Measures
from medvos.measure.papillary_style import style_sentence

LOW, NORMAL, HIGH = "low", "normal", "high"
NO_VERDICT = "no verdict"


def possible_verdicts(name: str, measures: Measures) -> tuple[str, ...]:
    """Return those of ``low``, ``normal`` and ``high`` that the measure's interval allows; none without a range.

    Without an interval the value alone decides. The ends of a range are normal.
    """
    normal = measures.normal.get(name)
    if normal is None:
        return ()
    low, high = measures[name].interval or (normal.value, normal.value)
    allowed = {LOW: low < normal.low, NORMAL: high >= normal.low and low <= normal.high, HIGH: high > normal.high}
    return tuple(verdict for verdict, is_possible in allowed.items() if is_possible)


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
    """Return which measures with a reference range have no verdict, one sentence for all; the doubts say why."""
    held = [name for name in measures.normal if name in measures.held and name not in PER_AREA]
    return [f"No verdict on {', '.join(held)} (nor per body surface area): see the doubts."] if held else []


def _on_ranges(measures: Measures) -> list[str]:
    if not measures.normal:
        return [f"No reference ranges: {measures.no_normal}."] if measures.no_normal and not measures.beats else []
    first = next(iter(measures.normal.values()))
    sentences = [f"Reference ranges of {first.group}: {first.citation}."]
    if any(" or " in verdict_text(name, measures) for name in measures.normal):
        sentences.append("Two verdicts: an end of the range lies within the interval, so that both are possible.")
    return [*sentences, style_sentence(measures.papillary)]
