"""Training data in memory: the labelled frames of each patient."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.models.cstm.config import CstmConfig
from medvos.propagation.heart_region import region_of_seed
from medvos.propagation.intensity import grey_window
from medvos.propagation.region import Region
from medvos.structures import LV, MYO, RV
from medvos_lab.datasets import LabelledCine, acdc_cases, sunnybrook_edes
from medvos_lab.datasets.sunnybrook import ASSUMED_SPACING as SUNNYBROOK_SPACING
from medvos_lab.datasets.sunnybrook import LabelledFrames
from medvos_lab.processes import in_processes

SYNTHETIC_HEARTS, SYNTHETIC_PHASES = 200, 6
# Seeds from here on are for training; tests, benchmarks and the demo use small ones.
FIRST_TRAINING_HEART = 1_000_000


# Hearts with a high EF are few, and they are where propagation loses the LV at ES.
VIGOROUS_EF, VIGOROUS_WEIGHT = 0.65, 2.5


@dataclass(frozen=True)
class Study:
    """Labelled frames of one patient.

    Attributes
    ----------
    images: (N, Y, X) uint8, the grey window of the heart's region mapped to 0 to 255.
    labels: (N, Y, X) uint8.
    phases, slices: (N,) where each frame stands.
    structures: labels that were judged in this study; others are unknown, not absent.
    scale: native pixels to a pixel of the network.
    source: data set, for balanced sampling.
    known: (N, 4) bool by label, where ``structures`` were not judged in every frame; None: everywhere.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    phases: NDArray[np.int64]
    slices: NDArray[np.int64]
    structures: tuple[int, ...]
    scale: float
    source: str
    known: NDArray[np.bool_] | None = None

    def judged(self, frames: Sequence[int]) -> tuple[int, ...]:
        """Return the structures that were judged in each of these frames."""
        if self.known is None:
            return self.structures
        everywhere = np.all(self.known[list(frames)], axis=0)
        return tuple(label for label in self.structures if everywhere[label])

    def frame(self, phase: int, z: int) -> int | None:
        """Return index of the frame at this phase and slice, if there is one."""
        found = np.flatnonzero((self.phases == phase) & (self.slices == z))
        return int(found[0]) if len(found) else None


def ejection_fraction(study: Study) -> float:
    """Return the EF of the LV, 0 to 1, from slices that are labelled in every phase; 0 where there are none."""
    phases, slice_indices = np.unique(study.phases), np.unique(study.slices)
    frames = [[study.frame(phase, z) for z in slice_indices] for phase in phases]
    whole = [column for column in zip(*frames, strict=True) if None not in column]
    if not whole:
        return 0.0
    areas = (study.labels == LV).sum((1, 2))
    volumes = areas[np.array(whole, dtype=int)].sum(0)  # (T,)
    return 1 - float(volumes.min() / volumes.max()) if volumes.max() else 0.0


def study_weights(studies: list[Study]) -> NDArray[np.float64]:
    """Return how often each study is drawn from; the sum is 1."""
    weights = [VIGOROUS_WEIGHT if ejection_fraction(study) > VIGOROUS_EF else 1.0 for study in studies]
    return np.array(weights) / sum(weights)


def largest_seed(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the frame (Y, X) of (N, Y, X) with the most labelled pixels among those with the most structures."""
    counts = [(len(np.unique(frame)), int((frame > 0).sum())) for frame in labels]
    return labels[max(range(len(counts)), key=lambda i: counts[i])]


def _study(
    images: NDArray[np.float32],
    labels: NDArray[np.uint8],
    where: tuple[NDArray[np.int64], NDArray[np.int64]],
    spacing: tuple[float, float],
    structures: tuple[int, ...],
    source: str,
    config: CstmConfig,
) -> Study:
    region: Region = region_of_seed(largest_seed(labels), spacing, config.pixel_mm, config.region)
    low, high = grey_window(region.crop(torch.from_numpy(images)).numpy())
    grey = (np.clip((images - low) / (high - low), 0, 1) * 255).round().astype(np.uint8)
    return Study(grey, labels, where[0], where[1], structures, region.height / region.side, source)


def study_of_cine(case: LabelledCine, source: str, config: CstmConfig) -> Study:
    """Return a fully labelled cine as a study."""
    t, z, y, x = case.cine.shape
    phases, slices = (grid.ravel() for grid in np.meshgrid(np.arange(t), np.arange(z), indexing="ij"))
    images, labels = case.cine.array.reshape(-1, y, x), case.labels.reshape(-1, y, x)
    return _study(images, labels, (phases, slices), case.cine.spacing[1:], (RV, MYO, LV), source, config)


def study_of_frames(case: LabelledFrames, config: CstmConfig) -> Study:
    """Return single frames of which only the cavity was drawn as a study."""
    phases = np.searchsorted(np.unique(case.phases), case.phases)
    labels = case.cavity.astype(np.uint8) * LV
    where = (phases, case.slices)
    return _study(case.images.astype(np.float32), labels, where, SUNNYBROOK_SPACING[1:], (LV,), "sunnybrook", config)


def synthetic_studies(folder: Path, count: int, config: CstmConfig, workers: int = 1) -> Iterator[Study]:
    """Yield random synthetic hearts of ``SYNTHETIC_PHASES`` phases each.

    They are made once, by so many processes, and kept in ``folder``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [number for number in range(count) if not _heart(folder, number).exists()]
    for _ in in_processes(partial(_keep_synthetic, folder, config), missing, workers):
        pass
    for number in range(count):
        with np.load(_heart(folder, number)) as file:
            images, labels, phases, slices = (file[name] for name in ("images", "labels", "phases", "slices"))
            yield Study(images, labels, phases, slices, (RV, MYO, LV), float(file["scale"]), "synthetic")


def _heart(folder: Path, number: int) -> Path:
    return folder / f"heart{number:04d}.npz"


def _keep_synthetic(folder: Path, config: CstmConfig, number: int) -> None:
    path, study = _heart(folder, number), _synthetic_study(number, config)
    unfinished = path.with_suffix(f".{os.getpid()}.partial")  # several processes may make the same heart
    with unfinished.open("wb") as file:
        arrays = {name: getattr(study, name) for name in ("images", "labels", "phases", "slices", "scale")}
        np.savez_compressed(file, **arrays)
    unfinished.replace(path)


def _synthetic_study(number: int, config: CstmConfig) -> Study:
    from medvos.synth.acquisition import ScanGrid
    from medvos.synth.heart import synthetic_heart

    rng_seed = FIRST_TRAINING_HEART + number
    grid = ScanGrid.random(np.random.default_rng(rng_seed), SYNTHETIC_PHASES)
    heart = synthetic_heart(rng_seed, grid.shape, grid.spacing)
    return study_of_cine(LabelledCine(f"heart{number}", heart.cine, heart.labels, "synthetic"), "synthetic", config)


def load_studies(
    sources: tuple[str, ...], data: Path | None, cache: Path, config: CstmConfig, workers: int = 1
) -> list[Study]:
    """Load all training studies of the named sources: ``acdc``, ``sunnybrook``, ``synthetic``.

    Synthetic hearts that ``cache`` lacks are made by so many processes.

    ACDC's validation patients and the two Sunnybrook patients with whole cines are never among them.
    """
    studies: list[Study] = []
    if "acdc" in sources:
        studies += [study_of_cine(case, "acdc", config) for case in acdc_cases(data, "training")]
    if "sunnybrook" in sources:
        studies += [study_of_frames(case, config) for case in sunnybrook_edes(data)]
    if "synthetic" in sources:
        # Scale and grey window of a study depend on the region that the network sees.
        folder = cache / f"synthetic-{config.region}-{config.pixel_mm}"
        studies += synthetic_studies(folder, SYNTHETIC_HEARTS, config, workers)
    return studies
