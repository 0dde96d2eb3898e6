"""Every export that the panel offers, by its name; the command line has commands of its own for some of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from medvos.errors import InputError
from medvos.export.export import DICOM, Form, left_by_an_export
from medvos.export.export import export as write_form
from medvos.measure.subject import subject_of
from medvos.result import Result, with_chosen_phases
from medvos.staging import OPTIONAL, disk_errors, staged

Phases = tuple[int | None, int | None]
"""ED and ES, counted from 0; None where it is found from the volumes."""
Writer = Callable[[Result, Path, Phases], object]

RESULTS = "results"


def export_by_name(name: str, result: Result, folder: Path, phases: Phases = (None, None)) -> None:
    """Write ``result`` into ``folder``, measured at the ``phases`` ED and ES if given.

    An export that needs the DICOM images reads them from the path of the cine's source.

    >>> export_by_name("report-pdf", result, Path("out"))  # doctest: +SKIP

    Raises
    ------
    InputError: there is no export of this name, the folder cannot be written, a package is missing, or the DICOM images
        are gone or not those that were segmented.
    """
    if name not in WRITERS:
        raise InputError(f"There is no export {name}; choose one of {', '.join(WRITERS)}.")
    WRITERS[name](with_chosen_phases(result, None, None), folder, phases)


def left_behind(name: str, folder: Path) -> Sequence[str]:
    """Return the files in ``folder`` that an earlier export of this name has left and that a new one may not write.

    >>> left_behind("stl", Path("surfaces"))  # doctest: +SKIP
    ['LV-phase-29.stl']
    """
    if name == RESULTS:
        return OPTIONAL
    return left_by_an_export(Form(FORMS[name]), folder) if name in FORMS else ()


def _form(form: Form) -> Writer:
    def write(result: Result, folder: Path, phases: Phases) -> None:
        images = Path(result.cine.source.path) if form in DICOM else None
        # The images that are read again know nothing of facts that the user gave, and state those that were cleared.
        subject = subject_of(result.cine)
        write_form(result, form, folder, images, subject=subject, only_subject=True, ed=phases[0], es=phases[1])

    return write


def _everything(result: Result, folder: Path, phases: Phases) -> None:
    from medvos.report.write_results import write_results

    write_results(result, folder, ed=phases[0], es=phases[1])


def _volumes(result: Result, folder: Path, phases: Phases) -> None:
    from medvos.measure.measure import measure
    from medvos.report.volumes_csv import volumes_csv

    text = volumes_csv(measure(result, ed=phases[0], es=phases[1]))
    with staged(folder) as staging, disk_errors(folder):
        (staging / "volumes.csv").write_text(text, encoding="utf-8")


def _report(file: str) -> Writer:
    """Return the writer of the report; the suffix of ``file`` is its form."""

    def write(result: Result, folder: Path, phases: Phases) -> None:
        from medvos.measure.measure import measure
        from medvos.report.report_file import write_report

        write_report(folder / file, result, measure(result, ed=phases[0], es=phases[1]))

    return write


FORMS = {"segmentation": Form.NIFTI} | {form.value: form for form in Form if form is not Form.NIFTI}
WRITERS: dict[str, Writer] = {
    RESULTS: _everything,
    "report": _report("report.html"),
    "report-pdf": _report("report.pdf"),
    "volumes": _volumes,
    **{name: _form(form) for name, form in FORMS.items()},
}
