"""report.html: the report as one page that needs no network access."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader
from matplotlib.figure import Figure

from medvos.measure.measures import Measures
from medvos.report import content
from medvos.report.figures import Figures, figures_of
from medvos.report.palette import SEED_RIM, UNCERTAIN, colour_of, word_for
from medvos.report.patient import Patient
from medvos.report.plotting import svg_of
from medvos.report.reportable import Reportable
from medvos.result import Result


def report_page(result: Result, measures: Measures, patient: Patient | None = None) -> str:
    """Return the report as HTML with its figures as SVG; it identifies nobody without ``patient``.

    >>> page = report_page(result, medvos.measure(result))  # doctest: +SKIP
    """
    return page_with(figures_of(result, measures), result, measures, patient)


def page_with(figures: Figures, result: Reportable, measures: Measures, patient: Patient | None = None) -> str:
    """Return the report as HTML with these figures."""
    environment = Environment(
        loader=PackageLoader("medvos.report", "."), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    texts = content.content_of(result, measures, figures.with_images)
    return environment.get_template("page.html.j2").render(
        constants=content,
        content=texts,
        patient=patient,
        legend={word_for(name): colour_of(name) for name in figures.structures},
        seed_colour=SEED_RIM,
        uncertain_colour=UNCERTAIN,
        **{name: svg_of(figure) for name, figure in vars(figures).items() if isinstance(figure, Figure)},
    )
