"""The cine: an array over phases and slices with its geometry, on which every other part of the engine works."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from medvos.cine.clip_region import Views
from medvos.cine.contents import SeriesRow

if TYPE_CHECKING:
    from medvos.cine.transforms import Transform


@dataclass(frozen=True)
class Source:
    """The origin of a cine, without anything that identifies the patient.

    Attributes
    ----------
    path: the path that the user gave.
    kind: ``dicom``, ``nifti``, ``nrrd``, ``video``, ``synthetic`` or ``array``.
    notes: sentences for the user, such as which series were left out and why.
    files: for DICOM, the file behind each (phase, slice) as a nested tuple ``files[t][z]``; else empty. A phase that
        was resampled has the file of the image nearest to it in time, a slice that was interpolated has ``''``.
    heart_rate: beats per minute where the file says it.
    description: free text such as scanner and sequence, for ``medvos info``.
    frames: which frame of the file ``files[t][z]``, counted from 0.
    digest: for a DICOM stack, SHA-256 of its images before any resampling; else ''.
    sex, age_years, height_cm, weight_kg: of the person, where the file says it; F or M, whole years up to 90.
    spacing_known: False where the file does not say its pixel size, so that lengths are not real.
    series: for DICOM, the numbers of the series that the user named; empty where the stack was chosen by evidence.
    given: for DICOM, the files that were given one by one; empty where `path` was.
    contents: for DICOM, what the folder holds and which of it was read.
    stacks: for DICOM, the series numbers of each stack that could have been meant, that of the one read first.
    transforms: for NIfTI, the affines of the cine that the file may be read with, that of the cine first; else empty.
    stored: for NIfTI, size (x, y, z) and affine in the file's own order of voxels; else None.
    known_shunt: whether the user stated a shunt or a regurgitation; no file states it.
    rate_given: whether the heart rate is that of the user, not that of the file.
    missing_slices: indices of slices that were not acquired, and were interpolated between their neighbours.
    views: of an ultrasound clip that shows several, with the one whose scale the cine has.
    """

    path: str = ""
    kind: str = "array"
    notes: tuple[str, ...] = ()
    files: tuple[tuple[str, ...], ...] = ()
    heart_rate: float | None = None
    description: dict[str, str] = field(default_factory=dict)
    frames: tuple[tuple[int, ...], ...] = ()
    digest: str = ""
    sex: Literal["F", "M"] | None = None
    age_years: int | None = None
    height_cm: float | None = None
    weight_kg: float | None = None
    spacing_known: bool = True
    series: tuple[int, ...] = ()
    given: tuple[str, ...] = field(default=(), compare=False)
    contents: tuple[SeriesRow, ...] = ()
    stacks: tuple[tuple[int, ...], ...] = ()
    transforms: tuple[Transform, ...] = field(default=(), compare=False)
    stored: tuple[tuple[int, int, int], NDArray[np.float64]] | None = field(default=None, compare=False)
    views: Views = field(default_factory=Views)
    missing_slices: tuple[int, ...] = ()
    known_shunt: bool = False
    rate_given: bool = False


@dataclass(frozen=True)
class Cine:
    """A beating heart: intensities over phases and slices, with exact geometry.

    Attributes
    ----------
    array: (T, Z, Y, X) float32 intensities after rescale slope and intercept; slices follow the slice normal.
    affine: (4, 4) float64, voxel index (x, y, z, 1) to patient position in mm, in RAS+ axes as NIfTI has it.
    times: (T,) float64, ms from the first phase, strictly increasing.
    period: length of one heart beat in ms; the last phase is followed by the first after ``period - times[-1]``.
    source: where it came from.
    """

    array: NDArray[np.float32]
    affine: NDArray[np.float64]
    times: NDArray[np.float64]
    period: float
    source: Source = field(default_factory=Source)

    def __repr__(self) -> str:
        t, z, y, x = self.shape
        size = f"{t} phases x {z} slices x {y} x {x}"
        return f"Cine({self.source.kind}, {size}, spacing {_mm(self.spacing)} mm, period {self.period:.0f} ms)"

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(T, Z, Y, X)."""
        t, z, y, x = self.array.shape
        return t, z, y, x

    @property
    def spacing(self) -> tuple[float, float, float]:
        """(z, y, x) distance between voxel centres in mm."""
        x, y, z = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(z), float(y), float(x)

    @property
    def is_echo(self) -> bool:
        """Whether this is an ultrasound clip or a video file."""
        return self.source.kind == "video" or self.source.description.get("modality") == "US"


def _mm(spacing: tuple[float, float, float]) -> str:
    return " x ".join(f"{mm:.2f}" for mm in spacing)
