"""From a result to a folder of files in one of the standard forms."""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from medvos.cine.write import write_nifti
from medvos.errors import InputError
from medvos.export import segmentation, slicer_files, stl, structured_report
from medvos.export.images import source_images
from medvos.export.source import on_source
from medvos.propagation.result import Result
from medvos.report.staging import disk_errors, staged


class Form(StrEnum):
    """What a result can be written as."""

    DICOM_SEG = "dicom-seg"
    DICOM_SR = "dicom-sr"
    STL = "stl"
    SEG_NRRD = "seg-nrrd"
    SEQ_NRRD = "seq-nrrd"
    NIFTI = "nifti"


DICOM = (Form.DICOM_SEG, Form.DICOM_SR)
TIED = {Form.DICOM_SEG: segmentation.write_segmentations, Form.DICOM_SR: structured_report.write_report}
PLAIN = {
    Form.STL: stl.write_surfaces,
    Form.SEG_NRRD: slicer_files.write_segmentations,
    Form.SEQ_NRRD: slicer_files.write_sequence,
}


def export(result: Result, form: Form, folder: Path, source: Path | None = None) -> list[Path]:
    """Write ``result`` into ``folder``; the files, in the order of their names.

    Files of the same names are replaced once all are ready; whatever goes wrong before, nothing has changed.

    Parameters
    ----------
    form: what to write. The two DICOM forms need ``source``.
    folder: made where it does not exist.
    source: the folder or file with the cine's DICOM images, as they are now.

    Raises
    ------
    InputError: nothing is labelled, the folder cannot be written, its disk is full, a package is missing, or the
        DICOM images are gone or not those that were segmented.
    """
    if not result.labels.any():
        raise InputError("No voxel is labelled, so there is nothing to export: segment the heart first.")
    if form in DICOM:
        source = _known(source, folder)
    with staged(folder) as staging, _quiet():
        if source is not None and form in DICOM:
            on_images = on_source(result, source)
            images = source_images(on_images.cine)
            with disk_errors(folder):
                TIED[form](on_images, images, staging)
        elif form is Form.NIFTI:
            write_nifti(staging / "segmentation.nii.gz", result.labels, result.cine)
        else:
            with disk_errors(folder):
                PLAIN[form](result, staging)
        names = sorted(file.name for file in staging.iterdir())
    return [folder / name for name in names]


def _known(source: Path | None, folder: Path) -> Path:
    """The source, where DICOM can be written beside it."""
    if source is None:
        raise InputError("DICOM is tied to the images that were segmented: give the folder of their files (--source).")
    if importlib.util.find_spec("highdicom") is None:
        raise InputError("DICOM exports need the package highdicom, which is not installed: pip install highdicom.")
    inside = folder.resolve()
    if source.is_dir() and source.resolve() in (inside, *inside.parents):
        raise InputError(f"{folder} is among the DICOM images themselves: choose a folder of its own.")
    return source


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the DICOM libraries say to themselves: it quotes names."""
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
