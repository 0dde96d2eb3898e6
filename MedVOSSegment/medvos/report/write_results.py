"""Write the folder of results that other programs rely on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.fractions import from_steps, in_steps
from medvos.cine.write import write_fractions, write_nifti
from medvos.measure.measure import measure
from medvos.measure.measures import Measures
from medvos.measure.obstructed_volume import notice_of
from medvos.mvo_notice import SHORT_NOTICE
from medvos.progress import Report, stepwise
from medvos.report.document import report_document
from medvos.report.labels_digest import labels_digest
from medvos.report.overlay import write_overlay
from medvos.report.page import report_page
from medvos.report.volumes_csv import volumes_csv
from medvos.result import Result, with_chosen_phases
from medvos.staging import OPTIONAL, OVERLAY, PROBABILITY, disk_errors, staged


def write_results(result: Result, folder: str | Path, *, ed: int | None = None, es: int | None = None) -> Measures:
    """Write segmentation.nii.gz, uncertainty.nii.gz, volumes.csv, report.json and report.html into a folder.

    `ed` and `es` are the phases to measure at, in place of those that are found; the folder keeps them.

    >>> write_results(result, "results/")["LVEF"].value  # doctest: +SKIP
    58.3

    Files of these names are replaced once all are complete; an earlier probability map of obstruction or video is
    removed if there is none now. Other files in the folder are not changed.

    Raises
    ------
    InputError: the folder cannot be written, or its disk is full.
    """
    with staged(Path(folder), OPTIONAL) as staging:
        return write_files(result, staging, Path(folder), ed=ed, es=es)


def write_files(
    result: Result,
    staging: Path,
    folder: Path,
    *,
    video: bool = True,
    ed: int | None = None,
    es: int | None = None,
    progress: Report | None = None,
) -> Measures:
    """Write the five files into ``staging``, which messages call ``folder``.

    For a clip an overlay video is written too, unless ``video`` is False, and for obstruction its probability map.
    ``progress`` is called before each of these.
    """
    begin = stepwise(progress, result.cine.shape[0] * result.cine.shape[1], 5)
    begin("measuring")
    # As it is stored, so that whoever measures the files finds the same intervals.
    steps = in_steps(result.uncertainty)
    result = replace(result, uncertainty=from_steps(steps))
    measures = measure(result, ed=ed, es=es)
    if ed is not None or es is not None:  # whoever measures the folder again does so at the same phases
        result = with_chosen_phases(result, measures.ed, measures.es)
    with disk_errors(folder):
        if result.cine.is_echo and video:
            note = write_overlay(staging / OVERLAY, _frames(result), measures)
            result = replace(result, provenance=noted(result.provenance, note))
        notice = SHORT_NOTICE if notice_of(measures) else ""
        begin("writing segmentation.nii.gz")
        write_nifti(staging / "segmentation.nii.gz", result.labels, result.cine, notice, labels=True)
        begin("writing uncertainty.nii.gz")
        write_fractions(staging / "uncertainty.nii.gz", steps, result.cine)
        if result.probability is not None:
            write_nifti(staging / PROBABILITY, result.probability, result.cine, notice)
        begin("writing volumes.csv and report.json")
        (staging / "volumes.csv").write_text(volumes_csv(measures), encoding="utf-8")
        document = report_document(result, measures, labels_digest(result.labels))
        (staging / "report.json").write_text(json.dumps(document, indent=1, allow_nan=False), encoding="utf-8")
        begin("writing report.html")
        (staging / "report.html").write_text(report_page(result, measures), encoding="utf-8")
    begin("written")
    return measures


def noted(provenance: dict[str, Any], note: str) -> dict[str, Any]:
    """Return a provenance with one more note, unless that is ''."""
    return {**provenance, "notes": [*provenance.get("notes", ()), note]} if note else provenance


def _frames(result: Result) -> Iterator[tuple[NDArray, NDArray[np.uint8], NDArray[np.float32]]]:
    """Yield displayed grey values, labels and uncertainty of each frame of a clip."""
    brightest = float(result.cine.array.max()) or 1.0
    to_bytes = 255 / max(brightest, 255.0)
    for image, labels, uncertainty in zip(result.cine.array, result.labels, result.uncertainty, strict=True):
        yield image[0] * to_bytes, labels[0], uncertainty[0]
