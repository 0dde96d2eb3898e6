"""ACDC (Bernard et al. 2018): short-axis cines labelled at ED and ES, kept as one ``.npz`` a patient."""

from __future__ import annotations

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

# The files carry no geometry. ACDC's slices are 1.34 to 1.68 mm in plane and 5 to 10 mm apart, so millimetres and
# millilitres of these cases are in error by a common factor; Dice and EF are not.
ASSUMED_SPACING = (8.0, 1.5, 1.5)
ASSUMED_PERIOD_MS = 1000.0
ASSUMED_ES_MS = 350.0


def acdc_cases(root: Path | None = None, split: Split = "validation") -> Iterator[LabelledCine]:
    """Return patients of one split as two-phase cines (phase 0 is ED, phase 1 ES), in order of their number.

    The validation split is the patients whose number ends in 4 or 9. In-plane spacing (1.5 mm), slice distance
    (8 mm) and times are assumed, see above; slices run from base to apex.

    Raises
    ------
    InputError: the data folder is not there, or there is no such split.
    """
    if split not in ("training", "validation", "all"):
        raise InputError(f"ACDC has no split '{split}'; choose training, validation or all.")
    files = sorted(dataset_folder(root, "acdc").glob("patient*.npz"))
    return (read_patient(path) for path in files if split in ("all", split_of(path)))


def split_of(path: Path) -> Split:
    """Return split to which a patient's file belongs, by the last digit of its number."""
    return "validation" if path.stem[-1] in "49" else "training"


def read_patient(path: Path) -> LabelledCine:
    """Read one ``patientNNN.npz``."""
    with np.load(path) as file:
        image, labels = file["image"], file["label"]
    depth, height, width = ASSUMED_SPACING
    cine = Cine(
        array=image.astype(np.float32),
        affine=np.diag([width, height, depth, 1.0]),
        times=np.array([0.0, ASSUMED_ES_MS]),
        period=ASSUMED_PERIOD_MS,
        source=Source(path=str(path), notes=("Spacing and times are assumed: the file has none.",)),
    )
    number = int(path.stem.removeprefix("patient"))
    return LabelledCine(path.stem, cine, labels.astype(np.uint8), GROUPS[(number - 1) // PATIENTS_PER_GROUP])
