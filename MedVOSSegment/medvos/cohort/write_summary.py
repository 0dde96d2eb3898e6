"""Write the summary files of a cohort."""

from __future__ import annotations

from pathlib import Path

from medvos.cohort.agreement import agreements
from medvos.cohort.agreement_plot import agreement_figure
from medvos.cohort.cohort_page import cohort_page
from medvos.cohort.run import Cohort
from medvos.cohort.summary_csv import agreement_csv, cohort_csv
from medvos.errors import InputError
from medvos.models.store import resolve
from medvos.propagation.suited_model import DRAWN_NETWORKS
from medvos.staging import disk_errors, staged


def write_summary(cohort: Cohort, out: Path) -> None:
    """Write ``cohort.csv`` and ``cohort.html``, with truth also ``agreement.csv`` and ``agreement.png``, into ``out``.

    If the batch was stopped before results of other inputs or settings were replaced, the summary that has them stays.

    Raises
    ------
    InputError: they cannot be written.
    """
    if cohort.stopped and cohort.earlier:
        return
    found = agreements(cohort.records)
    used = sorted({record.model for record in cohort.records if record.model})
    with staged(out) as staging, disk_errors(out):
        (staging / "cohort.csv").write_text(cohort_csv(cohort.records), encoding="utf-8")
        page = cohort_page(cohort.records, found, {name: _terms_of(name) for name in used})
        (staging / "cohort.html").write_text(page, encoding="utf-8")
        if found:
            (staging / "agreement.csv").write_text(agreement_csv(found), encoding="utf-8")
            agreement_figure(found).savefig(staging / "agreement.png", dpi=110)
        else:
            for name in ("agreement.csv", "agreement.png"):  # of an earlier batch
                (out / name).unlink(missing_ok=True)


def _terms_of(model: str) -> str:
    """Return the terms of the weights; a cluster's workers may have weights that are not here."""
    try:
        return resolve(model, *DRAWN_NETWORKS).terms
    except InputError:
        return "Their terms are not known on this computer."
