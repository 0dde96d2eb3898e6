"""The validation cases as cohorts: tables, cines, seeds and truth that ``medvos batch`` takes."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.write import write_nifti
from medvos.evaluate.metrics import NOT_LABELLED
from medvos.structures import BACKGROUND, LV
from medvos_lab.bench.accuracy import DATA_SETS, DEFAULT_DATA_SETS
from medvos_lab.bench.output import make_folder
from medvos_lab.bench.protocol import Trial, prepare
from medvos_lab.datasets.labelled import LabelledCine


def write_cohorts(data: Path | None, out: Path, data_sets: Sequence[str] = DEFAULT_DATA_SETS) -> list[Path]:
    """Write ``acdc.csv`` and ``sunnybrook_4d.csv`` into ``out``, and a folder with the files of each case.

    The seed is that of the protocol: the middle slice at ED. DICOM is read where it lies; other cines are written.

    Returns
    -------
    The tables.

    Raises
    ------
    InputError: no such data folder, or ``out`` cannot be written.
    """
    tables = []
    for data_set in data_sets:
        rows = [_write_case(prepare(case), out / data_set) for case in DATA_SETS[data_set](data)]
        tables.append(out / f"{data_set}.csv")
        with tables[-1].open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ("case", "input", "seed", "phase", "truth"), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return tables


def truth_of(case: LabelledCine) -> NDArray[np.uint8]:
    """Return (T, Z, Y, X) labels in which 255 stands for slices that were not judged, and for those alone.

    Where the cavity was drawn and what lies outside was not, that is background: measures of the LV are right then,
    and structures that were not drawn have none.
    """
    known = case.known(LV)[..., None, None]
    drawn = np.where(case.labels == NOT_LABELLED, BACKGROUND, case.labels)
    return np.where(known, drawn, NOT_LABELLED).astype(np.uint8)


def _write_case(trial: Trial, folder: Path) -> dict[str, str | int]:
    """Write the files of a case and give its row of the table back."""
    case = trial.case
    place = folder / case.name
    make_folder(place)
    source = Path(case.cine.source.path).resolve()
    if case.cine.source.kind != "dicom":
        source = place / "cine.nii.gz"
        write_nifti(source, case.cine.array, case.cine)
    write_nifti(place / "seed.nii.gz", trial.seed.labels[trial.phase], case.cine)
    write_nifti(place / "truth.nii.gz", truth_of(case), case.cine)
    files = {"input": source, "seed": place / "seed.nii.gz", "truth": place / "truth.nii.gz"}
    root = folder.parent
    named = {key: str(f.relative_to(root) if f.is_relative_to(root) else f) for key, f in files.items()}
    return {"case": case.name, **named, "phase": trial.phase}
