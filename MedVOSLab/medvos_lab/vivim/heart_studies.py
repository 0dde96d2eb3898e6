"""Studies prepared for clips: the centre of the heart, and the motion of each slice from ED to ES."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.structures import LV
from medvos_lab.augment import box_centre, sample_frame
from medvos_lab.datasets.echonet import EchoPairs
from medvos_lab.motion.registration import register
from medvos_lab.studies import Study

SIDE = 128  # pixels of the square in which the motion is estimated


@dataclass(frozen=True)
class Heart:
    """
    Attributes
    ----------
    study: its labelled frames.
    centre: (x, y) of the heart in native pixels.
    velocities: slice to (2, 14, 14) that takes ED to ES (`medvos_lab.motion.flow`), over `SIDE` network pixels round
        the centre; only slices of two phases that show the LV in both.
    """

    study: Study
    centre: NDArray[np.float64]
    velocities: dict[int, NDArray[np.float16]]

    @property
    def reach(self) -> float:
        """Half of the velocities' field in native pixels."""
        return SIDE / 2 * self.study.scale


def load_hearts(studies: Iterable[Study], cache: Path) -> list[Heart]:
    """Return the studies with their motion, which is computed once and kept in ``cache``."""
    known = list(studies)
    moving = [(n, z) for n, study in enumerate(known) for z in _moving_slices(study)]
    centres = [_centre(study) for study in known]
    path = cache / f"cine-paths-{len(moving)}.npy"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        found = register(_pairs(known, centres, moving)) if moving else np.empty((0, 2, 14, 14), np.float16)
        with partial.open("wb") as file:
            np.save(file, found)
        partial.replace(path)
    velocities: list[dict[int, NDArray[np.float16]]] = [{} for _ in known]
    for (n, z), velocity in zip(moving, np.load(path), strict=True):
        velocities[n][z] = velocity
    return [Heart(*parts) for parts in zip(known, centres, velocities, strict=True)]


def _centre(study: Study) -> NDArray[np.float64]:
    """Return the centre of the frame that shows most of the heart."""
    return box_centre(study.labels[(study.labels > 0).sum((1, 2)).argmax()])


def _moving_slices(study: Study) -> list[int]:
    if len(np.unique(study.phases)) != 2 or study.source != "acdc":
        return []
    return [
        z
        for z in np.unique(study.slices).tolist()
        if all((study.labels[i] == LV).any() for i in np.flatnonzero(study.slices == z))
    ]


def _pairs(studies: list[Study], centres: list[NDArray[np.float64]], moving: list[tuple[int, int]]) -> EchoPairs:
    """Return ED and ES of each moving slice round the heart."""
    ticks = (torch.arange(SIDE) - (SIDE - 1) / 2).float()
    base = torch.stack(torch.meshgrid(ticks, ticks, indexing="xy"), -1)
    images, masks = [], []
    for n, z in moving:
        study = studies[n]
        grid = base * study.scale + torch.from_numpy(centres[n]).float()
        frames = np.flatnonzero(study.slices == z)
        frames = frames[np.argsort(study.phases[frames])]
        seen = [sample_frame(study.images[[i] * 3], study.labels[i], grid) for i in frames]
        images.append(np.stack([(image[0] * 255).numpy().astype(np.uint8) for image, _ in seen]))
        masks.append(np.stack([(label == LV).numpy() for _, label in seen]))
    return EchoPairs(np.stack(images), np.stack(masks))
