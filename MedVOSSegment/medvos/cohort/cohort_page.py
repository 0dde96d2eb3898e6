"""cohort.html: the cohort as one page that opens offline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jinja2 import Environment, PackageLoader

from medvos.cohort.agreement import Agreement
from medvos.cohort.agreement_plot import agreement_figure
from medvos.cohort.record import Record, Status
from medvos.measure.catalogue import RANKED, row_of
from medvos.measure.intervals import LEVEL
from medvos.report.plotting import svg_of


def cohort_page(records: Sequence[Record], agreements: Sequence[Agreement], weights: Mapping[str, str]) -> str:
    """Return the page as HTML, with its plots as SVG.

    Parameters
    ----------
    weights: the terms of those that segmented the cases, by name.
    """
    environment = Environment(
        loader=PackageLoader("medvos.cohort", "."), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    finished = [record for record in records if record.status is Status.FINISHED]
    return environment.get_template("cohort.html.j2").render(
        records=records,
        finished=finished,
        failed=[record for record in records if record.status is Status.FAILED],
        not_run=[record for record in records if record.status is Status.NOT_RUN],
        not_compared=[record for record in finished if record.reason],
        doubted=[record for record in finished if record.doubts],
        columns={name: unit for name in RANKED if (unit := _unit(finished, name))},
        graded=any(record.grade for record in finished),
        decimals={name: row_of(name).decimals for name in RANKED},
        seconds=_spread([record.seconds for record in finished]),
        peak_mb=_spread([record.peak_mb for record in finished]),
        intervals=any(measure.get("interval") for record in finished for measure in record.measures.values()),
        interval_percent=round(100 * LEVEL),
        agreements=agreements,
        plots=svg_of(agreement_figure(agreements)) if agreements else None,
        weights=weights,
    )


def _unit(finished: Sequence[Record], name: str) -> str | None:
    """Return the unit of a measure, None if no case has a value."""
    units = (r.measures[name]["unit"] for r in finished if r.measures.get(name, {}).get("value") is not None)
    return next(units, None)


def _spread(values: Sequence[float | None]) -> tuple[float, float] | None:
    """Return median and maximum, None without any value."""
    known = [value for value in values if value is not None]
    return (float(np.median(known)), max(known)) if known else None
