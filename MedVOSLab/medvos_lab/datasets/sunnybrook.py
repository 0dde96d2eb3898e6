"""Sunnybrook Cardiac Data (CC0): left ventricles drawn at ED and ES, papillary muscles counted as blood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.errors import InputError
from medvos.evaluate.metrics import NOT_LABELLED
from medvos.structures import LV, MYO
from medvos_lab.datasets.labelled import LabelledCine
from medvos_lab.datasets.root import dataset_folder

PHASES_PER_SLICE = 20
GROUPS = {"SC-HF-I": "HF-I", "SC-HF-NI": "HF-NI", "SC-HYP": "HYP", "SC-N": "N"}

# The single frames carry no geometry; these are the values of the two patients whose DICOM is at hand.
ASSUMED_SPACING = (10.0, 1.37, 1.37)
ASSUMED_PERIOD_MS = 1000.0
ASSUMED_ES_MS = 350.0


@dataclass(frozen=True)
class LabelledFrames:
    """One patient as single frames without neighbours in time: the cavity at ED and at ES, nothing else drawn.

    Attributes
    ----------
    name: the case's name in its data set.
    images: (N, Y, X) uint8.
    cavity: (N, Y, X) bool, inside the endocardial contour; what lies outside may be muscle, RV or background.
    slices: (N,) slice numbers along the stack, from base to apex in most patients.
    phases: (N,) phase numbers out of 20.
    group: ``HF-I`` (heart failure with infarct), ``HF-NI`` (without), ``HYP`` (hypertrophy) or ``N`` (normal).
    """

    name: str
    images: NDArray[np.uint8]
    cavity: NDArray[np.bool_]
    slices: NDArray[np.int64]
    phases: NDArray[np.int64]
    group: str


def sunnybrook_4d(root: Path | None = None) -> Iterator[LabelledCine]:
    """Return patients with the full 4D cine, read from the DICOM files as scanned.

    Raises
    ------
    InputError: the data folder is not there, or a patient's labels are not on the grid of its images.
    """
    folders = sorted(p.parent for p in dataset_folder(root, "sunnybrook_4d").glob("*/labels.npz"))
    return (read_patient(folder) for folder in folders)


def sunnybrook_edes(root: Path | None = None) -> Iterator[LabelledFrames]:
    """Return the patients of whom only single frames at ED and ES are kept.

    Raises
    ------
    InputError: the data folder is not there.
    """
    files = sorted(dataset_folder(root, "sunnybrook_edes").glob("*.npz"))
    return (read_frames(path) for path in files)


def labels_from_contours(
    endo: NDArray[np.uint8], epi: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Label map from filled contours.

    Parameters
    ----------
    endo, epi: (T, Z, Y, X) uint8, 1 inside the contour, 0 outside, 255 in frames without one.

    Returns
    -------
    labels: (T, Z, Y, X) uint8, 3 inside the endocardium, 2 between epicardium and endocardium, else 255, for nobody
        drew the RV.
    drawn: (T, Z, 4) bool, see ``LabelledCine``.
    """
    has_endo = (endo != NOT_LABELLED).all(axis=(2, 3))
    has_epi = (epi != NOT_LABELLED).all(axis=(2, 3))
    labels = np.full(endo.shape, NOT_LABELLED, np.uint8)
    labels[(epi == 1) & has_endo[..., None, None]] = MYO
    labels[endo == 1] = LV
    drawn = np.zeros((*has_endo.shape, 4), bool)
    drawn[..., LV] = has_endo
    drawn[..., MYO] = has_endo & has_epi
    return labels, drawn


def read_patient(folder: Path) -> LabelledCine:
    """Read one patient's ``dicom/`` and ``labels.npz``.

    Raises
    ------
    InputError: the labels are not on the grid of the images.
    """
    from medvos.cine.read import read

    cine = read(folder / "dicom")
    with np.load(folder / "labels.npz") as file:
        labels, drawn = labels_from_contours(file["endo"], file["epi"])
    if labels.shape != cine.shape:
        raise InputError(f"The labels of {folder.name} have shape {labels.shape} and its images {cine.shape}.")
    return LabelledCine(folder.name, cine, labels, "HF-I", drawn)


def read_frames(path: Path) -> LabelledFrames:
    """Read one patient's single frames; the DICOM instance number tells slice and phase."""
    with np.load(path) as file:
        images, cavity, index = file["image"], file["endo"].astype(bool), file["instance"].astype(np.int64) - 1
    group = GROUPS[path.stem.rpartition("-")[0]]
    return LabelledFrames(path.stem, images, cavity, index // PHASES_PER_SLICE, index % PHASES_PER_SLICE, group)


def two_phase_cine(frames: LabelledFrames) -> LabelledCine:
    """Return slices that were drawn at both ED and ES, as a cine of two phases (phase 0 is ED).

    Spacing and times are assumed, see ``ASSUMED_SPACING``.

    Raises
    ------
    InputError: no slice was drawn at both phases.
    """
    area = {p: int(frames.cavity[frames.phases == p].sum()) for p in np.unique(frames.phases)}
    ed_es = sorted(area, key=lambda phase: -area[phase])
    at = {(p, z): i for i, (p, z) in enumerate(zip(frames.phases, frames.slices, strict=True))}
    both = [z for z in np.unique(frames.slices) if all((p, z) in at for p in ed_es)]
    if len(ed_es) != 2 or not both:
        raise InputError(f"{frames.name} has no slice that was drawn at both ED and ES.")
    index = np.array([[at[p, z] for z in both] for p in ed_es])  # (2, Z)
    depth, height, width = ASSUMED_SPACING
    cine = Cine(
        array=frames.images[index].astype(np.float32),
        affine=np.diag([width, height, depth, 1.0]),
        times=np.array([0.0, ASSUMED_ES_MS]),
        period=ASSUMED_PERIOD_MS,
        source=Source(notes=("Spacing and times are assumed: the file has none.",)),
    )
    endo = frames.cavity[index].astype(np.uint8)
    labels, drawn = labels_from_contours(endo, np.full_like(endo, NOT_LABELLED))
    return LabelledCine(frames.name, cine, labels, frames.group, drawn)
