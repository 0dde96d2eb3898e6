"""Verdicts benchmark: how many verdicts the doubts hold back, and how many of those that are given are wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from medvos.measure.ef_grade import possible_grades
from medvos.measure.measure import measure
from medvos.measure.measures import Measures
from medvos.measure.strokes import STROKES_DIFFER
from medvos.measure.subject import Subject
from medvos.measure.verdict import possible_verdicts, verdict_of
from medvos.models.device import choose_device
from medvos.models.store import resolve
from medvos.propagation.propagate import propagate
from medvos_lab.bench.output import make_folder, markdown_table, write_markdown
from medvos_lab.bench.protocol import prepare
from medvos_lab.datasets.acdc import acdc_cases
from medvos_lab.datasets.labelled import LabelledCine

NAMES = ("LVEDV", "LVESV", "LVSV", "LVEF", "LVM", "RVEDV", "RVESV", "RVSV", "RVEF")
GRADE, ALL = "grade of the LVEF", "all measures"
# ACDC's patients have neither sex nor age; each is judged as a woman and as a man.
PEOPLE = (Subject("F", 45), Subject("M", 45))
COLUMNS = ("verdicts", "doubted", "held", "given", "wrong", "wrong without doubts")
Tally = dict[str, Counter[str]]


def run(data: Path | None, out: Path, model: str = "cstm", *, device: str = "auto") -> dict[str, Tally]:
    """Judge the expert's contours of all ACDC patients, and propagated ones of the validation patients.

    Writes ``verdicts.md``. A verdict is doubted if any doubt concerns the measure, held if it is not given because of
    doubts, and wrong if the value of the expert's contours has another one. The remaining ones are not given because
    the interval includes an end of the range.

    Raises
    ------
    InputError: no such data folder, network or device, or ``out`` cannot be written.
    """
    resolve(model, "cstm")
    choose_device(device)
    cases = list(acdc_cases(data, "all"))
    make_folder(out)
    found = {
        f"Expert's contours, {len(cases)} patients": tally(
            (measured, measured) for case in cases for measured in _of_expert(case)
        )
    }
    validation = list(acdc_cases(data))
    propagated = [_propagated(case, model, device) for case in validation]
    found[f"Propagated from one drawn slice by {model}, {len(validation)} validation patients"] = tally(
        pair
        for case, ours in zip(validation, propagated, strict=True)
        for pair in zip(ours, _of_expert(case), strict=True)
    )
    pairs = [(ours[0], _of_expert(case)[0]) for case, ours in zip(validation, propagated, strict=True)]
    lines = [_on_strokes(cases), "", _on_spread(pairs)]
    for title, counts in found.items():
        rows = [(name, *(counts[name][column] for column in COLUMNS)) for name in (*NAMES, ALL, GRADE)]
        lines += ["", f"## {title}", "", *markdown_table(("", *COLUMNS), rows)]
    write_markdown(out / "verdicts.md", lines)
    return found


def tally(pairs: Iterable[tuple[Measures, Measures]]) -> Tally:
    """Count the verdicts of measures, beside those of the truth, whose doubts are left out."""
    counts: Tally = {name: Counter() for name in (*NAMES, ALL, GRADE)}
    for ours, truth in pairs:
        for name in NAMES:
            right, free, given = possible_verdicts(name, truth), possible_verdicts(name, ours), verdict_of(name, ours)
            for key in (name, ALL):
                counts[key] += Counter(
                    {
                        "verdicts": 1,
                        "doubted": name in ours.moves or name in ours.held,
                        "held": name in ours.held,
                        "given": given is not None,
                        "wrong": given is not None and (given,) != right,
                        "wrong without doubts": len(free) == 1 and free != right,
                    }
                )
        free, right = (possible_grades(replace(each, ungraded=None)) for each in (ours, truth))
        given_grade = possible_grades(ours)
        counts[GRADE] += Counter(
            {
                "verdicts": 1,
                "doubted": "LVEF" in ours.moves or ours.ungraded is not None,
                "held": ours.ungraded is not None,
                "given": len(given_grade) == 1,
                "wrong": len(given_grade) == 1 and given_grade != right,
                "wrong without doubts": len(free) == 1 and free != right,
            }
        )
    return counts


def _on_spread(pairs: Iterable[tuple[Measures, Measures]]) -> str:
    """State which part of a difference of stroke volumes is an error of each ventricle, of (propagated, expert's)."""
    strokes = np.array([[[each[name].value or 0.0 for name in ("LVSV", "RVSV")] for each in pair] for pair in pairs])
    left, right = (strokes[:, 0] - strokes[:, 1]).std(axis=0)
    real = float((strokes[:, 1, 0] - strokes[:, 1, 1]).std())
    variances = np.square([left, right, real])
    parts = 100 * variances / (variances.sum() or 1.0)
    return (
        f"Standard deviations: error of LVSV {left:.1f} mL, error of RVSV {right:.1f} mL, difference of the expert's "
        f"two stroke volumes {real:.1f} mL; parts of the variance {parts[0]:.0f}, {parts[1]:.0f} and {parts[2]:.0f} %."
    )


def _on_strokes(cases: Iterable[LabelledCine]) -> str:
    """State in how many patients the expert's stroke volumes differ, by group and by the larger one."""
    larger: Counter[str] = Counter()
    groups: Counter[str] = Counter()
    for case in cases:
        measures = measure(case.labels, case.cine, ed=0, es=1, wall=False)
        left, right = measures["LVSV"].value or 0.0, measures["RVSV"].value or 0.0
        if abs(left - right) > STROKES_DIFFER * max(left, right):
            larger["LV" if left > right else "RV"] += 1
            groups[case.group] += 1
    return (
        f"Stroke volumes of the expert's contours differ by over {100 * STROKES_DIFFER:.0f} % in {groups.total()} "
        f"patients (larger in the LV {larger['LV']}, in the RV {larger['RV']}; {dict(groups)})."
    )


def _of_expert(case: LabelledCine) -> list[Measures]:
    return [measure(case.labels, case.cine, subject=person, ed=0, es=1, wall=False) for person in PEOPLE]


def _propagated(case: LabelledCine, model: str, device: str) -> list[Measures]:
    result = propagate(case.cine, prepare(case).seed, model=model, device=device)
    return [measure(result, subject=person, wall=False) for person in PEOPLE]
