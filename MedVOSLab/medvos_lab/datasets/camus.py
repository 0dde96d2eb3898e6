"""CAMUS (Leclerc et al. 2019): apical 4-chamber echo at ED and ES, with LV cavity, LV myocardium and left atrium."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.propagation.region import Region
from medvos.segmentation.sector_region import region_of_sector
from medvos.structures import LA, LV, MYO
from medvos_lab.datasets.echonet import EchoPairs, Split
from medvos_lab.datasets.root import dataset_folder

NAMES: dict[Split, str] = {"training": "train", "validation": "valid"}  # of the splits, in the index
NUMBERS = {1: LV, 2: MYO, 3: LA}  # labels of the data set, as they are called here
BLACK = 8  # grey values that JPEG leaves outside the sector


@dataclass(frozen=True)
class CamusStudy:
    """ED and ES (in this order in dimension 0) of one study.

    Attributes
    ----------
    name: of the study.
    images: (2, Y, X) uint8 grey values.
    labels: (2, Y, X) uint8, numbers as in `medvos.structures`.
    pixel: mm along both axes.
    """

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    pixel: float

    def region(self, side: int) -> Region:
        """Return the square that an echo network of this side is given, as `medvos segment` chooses it."""
        sector = (self.images > BLACK).any(0)
        # Single grains of JPEG outside the sector do not widen it.
        rows, columns = sector.sum(1) > 2, sector.sum(0) > 2
        return region_of_sector(rows[:, None] & columns[None], (self.pixel, self.pixel), side)


def camus_studies(root: Path | None = None, split: Split = "validation") -> Iterator[CamusStudy]:
    """Yield the studies of one split in the order of the index.

    Raises
    ------
    InputError: the data set is not there.
    """
    folder = dataset_folder(root, "camus")
    with (folder / "index.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == NAMES[split]]
    pixels = {row["file"].rpartition("_")[0]: float(row["pixel_mm"]) for row in rows}
    for name, pixel in pixels.items():
        images, drawn = (
            np.stack([_image(folder / f"{name}_{phase}{end}") for phase in ("ED", "ES")]) for end in (".jpg", ".png")
        )
        labels = np.zeros_like(drawn)
        for number, label in NUMBERS.items():
            labels[drawn == number] = label
        yield CamusStudy(name, images, labels, pixel)


def camus_pairs(root: Path | None = None, split: Split = "training", side: int = 112) -> EchoPairs:
    """Return the pairs of one split as an echo network of this side sees them.

    Raises
    ------
    InputError: the data set is not there.
    """
    images, labels = [], []
    for study in camus_studies(root, split):
        region = study.region(side)
        images.append(region.extract(torch.from_numpy(study.images)[:, None].float())[:, 0].round().byte().numpy())
        of_each = np.stack([study.labels == label for label in NUMBERS.values()], 1)
        labels.append(region.extract(torch.from_numpy(of_each).float()).numpy() > 0.5)
    masks = dict(zip(NUMBERS.values(), np.moveaxis(np.stack(labels), 2, 0), strict=True))
    return EchoPairs(np.stack(images), masks.pop(LV), masks)


def _image(path: Path) -> NDArray[np.uint8]:
    from skimage.io import imread

    return np.asarray(imread(path), np.uint8)
