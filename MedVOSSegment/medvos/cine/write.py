"""Write arrays on a cine's grid to NIfTI, completely or not at all."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.fractions import SLOPE, in_steps
from medvos.cine.nifti import HOUSE_LABELS
from medvos.cine.timing import ASSUMED_PERIOD_MS, from_step
from medvos.errors import InputError


def write_nifti(path: str | Path, array: NDArray, cine: Cine, description: str = "", labels: bool = False) -> None:
    """Write `array` (T, Z, Y, X) or (Z, Y, X) on the grid of `cine` to a `.nii` or `.nii.gz`.

    The affine and the dtype are kept (bool becomes uint8). pixdim[4] is the mean phase duration, period / T, in ms; a
    beat whose length was assumed has none. The header has room for a ``description`` of 79 letters, and says of
    ``labels`` that they are those of medvos. The file appears under its name only when it is whole.

    Raises
    ------
    InputError: the place cannot be written to.
    """
    if array.dtype == np.bool_:
        array = array.astype(np.uint8)
    image = _image(array, cine, description)
    if labels:
        image.header.set_intent("label", name=HOUSE_LABELS)
    _save(image, Path(path))


def write_fractions(path: str | Path, array: NDArray[np.floating] | NDArray[np.uint8], cine: Cine) -> None:
    """Write values from 0 to 1 as `write_nifti` does, in bytes with a slope (`medvos.cine.fractions`).

    Bytes are taken as steps already.

    >>> write_fractions("uncertainty.nii.gz", result.uncertainty, result.cine)  # doctest: +SKIP
    """
    image = _image(in_steps(array), cine, "")
    image.header.set_slope_inter(float(SLOPE), 0.0)
    _save(image, Path(path))


def _image(array: NDArray, cine: Cine, description: str) -> Any:
    import nibabel

    image = nibabel.Nifti1Image(array.T, cine.affine, dtype=array.dtype)
    place(image.header, cine, over_time=array.ndim == 4)
    image.header["descrip"] = description.encode("ascii")
    return image


def _save(image: Any, path: Path) -> None:
    """Write an image to a file that appears under its name only when it is whole."""
    import nibabel

    suffix = ".nii.gz" if path.name.endswith(".gz") else ".nii"
    temporary = path.with_name(f".unfinished-{uuid.uuid4().hex}{suffix}")
    try:
        try:
            nibabel.save(image, temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{path.name} cannot be written ({error.strerror}): choose another output folder.") from error


def place(header: Any, cine: Cine, over_time: bool) -> None:
    """Write the geometry of `cine` into a NIfTI header, and the phase duration where it is `over_time` and known."""
    # ITK refuses an sform with the least shear, which real stacks have, and then takes the qform, which has none.
    header.set_qform(cine.affine, code="scanner")
    header.set_sform(cine.affine, code="scanner")
    header.set_xyzt_units("mm", "msec")
    header["pixdim"][4] = cine.period / cine.shape[0] if over_time else 0.0
    if over_time and _is_assumed(cine):
        # A step of 1 without a unit is read as no step at all; of 0, ITK would complain.
        header.set_xyzt_units("mm", "unknown")
        header["pixdim"][4] = 1.0


def _is_assumed(cine: Cine) -> bool:
    """Whether the beat's length was assumed, or is in doubt: written to a file it would become an invented heart rate.

    A length that is not plausible is in doubt whenever it is read. A single slice may be an echo clip, whose times are
    those of its frames.
    """
    source = cine.source
    is_stack = source.kind in ("nifti", "nrrd", "dicom") and source.description.get("modality") != "US"
    if not is_stack or source.heart_rate is not None:
        return False
    if cine.shape[1] == 1:
        return cine.period == ASSUMED_PERIOD_MS
    return from_step(cine.shape[0], cine.period / cine.shape[0], "ms").heart_rate is not None
