"""A real patient from a scanner, six slices of twelve, so that a whole run takes half the time."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from medvos_lab.datasets.sunnybrook import PHASES_PER_SLICE, read_patient

FIRST, COUNT = 3, 6  # the expert drew the LV in each of these slices


@dataclass(frozen=True)
class RealPatient:
    """Its DICOM ``folder``, the expert's ``labels`` (T, Z, Y, X), and ``drawn`` (T, Z, labels) where judged."""

    folder: Path
    labels: NDArray[np.uint8]
    drawn: NDArray[np.bool_]


def middle_slices(data_folder: Path, into: Path) -> RealPatient:
    """Copy the middle slices of a Sunnybrook patient into a folder; skip the test where the data are not there."""
    folder = data_folder / "sunnybrook_4d" / "SCD0000101"
    if not folder.is_dir():
        pytest.skip("no Sunnybrook patient on this machine")
    into.mkdir()
    for number in range(PHASES_PER_SLICE * FIRST, PHASES_PER_SLICE * (FIRST + COUNT)):
        shutil.copy(folder / "dicom" / f"{number + 1}.dcm", into)
    truth, kept = read_patient(folder), slice(FIRST, FIRST + COUNT)
    return RealPatient(into, truth.labels[:, kept], truth.drawn[:, kept])
