"""The kinds of export of a result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from medvos.errors import InputError
from medvos.pins import PINS
from medvos.result import Result
from MedVOSSegmentLib.text import tr

NO_DICOM = tr("The DICOM files of this cine are not known here: to export DICOM, open their folder in step 1.")
NO_SURFACE = tr("A clip is one plane without a thickness and has no surface.")
SURFACES = "stl"


# Requirements for pip, for a Slicer whose packages are older than these exports.
FOR_PDF = tuple(PINS[name] for name in ("reportlab", "arabic-reshaper", "python-bidi"))
FOR_DICOM = (PINS["highdicom"],)

Phases = tuple[int | None, int | None]
"""ED and ES, counted from 0; None where it is found from the volumes."""
Writer = Callable[[Result, Path, Phases], list[Path]]


@dataclass(frozen=True)
class Export:
    """A kind of export: its ``name`` for programs, its ``label`` for people, whether it is tied to DICOM images.

    ``packages`` are the requirements that it has beyond those of a segmentation.
    """

    name: str
    label: str
    is_dicom: bool = False
    packages: tuple[str, ...] = ()


def export(name: str, result: Result, folder: Path, phases: Phases = (None, None)) -> list[Path]:
    """Write ``result`` into an existing folder, measured at the ``phases`` ED and ES if given; return the files.

    An export that needs the DICOM images reads them from the path of the cine's source.

    Raises
    ------
    InputError: there is no export of this name, the folder cannot be written to, or the DICOM images are not known,
        gone, or not those that were segmented.
    """
    writers = {each.name: writer for each, writer in _WRITERS}
    if name not in writers:
        raise InputError(
            tr("There is no export {name}; choose one of {names}.").format(name=name, names=", ".join(writers))
        )
    if not folder.is_dir():
        raise InputError(tr("{name} is not a folder: choose an existing one.").format(name=folder.name))
    try:
        return writers[name](result, folder, phases)
    except OSError as error:
        sentence = tr("The export cannot be written ({reason}): choose another folder.").format(reason=error.strerror)
        raise InputError(sentence) from error


def _standard(form: str) -> Writer:
    """Return the writer of one of the engine's export forms."""

    def write(result: Result, folder: Path, phases: Phases) -> list[Path]:
        from medvos.export import DICOM, Form
        from medvos.export import export as write_form
        from medvos.measure.subject import subject_of

        source = result.cine.source
        if form in DICOM and source.kind != "dicom":
            raise InputError(NO_DICOM)
        images = Path(source.path) if form in DICOM else None
        # The images that are read again know nothing of facts that the user gave, and state those that were cleared.
        subject = subject_of(result.cine)
        return write_form(
            result, Form(form), folder, images, subject=subject, only_subject=True, ed=phases[0], es=phases[1]
        )

    return write


def _everything(result: Result, folder: Path, phases: Phases) -> list[Path]:
    from medvos.report.write_results import write_results
    from medvos.staging import OPTIONAL

    write_results(result, folder, ed=phases[0], es=phases[1])
    names = ("segmentation.nii.gz", "uncertainty.nii.gz", "volumes.csv", "report.json", "report.html")
    return [folder / name for name in (*names, *(name for name in OPTIONAL if (folder / name).is_file()))]


def _volumes(result: Result, folder: Path, phases: Phases) -> list[Path]:
    from medvos.measure.measure import measure
    from medvos.report.volumes_csv import volumes_csv

    return _text(folder / "volumes.csv", volumes_csv(measure(result, ed=phases[0], es=phases[1])))


def _report(name: str) -> Writer:
    """Return the writer of the report; the suffix of ``name`` is its form."""

    def write(result: Result, folder: Path, phases: Phases) -> list[Path]:
        from medvos.measure.measure import measure
        from medvos.report.report_file import write_report

        write_report(folder / name, result, measure(result, ed=phases[0], es=phases[1]))
        return [folder / name]

    return write


def _text(path: Path, text: str) -> list[Path]:
    """Write ``text`` so that a file of this name is never incomplete."""
    unfinished = path.with_name(f".unfinished-{path.name}")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return [path]


_WRITERS: tuple[tuple[Export, Writer], ...] = (
    (Export("results", tr("Everything in one folder")), _everything),
    (Export("report", tr("Report (HTML)")), _report("report.html")),
    (Export("report-pdf", tr("Report (PDF)"), packages=FOR_PDF), _report("report.pdf")),
    (Export("segmentation", tr("Segmentation (4D NIfTI)")), _standard("nifti")),
    (Export("volumes", tr("Volumes (CSV)")), _volumes),
    (Export("seg-nrrd", tr("Each phase (.seg.nrrd)")), _standard("seg-nrrd")),
    (Export("seq-nrrd", tr("Label maps (.seq.nrrd)")), _standard("seq-nrrd")),
    (Export("stl", tr("Surfaces (STL)")), _standard("stl")),
    (Export("dicom-seg", tr("DICOM segmentation"), is_dicom=True, packages=FOR_DICOM), _standard("dicom-seg")),
    (Export("dicom-sr", tr("DICOM report"), is_dicom=True, packages=FOR_DICOM), _standard("dicom-sr")),
)
EXPORTS = tuple(each for each, _ in _WRITERS)
