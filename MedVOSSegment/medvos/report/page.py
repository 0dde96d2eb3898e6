"""report.html: the report as one page that needs no network."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader

from medvos.cine.describe import KINDS
from medvos.measure.intervals import LEVEL
from medvos.measure.measures import Measures
from medvos.propagation.result import Result
from medvos.report.contact_sheet import contact_sheet_svg
from medvos.report.document import report_document
from medvos.report.palette import SEED, UNCERTAIN, colour_of
from medvos.report.score_map import score_map_svg, worst
from medvos.report.volume_curve import volume_curve_svg
from medvos.uncertainty.borders import FITTED_ON

HEADLINES = ("LVEF", "LVEDV", "LVESV", "LVM", "RVEF", "RVEDV")
LONG_NAMES = {
    "LVEDV": "LV end-diastolic volume",
    "LVESV": "LV end-systolic volume",
    "LVSV": "LV stroke volume",
    "LVEF": "LV ejection fraction",
    "LVM": "LV mass at end-diastole",
    "RVEDV": "RV end-diastolic volume",
    "RVESV": "RV end-systolic volume",
    "RVSV": "RV stroke volume",
    "RVEF": "RV ejection fraction",
    "CO": "Cardiac output",
    "MVO": "Microvascular obstruction",
}


def report_page(result: Result, measures: Measures) -> str:
    """The report as one HTML text; figures stand inside it as SVG."""
    environment = Environment(
        loader=PackageLoader("medvos.report", "."), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    document = report_document(result, measures)
    return environment.get_template("page.html.j2").render(
        document=document,
        measures=measures,
        headlines=[name for name in HEADLINES if measures[name].value is not None],
        long_names=LONG_NAMES,
        legend={name: colour_of(name) for name in measures.volumes_ml},
        seed_colour=SEED,
        uncertain_colour=UNCERTAIN,
        curve=volume_curve_svg(measures) if measures.volumes_ml else None,
        sheet=contact_sheet_svg(result, measures),
        score_map=score_map_svg(result.slice_scores, result.seeds, measures),
        worst=worst(result.slice_scores, result.seeds),
        made=_made(document["provenance"]),
    )


def _made(provenance: dict[str, Any]) -> dict[str, Any]:
    """Provenance in words a person reads, without what the page shows elsewhere."""
    shown = {
        key.replace("_", " "): value for key, value in provenance.items() if key not in ("input", "seeds", "terms")
    }
    shape, spacing = provenance["input"]["shape"], provenance["input"]["spacing_mm"]
    size = "{} phases, {} slices of {} x {} pixels".format(*shape)
    kind = KINDS.get(provenance["input"]["kind"], provenance["input"]["kind"])
    shown["input"] = f"{kind}, {size}; " + " x ".join(f"{step:.2f}" for step in spacing) + " mm"
    shown["intervals"] = f"{LEVEL:.0%}, calibrated on {provenance['intervals'][FITTED_ON]}"
    shown["seeds"] = [f"slice {seed['slice']} at phase {seed['phase']}" for seed in provenance["seeds"]]
    return {key: value for key, value in shown.items() if value not in (None, [], {}, "")}
