"""ACDC with all phases: a crop around the heart, labelled at ED and ES (folder ``acdc_4d`` beside ``acdc``)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.errors import InputError
from medvos.evaluate.metrics import NOT_LABELLED
from medvos.packages import needs
from medvos_lab.datasets.acdc import (
    ASSUMED_ES_MS,
    ASSUMED_PERIOD_MS,
    GROUPS,
    PATIENTS_PER_GROUP,
    Split,
    split_of,
    voxel_sizes,
)
from medvos_lab.datasets.labelled import LabelledCine
from medvos_lab.datasets.root import dataset_folder


@dataclass(frozen=True)
class Beat:
    """One patient: whole images at ED and ES, and a crop around the heart at every phase.

    Attributes
    ----------
    name: ``patientNNN``.
    frames: (T, z, h, w) uint8, the crop.
    corner: slice, row and column of the crop's first voxel in the whole images.
    images: (2, Z, Y, X) uint8, whole, at ED and ES.
    labels: (2, Z, Y, X) uint8 of the whole images.
    ed, es: phases of ``images``, counted from 0.
    spacing: (z, y, x) in mm, as in the original files.
    """

    name: str
    frames: NDArray[np.uint8]
    corner: tuple[int, int, int]
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    ed: int
    es: int
    spacing: tuple[float, float, float]

    @property
    def phases(self) -> int:
        """T, the number of phases of the beat."""
        return len(self.frames)

    @property
    def box(self) -> tuple[slice, slice, slice]:
        """Slices of the crop in the whole images (Z, Y, X)."""
        first, size = self.corner, self.frames.shape[1:]
        z, y, x = (slice(low, low + n) for low, n in zip(first, size, strict=True))
        return z, y, x

    def whole(self, phase: int, z: int) -> NDArray[np.uint8]:
        """Return slice ``z`` (Y, X) of the whole images at any phase.

        Outside the crop, where only ED and ES are known, the image is interpolated linearly in time between the two.
        """
        if phase in (self.ed, self.es):
            return self.images[0 if phase == self.ed else 1, z]
        weight = self.fraction_of_es(phase)
        ed, es = self.images[:, z].astype(np.float32)
        image = ((1 - weight) * ed + weight * es).round().astype(np.uint8)
        slices, y, x = self.box
        if slices.start <= z < slices.stop:
            gain, offset = self.grey
            image[y, x] = np.clip(self.frames[phase, z - slices.start] * gain + offset, 0, 255).round()
        return image

    @cached_property
    def grey(self) -> tuple[float, float]:
        """Gain and offset from intensities of the crop to those of the whole images, by least squares at ED and ES."""
        crop = self.frames[[self.ed, self.es]].ravel().astype(np.float64)
        whole = self.images[:, *self.box].ravel()
        unclipped = (crop > 0) & (crop < 255) & (whole > 0) & (whole < 255)
        gain, offset = np.polyfit(crop[unclipped], whole[unclipped], 1)
        return float(gain), float(offset)

    def fraction_of_es(self, phase: int) -> float:
        """Return 0 at ED and 1 at ES, linear in time on both sides of the beat."""
        since_ed, systole = (phase - self.ed) % self.phases, (self.es - self.ed) % self.phases
        return since_ed / systole if since_ed <= systole else (self.phases - since_ed) / (self.phases - systole)

    def cropped(self) -> LabelledCine:
        """Return the crop as a labelled cine with all phases, labelled at ED and ES only."""
        depth, height, width = self.spacing
        times = np.arange(self.phases) * ASSUMED_PERIOD_MS / self.phases
        note = "Times are assumed: the file has none."
        cine = Cine(
            self.frames.astype(np.float32),
            np.diag([width, height, depth, 1.0]),
            times,
            ASSUMED_PERIOD_MS,
            Source(path=self.name, notes=(note,)),
        )
        labels = np.full(cine.shape, NOT_LABELLED, np.uint8)
        labels[[self.ed, self.es]] = self.labels[:, *self.box]
        return LabelledCine(self.name, cine, labels, self.group)

    def cropped_ends(self) -> LabelledCine:
        """Return the crop at ED (phase 0) and ES (phase 1), the same frames as in `cropped`."""
        whole = self.cropped()
        both = [self.ed, self.es]
        cine = Cine(
            whole.cine.array[both],
            whole.cine.affine,
            np.array([0.0, ASSUMED_ES_MS]),
            ASSUMED_PERIOD_MS,
            whole.cine.source,
        )
        return LabelledCine(self.name, cine, whole.labels[both], whole.group)

    def whole_ends(self) -> LabelledCine:
        """Return the whole images at ED (phase 0) and ES (phase 1), with the spacing of the original files."""
        depth, height, width = self.spacing
        cine = Cine(
            self.images.astype(np.float32),
            np.diag([width, height, depth, 1.0]),
            np.array([0.0, ASSUMED_ES_MS]),
            ASSUMED_PERIOD_MS,
            Source(path=self.name),
        )
        return LabelledCine(self.name, cine, self.labels, self.group)

    @property
    def group(self) -> str:
        """Diagnosis group."""
        return GROUPS[(int(self.name.removeprefix("patient")) - 1) // PATIENTS_PER_GROUP]


def acdc_beats(root: Path | None = None, split: Split = "validation") -> Iterator[Beat]:
    """Return the patients of one split in order of their number, otherwise as `medvos_lab.datasets.acdc.acdc_cases`.

    Raises
    ------
    InputError: the data folder is not there, there is no such split, or PyAV is not installed.

    Example
    -------
    >>> next(acdc_beats(split="validation")).cropped().cine.shape
    (28, 7, 95, 100)
    """
    if split not in ("training", "validation", "all"):
        raise InputError(f"ACDC has no split '{split}'; choose training, validation or all.")
    folder, labelled = dataset_folder(root, "acdc_4d"), dataset_folder(root, "acdc")
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    spacing = voxel_sizes(labelled)
    names = [name for name in sorted(index) if split in ("all", split_of(Path(name)))]
    return (read_beat(folder / f"{name}.mp4", labelled, index[name], spacing[name]) for name in names)


def read_beat(path: Path, labelled: Path, entry: dict[str, Any], spacing: tuple[float, float, float]) -> Beat:
    """Read one patient from its video and its labelled images.

    Parameters
    ----------
    path: the video.
    labelled: folder of the ``.npz`` files with whole images and labels at ED and ES.
    entry: the patient's part of ``index.json``.
    spacing: (z, y, x) in mm.
    """
    rows, columns = entry["rows"], entry["columns"]
    height, width = rows[1] - rows[0], columns[1] - columns[0]
    frames = _decoded(path)[:, :height, :width].reshape(entry["slices"], entry["phases"], height, width)
    with np.load(labelled / f"{path.stem}.npz") as file:
        images, labels = file["image"], file["label"]
    return Beat(
        path.stem,
        np.ascontiguousarray(frames.swapaxes(0, 1)),
        (entry["first_slice"], rows[0], columns[0]),
        images,
        labels.astype(np.uint8),
        entry["ED"],
        entry["ES"],
        spacing,
    )


def _decoded(path: Path) -> NDArray[np.uint8]:
    """Return the grey frames (N, Y, X) of a video."""
    try:
        import av
    except ImportError as error:
        raise InputError(needs("ACDC as videos", "av")) from error
    with av.open(str(path)) as video:
        return np.stack([frame.to_ndarray(format="gray") for frame in video.decode(video=0)])
