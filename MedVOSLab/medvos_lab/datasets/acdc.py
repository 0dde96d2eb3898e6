"""ACDC (Bernard et al. 2018): short-axis cines labelled at ED and ES, kept as one ``.npz`` a patient."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from medvos.cine.cine import Cine, Source
from medvos.errors import InputError
from medvos_lab.datasets.labelled import LabelledCine
from medvos_lab.datasets.root import dataset_folder

Split = Literal["training", "validation", "all"]

GROUPS = ("DCM", "HCM", "MINF", "NOR", "RV")
PATIENTS_PER_GROUP = 20

VOXEL_SIZES = "patients.csv"  # the images themselves hold no geometry
ASSUMED_PERIOD_MS = 1000.0
ASSUMED_ES_MS = 350.0


def acdc_cases(root: Path | None = None, split: Split = "validation") -> Iterator[LabelledCine]:
    """Return patients of one split as two-phase cines (phase 0 is ED, phase 1 ES), in order of their number.

    The validation split is the patients whose number ends in 4 or 9. Voxel sizes are those of the original files; times
    are assumed. Slices run from base to apex.

    Raises
    ------
    InputError: the data folder or its table of voxel sizes is not there, or there is no such split.

    Example
    -------
    >>> next(acdc_cases(split="validation")).cine.spacing
    (10.0, 1.3672, 1.3672)
    """
    if split not in ("training", "validation", "all"):
        raise InputError(f"ACDC has no split '{split}'; choose training, validation or all.")
    folder = dataset_folder(root, "acdc")
    spacing = voxel_sizes(folder)
    files = [path for path in sorted(folder.glob("patient*.npz")) if split in ("all", split_of(path))]
    missing = [path.stem for path in files if path.stem not in spacing]
    if missing:
        raise InputError(f"{folder / VOXEL_SIZES} has no row of {missing[0]}; its voxel size is missing.")
    return (read_patient(path, spacing[path.stem]) for path in files)


def voxel_sizes(folder: Path) -> dict[str, tuple[float, float, float]]:
    """Return the voxel size (z, y, x) in mm by patient, from ``patients.csv`` in ACDC's folder.

    Raises
    ------
    InputError: the table is not there.
    """
    path = folder / VOXEL_SIZES
    if not path.is_file():
        raise InputError(f"{path} is missing; it holds the voxel sizes of ACDC's patients.")
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["patient"]: (float(row["dz_mm"]), float(row["dy_mm"]), float(row["dx_mm"]))
            for row in csv.DictReader(file)
        }


def split_of(path: Path) -> Split:
    """Return split to which a patient's file belongs, by the last digit of its number."""
    return "validation" if path.stem[-1] in "49" else "training"


def read_patient(path: Path, spacing: tuple[float, float, float]) -> LabelledCine:
    """Read one ``patientNNN.npz`` with its voxel size (z, y, x) in mm."""
    with np.load(path) as file:
        image, labels = file["image"], file["label"]
    depth, height, width = spacing
    cine = Cine(
        array=image.astype(np.float32),
        affine=np.diag([width, height, depth, 1.0]),
        times=np.array([0.0, ASSUMED_ES_MS]),
        period=ASSUMED_PERIOD_MS,
        source=Source(path=str(path), notes=("Times are assumed: the file has none.",)),
    )
    number = int(path.stem.removeprefix("patient"))
    return LabelledCine(path.stem, cine, labels.astype(np.uint8), GROUPS[(number - 1) // PATIENTS_PER_GROUP])
