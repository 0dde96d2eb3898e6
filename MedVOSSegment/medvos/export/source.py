"""The DICOM files that a cine was read from, found again when its result is to be tied to them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.grid import onto_grid
from medvos.cine.read import read
from medvos.errors import InputError
from medvos.result import Result


def on_source(result: Result, folder: Path) -> Result:
    """``result`` on the cine that is in ``folder`` now, whose `Source` knows the file behind each picture.

    The reader that gave the cine its order is asked again, so the two cannot disagree. Where the result's cine was
    read from DICOM too, every picture must be what it was then; else it is enough that the grids are the same.

    Raises
    ------
    InputError: the folder is gone, holds no DICOM stack, or holds another patient's or changed pictures.
    """
    if not folder.exists():
        raise InputError(f"{folder.name} does not exist: give the folder where the DICOM files of this cine are now.")
    cine = read(folder)
    if cine.source.kind != "dicom":
        raise InputError(f"{folder.name} is not DICOM: give the folder with the DICOM files of this cine.")
    if not cine.source.digest:
        raise InputError(f"{folder.name} is an ultrasound clip without a place in the patient: export to NIfTI.")
    told = result.cine.source.digest
    labels = _placed(result.labels, result.cine, cine)
    uncertainty = _placed(result.uncertainty, result.cine, cine)
    if labels is None or uncertainty is None or (told and told != cine.source.digest):
        raise InputError(
            f"The images in {folder.name} are not those that were segmented: "
            "give the DICOM folder of this cine, as it was then."
        )
    return dataclasses.replace(result, cine=cine, labels=labels, uncertainty=uncertainty)


def _placed(array: NDArray, of: Cine, cine: Cine) -> NDArray | None:
    if len(array) != cine.shape[0]:
        return None
    placed = onto_grid(array, of.affine, cine.shape[1:], cine.affine)
    return None if placed is None else np.ascontiguousarray(placed)
