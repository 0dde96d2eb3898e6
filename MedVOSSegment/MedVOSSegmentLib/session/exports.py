"""The kinds of export of a result, of which the engine's `medvos.export.by_name` writes each by its name."""

from __future__ import annotations

from dataclasses import dataclass

from medvos.pins import PINS
from MedVOSSegmentLib.text import tr

NO_DICOM = tr("The DICOM files of this cine are not known here: to export DICOM, open their folder in step 1.")
NO_SURFACE = tr("A clip is one plane without a thickness and has no surface.")
SURFACES = "stl"

# Requirements for pip, for a Slicer whose packages are older than these exports.
FOR_PDF = tuple(PINS[name] for name in ("reportlab", "arabic-reshaper", "python-bidi"))
FOR_DICOM = (PINS["highdicom"],)


@dataclass(frozen=True)
class Export:
    """A kind of export: its ``name`` for programs, its ``label`` for people, whether it is tied to DICOM images.

    ``packages`` are the requirements that it has beyond those of a segmentation.
    """

    name: str
    label: str
    is_dicom: bool = False
    packages: tuple[str, ...] = ()


EXPORTS = (
    Export("results", tr("Everything in one folder")),
    Export("report", tr("Report (HTML)")),
    Export("report-pdf", tr("Report (PDF)"), packages=FOR_PDF),
    Export("segmentation", tr("Segmentation (4D NIfTI)")),
    Export("volumes", tr("Volumes (CSV)")),
    Export("seg-nrrd", tr("Each phase (.seg.nrrd)")),
    Export("seq-nrrd", tr("Label maps (.seq.nrrd)")),
    Export(SURFACES, tr("Surfaces (STL)")),
    Export("dicom-seg", tr("DICOM segmentation"), is_dicom=True, packages=FOR_DICOM),
    Export("dicom-sr", tr("DICOM report"), is_dicom=True, packages=FOR_DICOM),
)
