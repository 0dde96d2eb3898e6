"""A small patient on disk and its labels, for the tests of what results are exported as."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from cine_files import SHORT_AXIS, normal, write_enhanced, write_stack
from pydicom.uid import generate_uid

from medvos.cine.cine import Cine
from medvos.result import Result
from medvos.structures import MVO

SHA = "ab" * 32
NOTICE = "Obstruction was predicted: trained on simulated motion, not validated on patients, research only."
# What a scanner writes and `cine_files` does not need.
SCANNER: dict[str, Any] = {
    "FrameOfReferenceUID": "1.2.840.99.7",
    "PositionReferenceIndicator": "",
    "PatientBirthDate": "19610203",
    "PatientSex": "F",
    "StudyID": "7",
    "StudyDate": "20240506",
    "StudyTime": "112233",
    "AccessionNumber": "A1",
    "ReferringPhysicianName": "",
}


def a_patient(folder: Path, **options: Any) -> Path:
    """A short-axis stack of single images: 5 phases, 3 slices of 20 x 24."""
    return write_stack(folder, **{**SCANNER, "StudyInstanceUID": "1.2.840.99.3", **options})


def a_patient_in_series(folder: Path, *, slices: int = 4, **options: Any) -> Path:
    """Each slice a series of its own, and one of them (slice 2) moved in its plane by 2 columns and a row."""
    for z in range(slices):
        shift = 2 * 1.25 * np.array(SHORT_AXIS[:3]) + 1.5 * np.array(SHORT_AXIS[3:]) if z == 2 else 0.0
        place = list(z * 8.0 * normal() + shift)
        a_patient(folder / f"Se{z}", slices=1, series=z + 1, origin=place, **options)
    return folder


def an_enhanced_patient(path: Path) -> Path:
    """One multi-frame file: 4 phases, 3 slices, its frames in another order than the cine's."""
    return write_enhanced(path, **{**SCANNER, "StudyInstanceUID": "1.2.840.99.3", "SOPInstanceUID": generate_uid()})


def labels_on(cine: Cine) -> np.ndarray:
    """(T, Z, Y, X): a heart that shrinks with phase and slice, so that every image is different."""
    y, x = np.mgrid[: cine.shape[2], : cine.shape[3]]
    labels = np.zeros(cine.shape, np.uint8)
    for t, z in np.ndindex(*cine.shape[:2]):
        away = np.hypot(y - 10, x - 9)
        labels[t, z][away < 7 - t / 2 - z / 2] = 2
        labels[t, z][away < 4.5 - t / 2 - z / 2] = 3
        labels[t, z, 4 + t : 12 - z, 18:22] = 1
    return labels


def a_result_of(cine: Cine, labels: np.ndarray | None = None) -> Result:
    """As from a propagation from slice 1 of phase 0, sure of half of its border."""
    labels = labels_on(cine) if labels is None else labels
    seeds = np.zeros(cine.shape[:2], bool)
    seeds[0, 1 % cine.shape[1]] = True
    uncertainty = np.where(labels > 0, np.float32(0.3), np.float32(0))
    provenance = {
        "model": "cstm-research",
        "weights_sha256": SHA,
        "terms": "for anyone",
        "device": "cpu",
        "seconds": 1.0,
        "made": "2026-05-04T03:02:01",
        "notes": [],
    }
    return Result(cine, labels, uncertainty, np.zeros(cine.shape[:2], np.float32), seeds, provenance)


def obstructed(result: Result) -> Result:
    """Half of the wall of slice 1 is called obstructed."""
    labels = result.labels.copy()
    wall = labels[:, 1] == 2
    labels[:, 1][wall & (np.arange(labels.shape[-1]) > 9)] = MVO
    return replace(result, labels=labels, provenance={**result.provenance, "notice": NOTICE})


def dicom_faults(path: Path) -> list[str]:
    """What dciodvfy finds wrong in a file, except with identifiers that the source images have; skips without it."""
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy (Debian's dicom3tools) is not installed")
    reported = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    lines = (reported.stdout + reported.stderr).splitlines()
    faults = [line for line in lines if line.startswith("Error") and "Leading zeroes" not in line]
    # The summing-up of the former.
    return [line for line in faults if "Dicom dataset contains invalid data values" not in line]


def numbers(path: Path) -> dict[str, pydicom.Dataset]:
    """The measurements of a report by the meaning of their names; those of all groups."""
    parts = {part.ConceptNameCodeSequence[0].CodeMeaning: part for part in pydicom.dcmread(path).ContentSequence}
    container = parts["Imaging Measurements"]
    items = [item for group in container.ContentSequence for item in group.ContentSequence if item.ValueType == "NUM"]
    return {item.ConceptNameCodeSequence[0].CodeMeaning: item for item in items}
