"""Table of a comparison: a row per method, a column per metric."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from medvos.evaluate.metrics import auroc, pool
from medvos.structures import STRUCTURES
from medvos_lab.bench.output import markdown_table
from medvos_lab.bench.regions import REGIONS, WHOLE
from medvos_lab.bench.score import CaseScores, JudgedVolumes, StructureScore

NAMES = tuple(s.name for s in reversed(STRUCTURES))  # LV, Myo, RV
BAD_DICE = 0.8

# Column groups, in the order in which they are shown. Means over structures are of those that the data set has.
GROUPS: dict[str, tuple[str, ...]] = {
    "Dice, whole heart": (*(f"Dice {n}" for n in NAMES), "Dice mean"),
    "Dice at ED and ES": tuple(f"Dice {n} {phase}" for n in NAMES for phase in ("ED", "ES")),
    "Dice by region": tuple(f"Dice {n} {r}" for r in REGIONS for n in (*NAMES, "mean")),
    "HD95 in mm": (*(f"HD95 {n}" for n in NAMES), "HD95 mean", *(f"HD95 {r}" for r in REGIONS), "HD95 undefined"),
    "Volumes: mean absolute error in mL, EF in points": tuple(
        f"{v} {m}" for v in ("LV", "RV") for m in ("EDV", "ESV", "EF", "EF bias", "EF worst")
    ),
    "LV EF at the phases that were found, against the expert's at the expert's": tuple(
        f"LV EF reported{what}" for what in ("", " bias", " worst")
    ),
    "Slices drawn where there is none, and slices missed": tuple(
        f"{n} {kind}" for kind in ("spurious", "missed") for n in NAMES
    ),
    "Uncertainty and time": ("bad slices", "AUROC", "ECE", "seconds a case"),
}
# Columns of the model cards.
CARD_COLUMNS = (
    *GROUPS["Dice, whole heart"],
    *GROUPS["Dice at ED and ES"],
    *(f"Dice mean {region}" for region in REGIONS),
    "HD95 mean",
    *("LV EDV", "LV ESV", "LV EF", "LV EF bias", "RV EF"),
)
COUNTS = ("cases", "HD95 undefined", "bad slices", *GROUPS["Slices drawn where there is none, and slices missed"])


def summarise(scores: Sequence[CaseScores]) -> dict[str, float]:
    """Return the metrics of one method over its cases, by column; nan where the data set or the method has none.

    A structure that is in neither truth nor prediction of a region has Dice 1, as an RV that is rightly not drawn at
    the apex. Every case weighs the same: phases are averaged within a case, then the cases. HD95 is averaged where it
    is defined, and ``HD95 undefined`` counts where only one of truth and prediction was empty. AUROC is over the
    slices and phases of all cases: how well the method's slice scores tell those with a mean Dice below 0.8.
    """
    row: dict[str, float] = {"cases": len(scores)}
    for name in NAMES:
        row[f"Dice {name}"] = _mean(scores, "dice", structure=name, region=WHOLE)
        row[f"HD95 {name}"] = _mean(scores, "hd95", structure=name, region=WHOLE)
        for phase in ("ED", "ES"):
            row[f"Dice {name} {phase}"] = _mean(scores, "dice", structure=name, region=WHOLE, phase=phase)
        for region in REGIONS:
            row[f"Dice {name} {region}"] = _mean(scores, "dice", structure=name, region=region)
        whole = [s for case in scores for s in _pick(case, structure=name, region=WHOLE)]
        row[f"{name} spurious"] = sum(s.spurious for s in whole) if whole else float("nan")
        row[f"{name} missed"] = sum(s.missed for s in whole) if whole else float("nan")
    row["Dice mean"] = _nanmean([row[f"Dice {n}"] for n in NAMES])
    row["HD95 mean"] = _nanmean([row[f"HD95 {n}"] for n in NAMES])
    for region in REGIONS:
        row[f"Dice mean {region}"] = _nanmean([row[f"Dice {n} {region}"] for n in NAMES])
        row[f"HD95 {region}"] = _nanmean([_mean(scores, "hd95", structure=n, region=region) for n in NAMES])
    row["HD95 undefined"] = sum(math.isnan(s.hd95) for case in scores for s in _pick(case, region=WHOLE))
    for ventricle in ("LV", "RV"):
        row |= _volume_errors(scores, ventricle)
    row |= _reported_errors(scores)
    row |= _uncertainty(scores)
    row["seconds a case"] = _nanmean([case.seconds for case in scores])
    return row


def case_row(scores: CaseScores) -> dict[str, float | str]:
    """Return the same metrics of a single case, with its name, group and method first."""
    return {"case": scores.case, "group": scores.group, "method": scores.method, **summarise([scores])}


def to_markdown(rows: Mapping[str, Mapping[str, float]]) -> str:
    """Return one Markdown table a column group, method name to row; columns without any metric are left out."""
    parts = []
    for title, columns in GROUPS.items():
        shown = [c for c in columns if any(not math.isnan(row[c]) for row in rows.values())]
        if not shown:
            continue
        cells = [(name, *(text(row[c], c) for c in shown)) for name, row in rows.items()]
        lines = markdown_table(("method", *shown), cells)
        parts.append(f"**{title}**\n\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def text(value: float, column: str) -> str:
    """Format a metric: Dice to three places, counts whole, the rest to one or two."""
    if math.isnan(value):
        return "–"
    if column in COUNTS:
        return str(int(value))
    if column.startswith(("Dice", "AUROC", "ECE")):
        return f"{value:.3f}"
    return f"{value:.2f}" if column.startswith("HD95") else f"{value:.1f}"


def _pick(case: CaseScores, **wanted: str) -> list[StructureScore]:
    return [s for s in case.structures if all(getattr(s, k) == v for k, v in wanted.items())]


def _mean(scores: Sequence[CaseScores], field: str, **wanted: str) -> float:
    """Return mean over cases of the mean over phases."""
    return _nanmean([_nanmean([getattr(s, field) for s in _pick(case, **wanted)]) for case in scores])


def _nanmean(values: Sequence[float]) -> float:
    known = [v for v in values if not math.isnan(v)]
    return float(np.mean(known)) if known else float("nan")


def _volume_errors(scores: Sequence[CaseScores], ventricle: str) -> dict[str, float]:
    pairs = [case.volumes[ventricle] for case in scores if ventricle in case.volumes]
    return {
        f"{ventricle} EDV": _nanmean([abs(found.edv - truth.edv) for found, truth in pairs]),
        f"{ventricle} ESV": _nanmean([abs(found.esv - truth.esv) for found, truth in pairs]),
        **_ef_errors(f"{ventricle} EF", pairs),
    }


def _reported_errors(scores: Sequence[CaseScores]) -> dict[str, float]:
    """Return the errors of the LVEF that a reader gets: the extremes of a curve are those of its noise too."""
    known = [case for case in scores if case.reported is not None and "LV" in case.volumes]
    return _ef_errors("LV EF reported", [(case.reported, case.volumes["LV"][1]) for case in known if case.reported])


def _ef_errors(name: str, pairs: Sequence[tuple[JudgedVolumes, JudgedVolumes]]) -> dict[str, float]:
    errors = [found.ef - truth.ef for found, truth in pairs]
    return {
        name: _nanmean([abs(error) for error in errors]),
        f"{name} bias": _nanmean(errors),
        f"{name} worst": max((abs(error) for error in errors if not math.isnan(error)), default=float("nan")),
    }


def _uncertainty(scores: Sequence[CaseScores]) -> dict[str, float]:
    judged = [(case.slice_dice, case.prediction_scores) for case in scores if case.prediction_scores is not None]
    overlaps = np.concatenate([case.slice_dice.ravel() for case in scores] or [np.empty(0)])
    row = {"bad slices": float((overlaps < BAD_DICE).sum()), "AUROC": float("nan"), "ECE": float("nan")}
    if judged:
        overlap, stated = (np.concatenate([a.ravel() for a in arrays]) for arrays in zip(*judged, strict=True))
        there = ~np.isnan(overlap)
        row["AUROC"] = auroc(stated[there], overlap[there] < BAD_DICE)
    diagrams = [case.reliability for case in scores if case.reliability is not None]
    if diagrams:
        row["ECE"] = pool(diagrams).ece
    return row
