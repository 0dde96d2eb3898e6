"""Write a result into a folder in one of the standard formats."""

from __future__ import annotations

import importlib.util
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from medvos.cine.write import write_nifti
from medvos.errors import InputError
from medvos.export import segmentation, slicer_files, stl, structured_report
from medvos.export.images import source_images
from medvos.export.origin import MANUFACTURER, notice_for
from medvos.export.source import on_source
from medvos.measure.subject import Subject, stating
from medvos.mvo_notice import SHORT_NOTICE
from medvos.packages import needs
from medvos.result import Result
from medvos.staging import disk_errors, staged

BEGINNING_BYTES = 4096  # of a file, which tell whether medvos has written it


class Form(StrEnum):
    """Formats of an export."""

    DICOM_SEG = "dicom-seg"
    DICOM_SR = "dicom-sr"
    STL = "stl"
    SEG_NRRD = "seg-nrrd"
    SEQ_NRRD = "seq-nrrd"
    NIFTI = "nifti"


DICOM = (Form.DICOM_SEG, Form.DICOM_SR)
PLAIN = {
    Form.STL: stl.write_surfaces,
    Form.SEG_NRRD: slicer_files.write_segmentations,
    Form.SEQ_NRRD: slicer_files.write_sequence,
}

# Names of the forms that have a file for each phase, and what medvos writes into their headers.
SERIES = {
    Form.STL: (r"(LV|Myo|RV|MVO|LA|structure-\d+)-phase-\d{2,}\.stl", stl.HEADER),
    Form.DICOM_SEG: (r"segmentation-phase-\d{2,}\.dcm", MANUFACTURER.encode()),
    Form.SEG_NRRD: (r"phase-\d{2,}\.seg\.nrrd", slicer_files.TERMINOLOGY.encode()),
}


def export(
    result: Result,
    form: Form,
    folder: Path,
    source: Path | None = None,
    *,
    subject: Subject | None = None,
    only_subject: bool = False,
    ed: int | None = None,
    es: int | None = None,
) -> list[Path]:
    """Write ``result`` into ``folder``; return the files, in the order of their names.

    Files of the same names are replaced once all are complete, and those that an earlier export has left of other
    phases or structures are removed; after an error nothing has changed.

    >>> export(result, Form.STL, Path("surfaces"))  # doctest: +SKIP
    [PosixPath('surfaces/LV-phase-00.stl'), ...]

    Parameters
    ----------
    form: the format. The two DICOM formats need ``source``.
    folder: created if it does not exist.
    source: the folder or file with the cine's DICOM images.
    subject, ed, es: as in `medvos.measure`, for the report of the measures.
    only_subject: what ``subject`` leaves out is not known, whatever the images state.

    Raises
    ------
    InputError: nothing is labelled, the folder cannot be written, its disk is full, a package is missing, or the
        DICOM images are missing or not those that were segmented, or there is no such phase.
    """
    if not result.labels.any():
        raise InputError("No voxel is labelled, so there is nothing to export: segment the heart first.")
    if source is not None:
        check_apart(folder, source)
    if form in DICOM:
        source = _known(source)
    with staged(folder, left_by_an_export(form, folder)) as staging, _quiet():
        if source is not None and form in DICOM:
            on_images = on_source(result, source)
            if only_subject:
                on_images = replace(on_images, cine=stating(on_images.cine, subject or Subject()))
            images = source_images(on_images.cine)
            with disk_errors(folder):
                if form is Form.DICOM_SEG:
                    segmentation.write_segmentations(on_images, images, staging)
                else:
                    structured_report.write_report(on_images, images, staging, subject=subject, ed=ed, es=es)
        elif form is Form.NIFTI:
            notice = SHORT_NOTICE if notice_for(result) else ""
            write_nifti(staging / "segmentation.nii.gz", result.labels, result.cine, notice, labels=True)
        else:
            with disk_errors(folder):
                PLAIN[form](result, staging)
        names = sorted(file.name for file in staging.iterdir())
    return [folder / name for name in names]


def left_by_an_export(form: Form, folder: Path) -> list[str]:
    """Return the files of this form that an earlier export has left in a folder; they would pass as the result's."""
    if form not in SERIES:
        return []
    pattern, mark = SERIES[form]
    with disk_errors(folder):
        named = [path for path in folder.glob("*") if re.fullmatch(pattern, path.name) and path.is_file()]
        return [path.name for path in named if mark in _beginning(path)]


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(BEGINNING_BYTES)


def _known(source: Path | None) -> Path:
    """Return the source, or raise InputError if a DICOM object cannot refer to it."""
    if source is None:
        raise InputError("DICOM exports refer to the segmented images: give the folder of their files (--source).")
    if importlib.util.find_spec("highdicom") is None:
        raise InputError(needs("A DICOM export", "highdicom"))
    return source


def check_apart(folder: Path, source: Path) -> None:
    """Raise InputError if the folder lies among the images, or is that of a file with all of them."""
    place, images = folder.resolve(), source.resolve()
    if place == images.parent if images.is_file() else images in (place, *place.parents):
        raise InputError(f"{folder} is among the DICOM images themselves: choose a folder of its own.")


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress messages of the DICOM libraries, which quote patient names."""
    loggers = [logging.getLogger(name) for name in ("pydicom", "highdicom")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
