"""report.html: the report as one page that needs no network."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader

from medvos.measure.measures import Measures
from medvos.propagation.result import Result
from medvos.report import content
from medvos.report.figure import svg_of
from medvos.report.figures import figures_of
from medvos.report.palette import SEED, UNCERTAIN, colour_of
from medvos.report.patient import Patient


def report_page(result: Result, measures: Measures, patient: Patient | None = None) -> str:
    """The report as one HTML text; figures stand inside it as SVG. It names nobody without ``patient``."""
    environment = Environment(
        loader=PackageLoader("medvos.report", "."), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    words = content.content_of(result, measures)
    figures = figures_of(result, measures)
    return environment.get_template("page.html.j2").render(
        constants=content,
        content=words,
        patient=patient,
        legend={name: colour_of(name) for name in content.structures_of(result)},
        seed_colour=SEED,
        uncertain_colour=UNCERTAIN,
        **{name: None if figure is None else svg_of(figure) for name, figure in vars(figures).items()},
    )
