"""Intervals benchmark: how often the 90 % intervals of measures hold the truth, and how wide they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from medvos.measure.ed_es import find_ed_and_es
from medvos.models.device import choose_device
from medvos.models.store import resolve
from medvos.propagation.propagate import propagate
from medvos.segmentation.short_axis import segment_heart
from medvos.structures import LV, RV
from medvos.uncertainty.borders import FITTED_ON
from medvos_lab.bench.accuracy import ALL_PHASES, DATA_SETS
from medvos_lab.bench.fit_borders import Outcome, Seen, fit, outcomes
from medvos_lab.bench.output import make_folder, markdown_table, to_csv, write_markdown
from medvos_lab.bench.protocol import prepare
from medvos_lab.datasets.labelled import LabelledCine

SHOWN = ("LVEF", "LVEDV", "LVESV", "LVSV", "LVM", "RVEF", "RVEDV", "RVESV", "RVSV")
CROSS_FITTED = "ACDC, cross-fitted"
SAFE_DEFAULTS = "ACDC, safe defaults"
FOUND = "ACDC at the phases found, cross-fitted"
AT_ONCE = "ACDC from ED to ES at once, cross-fitted"
OTHER = "Sunnybrook 4D"


@dataclass(frozen=True)
class Coverage:
    """One measure over several patients; widths in mL, g or percentage points.

    Attributes
    ----------
    covered, cases: how many intervals hold the truth, of how many.
    width: mean width of the intervals.
    fixed_width: the least width that intervals of one width for all would need to hold the truth as often, known
        only with hindsight; nan where none holds it.
    """

    covered: int
    cases: int
    width: float
    fixed_width: float


@dataclass(frozen=True)
class Intervals:
    """What the benchmark gives.

    Attributes
    ----------
    constants: fitted on all ACDC validation patients, in the form of the models' manifest.
    tables: one of `CROSS_FITTED`, `SAFE_DEFAULTS`, `FOUND`, `AT_ONCE` and `OTHER` to measure to coverage.
    """

    constants: dict[str, Any]
    tables: dict[str, dict[str, Coverage]]


def run(data: Path | None, out: Path, model: str = "cstm", *, device: str = "auto") -> Intervals:
    """Fit the constants of the intervals on ACDC's validation patients and see how well they do.

    Patients whose number ends in 4 are judged by constants fitted on those that end in 9, and the other way round;
    the Sunnybrook patients by constants fitted on all of ACDC's. A network with a motion prior is fitted on ACDC at
    every phase, and also judged at ED and ES as `medvos.measure.ed_es` finds them, which is what a reader gets, and
    where it goes from ED to ES at once. Writes ``intervals.md`` and ``intervals.csv``.

    Parameters
    ----------
    data: folder that holds the data sets; default as `data_root` has it.
    out: folder for the tables.
    model: whose results are judged; constants that it may have already are not looked at.

    Raises
    ------
    InputError: no such data folder, network or device, or ``out`` cannot be written.
    """
    info = resolve(model, "cstm", "vivim")
    choose_device(device)
    moves = bool(info.config.get("motion"))
    cohorts = [list(DATA_SETS[name](data)) for name in (ALL_PHASES if moves else "acdc", "sunnybrook_4d")]
    make_folder(out)
    both, others = ([_seen(case, model, device) for case in cases] for cases in cohorts)
    acdc, other = [at_experts for at_experts, _ in both], [at_experts for at_experts, _ in others]
    constants = fit(acdc)
    judged = {CROSS_FITTED: _crossed(acdc, acdc), SAFE_DEFAULTS: judge(acdc, {})}
    if moves:
        judged[FOUND] = _crossed([at_found for _, at_found in both], acdc)
        judged[AT_ONCE] = _crossed([_seen(case, model, device)[0] for case in DATA_SETS["acdc"](data)], acdc)
    judged[OTHER] = judge(other, constants)
    intervals = Intervals(
        {FITTED_ON: f"{len(acdc)} ACDC validation patients{', every phase' if moves else ''}", **constants},
        {table: coverage(list(patients.values())) for table, patients in judged.items()},
    )
    rows: list[dict[str, float | str]] = [
        {"table": table, "case": case, "measure": name, **asdict(outcome)}
        for table, patients in judged.items()
        for case, measures in patients.items()
        for name, outcome in measures.items()
    ]
    (out / "intervals.csv").write_text(to_csv(rows), encoding="utf-8")
    write_markdown(out / "intervals.md", _markdown(intervals))
    return intervals


def _crossed(judged: Sequence[Seen], fitted: Sequence[Seen]) -> dict[str, dict[str, Outcome]]:
    """Return patient to measure to interval, by constants fitted on the other half of the patients."""
    outcomes: dict[str, dict[str, Outcome]] = {}
    for digit in "49":
        half = [patient for patient in judged if patient.name.endswith(digit)]
        outcomes |= judge(half, fit([patient for patient in fitted if not patient.name.endswith(digit)]))
    return outcomes


def judge(patients: Sequence[Seen], constants: Mapping[str, Sequence[float]]) -> dict[str, dict[str, Outcome]]:
    """Return patient to measure to interval, with these constants."""
    return {patient.name: outcomes(patient, constants) for patient in patients}


def coverage(patients: Sequence[Mapping[str, Outcome]]) -> dict[str, Coverage]:
    """Measure to how its intervals do over the patients who have it."""
    found = {}
    for name in SHOWN:
        known = [patient[name] for patient in patients if name in patient]
        if known:
            covered = sum(outcome.is_covered for outcome in known)
            errors = sorted(abs(outcome.stated - outcome.truth) for outcome in known)
            width = float(np.mean([outcome.high - outcome.low for outcome in known]))
            found[name] = Coverage(covered, len(known), width, 2 * errors[covered - 1] if covered else float("nan"))
    return found


def _seen(case: LabelledCine, model: str, device: str) -> tuple[Seen, Seen]:
    """Return the borders at the expert's ED and ES, and at those that are found in the result; none where it has none.

    As in `medvos.measure.measure`, a result without an LV has the ED and ES of its RV.
    """
    trial = prepare(case)
    info = resolve(model, "cstm", "vivim")
    if info.network == "vivim":  # it needs no seed and gets none
        result = segment_heart(case.cine, info, device)
    else:
        result = propagate(case.cine, trial.seed, model=model, device=device)
    curves = ((result.labels == label).sum((1, 2, 3)).astype(float) for label in (LV, RV))
    ed, es = find_ed_and_es(next((curve for curve in curves if curve.any()), np.zeros(len(result.labels))))
    at_experts = Seen.of(trial, result)
    if ed is None or es is None:
        return at_experts, replace(at_experts, areas={}, truth={})
    return at_experts, Seen.of(trial, result, (ed, es))


def _markdown(intervals: Intervals) -> list[str]:
    tables = intervals.tables
    header = ["", *(column for table in tables for column in (f"{table}: covered", "width", "fixed width"))]
    rows = [[name, *(cell for table in tables.values() for cell in _cells(table.get(name)))] for name in SHOWN]
    constants = [
        (structure, *(f"{number:g}" for number in numbers))
        for structure, numbers in intervals.constants.items()
        if structure != FITTED_ON
    ]
    return [
        "# 90 % intervals",
        "",
        *markdown_table(header, rows),
        "",
        *markdown_table(("constants", "widening", "reach in mm", "share of ED and ES"), constants),
    ]


def _cells(found: Coverage | None) -> tuple[str, str, str]:
    if found is None:
        return "–", "–", "–"
    fixed = f"{found.fixed_width:.1f}" if found.covered else "–"
    return f"{found.covered} of {found.cases}", f"{found.width:.1f}", fixed
