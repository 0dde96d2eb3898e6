"""Slices of real and synthetic hearts, cut round the LV, with the motion that takes ED to ES."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.measure.segments import from_base_to_apex
from medvos.models.cstm.config import CSTM_COMPACT
from medvos.segmentation.wall_region import FIELD, region_of_wall
from medvos.septum import septum_of
from medvos.structures import LV, MYO
from medvos.wall_ring import Ring, ring_of
from medvos_lab.augment import sample_frame
from medvos_lab.datasets.acdc import acdc_cases
from medvos_lab.datasets.echonet import EchoPairs
from medvos_lab.folds import USUAL, Fold
from medvos_lab.motion.registration import register
from medvos_lab.studies import Study, study_of_cine, synthetic_studies

Split = Literal["training", "validation", "infarcted"]
# Files of the cache; the last has the training patients with a real infarct, whom a cross-validation judges too.
Kept = Literal["training", "validation", "infarcted", "infarcted-others"]

SIDE, NETWORK_SIDE = 112, 96  # pixels; the margin is for turning and moving the network's image
SYNTHETIC, MADE = 80, "synthetic"  # how many, and how their names begin
# The place of real infarcts is unknown, so their wall would be taught as healthy.
INFARCTED = "MINF"
LEAST_CAVITY, LEAST_WALL = 60, 200  # pixels; less is no ring
LV_DIAMETER_MM = 68.0  # outer, at end-diastole; it sets the scale, because ACDC's files have none
PIXEL_MM = FIELD * LV_DIAMETER_MM / NETWORK_SIDE


@dataclass(frozen=True)
class HeartSlice:
    """One slice at ED and ES (in this order), in a square round the LV.

    Attributes
    ----------
    patient: name of the heart in its data set.
    images: (2, 112, 112) uint8.
    labels: (2, 112, 112) uint8.
    velocity: (2, 14, 14) that takes ED to ES (`medvos_lab.motion.flow`).
    base_to_apex: position along the heart, from 0 base to 1 apex.
    septum: angle of its middle, in rad from the image's right towards its lower side; None if no slice shows it.
    """

    patient: str
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    velocity: NDArray[np.float16]
    base_to_apex: float
    septum: float | None = None

    @cached_property
    def ring(self) -> Ring:
        """The wall at ED; millimetres are those of a heart of typical size."""
        mm = (PIXEL_MM, PIXEL_MM)
        ring = ring_of(self.labels[0], mm, septum=self.septum)
        # Images are shown with the septum to the left, seen from the apex; some hearts lie otherwise.
        to_the_left = np.cos(ring.angle[:, :1]).mean() > 0
        return ring if to_the_left else ring_of(self.labels[0], mm, turn=-1, septum=self.septum)


def load_slices(data: Path | None, cache: Path, split: Split, fold: Fold = USUAL) -> list[HeartSlice]:
    """Load all slices of a split; their motion is computed once for all folds and kept in ``cache``.

    Validation has ACDC's patients of the fold, by default its usual validation patients. Training has the others and
    synthetic hearts. Patients with a real infarct are in neither; ``infarcted`` are those of the fold.

    Raises
    ------
    InputError: the data are not there.
    """
    if fold == USUAL:
        return _kept(data, cache, split)
    both: tuple[Kept, Kept] = ("infarcted", "infarcted-others") if split == "infarcted" else ("training", "validation")
    everyone = [part for kept in both for part in _kept(data, cache, kept)]
    real = sorted((part for part in everyone if not part.patient.startswith(MADE)), key=lambda part: part.patient)
    chosen = [part for part in real if fold.has(part.patient) == (split != "training")]
    return chosen + [part for part in everyone if part.patient.startswith(MADE) and split == "training"]


def _kept(data: Path | None, cache: Path, kept: Kept) -> list[HeartSlice]:
    """Load the slices of one file of the cache, which is made where it is missing."""
    path = cache / f"mvo-{kept}.npz"
    if not path.exists():
        found = list(_cut(data, cache, kept))
        names, images, labels, places = (np.stack(column) for column in zip(*found, strict=True))
        velocities = register(EchoPairs(images, labels == LV))
        cache.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            np.savez_compressed(file, names=names, images=images, labels=labels, velocities=velocities, levels=places)
        partial.replace(path)
    with np.load(path) as file:
        columns = [file[name] for name in ("names", "images", "labels", "velocities", "levels")]
    slices = [HeartSlice(str(n), i, m, v, float(place)) for n, i, m, v, place in zip(*columns, strict=True)]
    return [part for _, heart in groupby(slices, lambda part: part.patient) for part in with_septum(list(heart))]


def with_septum(heart: list[HeartSlice]) -> list[HeartSlice]:
    """Return the slices of one heart; a slice without RV takes the septum of the nearest slice that shows it."""
    septa = {part.base_to_apex: septum_of(part.labels[0], np.array([PIXEL_MM, PIXEL_MM])) for part in heart}
    seen = [place for place, septum in septa.items() if septum is not None]
    if not seen:
        return heart
    return [replace(part, septum=septa[min(seen, key=lambda place: abs(place - part.base_to_apex))]) for part in heart]


def _cut(
    data: Path | None, cache: Path, kept: Kept
) -> Iterator[tuple[str, NDArray[np.uint8], NDArray[np.uint8], float]]:
    for case in acdc_cases(data, "training" if kept in ("training", "infarcted-others") else "validation"):
        if (case.group == INFARCTED) == kept.startswith("infarcted"):
            yield from _slices(case.name, study_of_cine(case, "acdc", CSTM_COMPACT))
    if kept == "training":
        folder = cache / f"synthetic-{CSTM_COMPACT.region}-{CSTM_COMPACT.pixel_mm}"
        for number, study in enumerate(synthetic_studies(folder, SYNTHETIC, CSTM_COMPACT)):
            yield from _slices(f"{MADE}{number}", study)


def _slices(name: str, study: Study) -> Iterator[tuple[str, NDArray[np.uint8], NDArray[np.uint8], float]]:
    """Yield slices that show a ring at ED and at ES."""
    phases = np.unique(study.phases)
    cavity = [int((study.labels[study.phases == phase] == LV).sum()) for phase in phases]
    ed, es = phases[np.argmax(cavity)], phases[np.argmin(cavity)]
    at_ed = study.labels[study.phases == ed]
    region = region_of_wall(at_ed, NETWORK_SIDE)
    ticks = ((torch.arange(SIDE) + 0.5) / NETWORK_SIDE - SIDE / NETWORK_SIDE / 2 + 0.5) * region.height - 0.5
    grid = torch.stack(torch.meshgrid(ticks + region.x, ticks + region.y, indexing="xy"), -1)
    order = from_base_to_apex(at_ed)
    for place, z in enumerate(order):
        found = [study.frame(int(phase), z) for phase in (ed, es)]
        seen = [sample_frame(study.images[[i] * 3], study.labels[i], grid) for i in found if i is not None]
        images = np.stack([(image[0] * 255).numpy().astype(np.uint8) for image, _ in seen])
        labels = np.stack([label.numpy().astype(np.uint8) for _, label in seen])
        if ((labels == LV).sum((1, 2)) >= LEAST_CAVITY).all() and ((labels == MYO).sum((1, 2)) >= LEAST_WALL).all():
            yield name, images, labels, place / max(len(order) - 1, 1)
