"""A folder of results read back by itself, where the cine that it is of is not at hand."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np

from medvos.cine.cine import Source
from medvos.cine.guard import reading
from medvos.cine.nifti import read_nifti
from medvos.cine.read import read
from medvos.errors import InputError
from medvos.report.previous import read_result
from medvos.result import Result


def stored_result(folder: str | Path) -> Result:
    """The result that `medvos.report.folder.write_results` wrote, on a cine without pictures.

    The cine has the geometry, the phase times, the heart rate and the digest of the one that was segmented; its
    intensities are all 0.

    Raises
    ------
    InputError: a file is missing or damaged.
    """
    folder = Path(folder)
    for name in ("segmentation.nii.gz", "uncertainty.nii.gz", "report.json"):
        if not (folder / name).is_file():
            raise InputError(f"{folder.name} has no {name}: give a folder that medvos has written.")
    grid = read_nifti(folder / "segmentation.nii.gz")
    with reading("report.json", "a report of medvos"):
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        told = report["provenance"]["input"]
        times = np.array(report["curves"]["time_ms"], np.float64)
        source = Source(
            kind=told["kind"],
            description={"modality": told["modality"]} if told.get("modality") else {},
            notes=tuple(told["notes"]),
            heart_rate=told["heart_rate"],
            spacing_known=told.get("spacing_known", True),
            digest=told.get("pictures_sha256") or "",
        )
        period = float(told["period_ms"])
    if len(times) != grid.shape[0]:
        raise InputError("report.json and segmentation.nii.gz are of different cines: give a folder as it was written.")
    blank = np.broadcast_to(np.float32(0), grid.shape)
    return read_result(folder, dataclasses.replace(grid, array=blank, times=times, period=period, source=source))


def result_with_images(folder: str | Path, source: str | Path) -> Result:
    """The same with the pictures of the cine in ``source``, which is what was given to `medvos propagate`.

    Raises
    ------
    InputError: a file is missing or damaged, or ``source`` is another cine.
    """
    stored = stored_result(folder)
    cine = read(source)
    told = stored.cine.source.digest
    if told and cine.source.digest and told != cine.source.digest:
        raise InputError(f"The images in {Path(source).name} are not those that were segmented: give the cine itself.")
    result = read_result(folder, cine)
    return dataclasses.replace(result, cine=dataclasses.replace(cine, times=stored.cine.times))
