"""A 4D image and its drawing in memory, that mutations change before they are written as NIfTI or NRRD."""

from __future__ import annotations

import copy
import gzip
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def flipped(array: NDArray, affine: NDArray[np.float64], axis: int) -> NDArray:
    """Return the array with an axis turned round, and change its affine so that the voxels stay where they are."""
    affine[:3, 3] += affine[:3, axis] * (array.shape[axis] - 1)
    affine[:3, axis] *= -1
    return np.flip(array, axis)


@dataclass(eq=False)
class Volume:
    """A 4D image, how it is written, and the drawing on it.

    Attributes
    ----------
    array: (X, Y, Z, T) grey values. affine: (4, 4) voxel to mm in RAS.
    step: between phases, in ``unit``; None where the file does not say it.
    format: ``nii.gz``, ``nii``, ``hdr``, ``seq.nrrd`` or ``nrrd``.
    qform, sform: codes; ``other`` is an affine for the sform where it differs.
    header: what is put into the header after everything else.
    name: of the file, without its ending.
    labels: (X, Y, Z) of the drawing at phase ``phase``; ``label_affine`` where it was drawn on another.
    label_names: what the file of the drawing calls its numbers, None for a file without names.
    capitals, unpacked: whether the file's name is in capitals, and whether it is stored unpacked under a packed name.
    drawn: the structures that are drawn.
    """

    array: NDArray
    affine: NDArray[np.float64]
    labels: NDArray
    phase: int
    step: float | None
    unit: str = "msec"
    format: str = "nii.gz"
    qform: int = 1
    sform: int = 1
    other: NDArray[np.float64] | None = None
    header: dict[str, Any] = field(default_factory=dict)
    name: str = "cine"
    label_format: str = "nii.gz"
    label_affine: NDArray[np.float64] | None = None
    label_names: dict[int, str] | None = None
    capitals: bool = False
    unpacked: bool = False
    drawn: tuple[int, ...] = (1, 2, 3)

    def copied(self) -> Volume:
        """Return a copy that can be changed."""
        return copy.deepcopy(self)

    def write(self, folder: Path) -> Path:
        """Write the image into ``folder`` and return its file."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{self.name}.{self.format}"
        (self._write_nrrd if "nrrd" in self.format or self.format == "nhdr" else self._write_nifti)(file)
        if self.unpacked and file.name.endswith(".gz"):
            file.write_bytes(gzip.decompress(file.read_bytes()))
        if self.capitals:
            file = file.rename(file.with_name(file.name.upper()))
        return file

    def _write_nifti(self, file: Path) -> None:
        import nibabel as nib

        image = (nib.Nifti1Pair if self.format == "hdr" else nib.Nifti1Image)(self.array, self.affine)
        zooms = [*np.linalg.norm(self.affine[:3, :3], axis=0), *([0.0] * (self.array.ndim - 4)), self.step or 0.0]
        image.header.set_zooms(zooms[: self.array.ndim])
        if self.unit:
            image.header.set_xyzt_units("mm", self.unit)
        image.set_qform(self.affine, self.qform)
        image.set_sform(self.affine if self.other is None else self.other, self.sform)
        for key, value in self.header.items():
            image.header[key] = value
        nib.save(image, file)

    def _write_nrrd(self, file: Path) -> None:
        import nrrd

        header = {
            "space": "left-posterior-superior",
            "kinds": ["domain", "domain", "domain", "list"],
            "space directions": np.vstack([(LPS @ self.affine)[:3, :3].T, [np.nan] * 3]),
            "space origin": (LPS @ self.affine)[:3, 3],
        }
        array = self.array
        if self.format == "seq.nrrd":  # as 3D Slicer does: time first
            array = np.moveaxis(array, 3, 0)
            header["kinds"] = ["list", "domain", "domain", "domain"]
            header["space directions"] = np.vstack([[np.nan] * 3, (LPS @ self.affine)[:3, :3].T])
            if self.step is not None:
                header["axis 0 index type"] = "numeric"
                header["axis 0 index unit"] = {"msec": "ms", "sec": "s", "usec": "us"}.get(self.unit, self.unit)
                header["axis 0 index values"] = " ".join(f"{k * self.step:g}" for k in range(len(array)))
        encoding = self.header.get("encoding", "gzip")
        nrrd.write(
            str(file), array, {**header, **self.header, "encoding": encoding}, detached_header=self.format == "nhdr"
        )

    def write_labels(self, folder: Path) -> Path:
        """Write the drawing into ``folder`` and return its file."""
        import nibabel as nib
        import nrrd

        folder.mkdir(parents=True, exist_ok=True)
        affine = self.affine if self.label_affine is None else self.label_affine
        file = folder / f"seed.{self.label_format}"
        if self.label_format.startswith("nii"):
            image = nib.Nifti1Image(self.labels, affine)
            image.set_qform(affine, 1)
            image.set_sform(affine, 1)
            nib.save(image, file)
            return file
        header: dict[str, Any] = {"space": "left-posterior-superior", "kinds": ["domain"] * 3}
        header["space directions"], header["space origin"] = (LPS @ affine)[:3, :3].T, (LPS @ affine)[:3, 3]
        for k, (value, name) in enumerate((self.label_names or {}).items()):
            for key, text in (("ID", f"Segment_{k + 1}"), ("Name", name), ("Layer", "0"), ("LabelValue", str(value))):
                header[f"Segment{k}_{key}"] = text
        nrrd.write(str(file), self.labels, header)
        return file
