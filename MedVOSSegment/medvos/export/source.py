"""Match a result with the DICOM files that its cine was read from."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.grid import onto_grid
from medvos.cine.read import read, read_files
from medvos.errors import InputError
from medvos.measure.subject import with_facts_of
from medvos.result import Result


def on_source(result: Result, folder: Path) -> Result:
    """Return ``result`` on the cine read from ``folder``, whose `Source` has the file of each image.

    What the user stated of the person stays.

    The folder is read as it was for the segmentation, so the order of slices is the same. If the result's cine was read
    from DICOM, every image must be unchanged; otherwise only the grids must be the same.

    Raises
    ------
    InputError: the folder does not exist, has no DICOM stack, or has other or changed images.
    """
    source = result.cine.source
    if not folder.exists():
        raise InputError(f"{folder.name} does not exist: give the folder where the DICOM files of this cine are now.")
    # Files of a database lie beside those of other examinations.
    given = source.given if Path(source.path) == folder else ()
    cine = read_files(given, source.series) if given else read(folder, source.series)
    if cine.source.kind != "dicom":
        raise InputError(f"{folder.name} is not DICOM: give the folder with the DICOM files of this cine.")
    if not cine.source.digest:
        raise InputError(f"{folder.name} is an ultrasound clip without a position in the patient: export to NIfTI.")
    digest = source.digest
    labels = _placed(result.labels, result.cine, cine)
    uncertainty = _placed(result.uncertainty, result.cine, cine)
    if labels is None or uncertainty is None or (digest and digest != cine.source.digest):
        raise InputError(
            f"The images in {folder.name} are not those that were segmented: "
            "give the unchanged DICOM folder of this cine."
        )
    return dataclasses.replace(result, cine=with_facts_of(cine, result.cine), labels=labels, uncertainty=uncertainty)


def _placed(array: NDArray, of: Cine, cine: Cine) -> NDArray | None:
    if len(array) != cine.shape[0]:
        return None
    placed = onto_grid(array, of.affine, cine.shape[1:], cine.affine)
    return None if placed is None else np.ascontiguousarray(placed)
