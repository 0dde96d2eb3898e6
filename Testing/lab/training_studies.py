"""Hand-made studies that the tests of training share."""

from __future__ import annotations

import numpy as np
from tiny_network import heart_slice

from medvos.structures import LV, MYO, RV
from medvos_lab.studies import Study


def a_study(
    phases: int = 2,
    slices: int = 8,
    source: str = "acdc",
    structures: tuple[int, ...] = (RV, MYO, LV),
    side: int = 72,
) -> Study:
    """Every frame of `phases` x `slices`; its grey is its number, more where labelled; the last slice is empty."""
    grid = np.meshgrid(np.arange(phases), np.arange(slices), indexing="ij")
    phase, z = (axis.ravel() for axis in grid)
    heart = heart_slice(side)
    labels = np.stack([np.where(np.isin(heart, structures), heart, 0).astype(np.uint8)] * len(phase))
    labels[z == slices - 1] = 0
    images = (np.arange(len(phase), dtype=np.uint8) + 1)[:, None, None] + labels * np.uint8(60)
    return Study(images, labels, phase, z, structures, 1.0, source)


def a_cavity_study() -> Study:
    """The LV alone, in three slices of two phases that are not neighbours."""
    whole = a_study(structures=(LV,), source="sunnybrook")
    kept = np.isin(whole.slices, (1, 2, 4))
    return Study(
        whole.images[kept], whole.labels[kept], whole.phases[kept], whole.slices[kept], (LV,), 1.0, "sunnybrook"
    )
