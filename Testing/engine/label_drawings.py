"""Drawings of a heart in one slice, and files that programs write of them, for the tests of label images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import nrrd
import numpy as np
from cine_files import SHORT_AXIS, normal
from labelled_heart import ring_labels

from medvos.cine.cine import Cine
from medvos.cine.geometry import LPS_TO_RAS, dicom_affine

# Oblique, with slices of 8 mm.
AFFINE = dicom_affine(np.array([-60.0, -70, -20]), np.array(SHORT_AXIS), (1.4, 1.3), 8 * normal())
SHAPE = (4, 5, 48, 48)
SLICE = 2


def a_cine() -> Cine:
    array = np.random.default_rng(0).integers(0, 300, SHAPE).astype(np.float32)
    return Cine(array, AFFINE, np.arange(4) * 200.0, 800.0)


def drawing(lv: int = 3, myo: int = 2, rv: int = 1) -> np.ndarray:
    """(Z, Y, X) with one drawn slice in these numbers, 0 to leave a structure out."""
    labels = np.zeros(SHAPE[1:], np.int16)
    labels[SLICE] = np.array([0, rv, myo, lv], np.int16)[ring_labels(8, 12, 11)]
    return labels


HOUSE = drawing().astype(np.uint8)


def save_nifti(path: Path, array: np.ndarray, affine: np.ndarray = AFFINE, codes: tuple[int, int] = (1, 1)) -> Path:
    image = nib.Nifti1Image(array.T, affine)
    image.set_qform(affine, codes[0])
    image.set_sform(affine, codes[1])
    nib.save(image, path)
    return path


def save_segments(path: Path, layers: np.ndarray, segments: list[dict[str, Any]]) -> Path:
    """A `.seg.nrrd` of one layer (Z, Y, X) or of several (L, Z, Y, X); keys of a segment as in `SegmentN_KEY`."""
    lps = LPS_TO_RAS @ AFFINE
    header: dict[str, Any] = {"space": "left-posterior-superior", "space origin": lps[:3, 3]}
    directions, kinds, stored = lps[:3, :3].T, ["domain"] * 3, layers.T
    if layers.ndim == 4:
        directions, kinds = np.vstack([[np.nan] * 3, directions]), ["list", *kinds]
        stored = np.moveaxis(stored, -1, 0)
    header |= {"space directions": directions, "kinds": kinds}
    for n, segment in enumerate(segments):
        fields = {"ID": f"Segment_{n + 1}", "Layer": 0, "LabelValue": n + 1, "Extent": "0 1 0 1 0 1", **segment}
        header |= {f"Segment{n}_{key}": str(value) for key, value in fields.items()}
    nrrd.write(str(path), stored.astype(np.uint8), header)
    return path
