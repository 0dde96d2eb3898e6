"""Three frames of a study as the network's input: geometry in one resampling, then the scanner's variation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from medvos_lab.studies import Study

STRUCTURE_COUNT = 3


@dataclass(frozen=True)
class Sample:
    """One triplet: ``images`` (3, 3, H, W) in [0, 1], frame by frame with its slice context; ``labels`` (3, H, W)."""

    images: Tensor
    labels: Tensor


def context(study: Study, index: int, flip: bool, drop: bool) -> list[int]:
    """Return the frames below, at and above; the frame itself replaces a missing neighbour."""
    if drop:
        return [index] * 3
    phase, z = int(study.phases[index]), int(study.slices[index])
    around = [study.frame(phase, z + step) for step in (-1, 0, 1)]
    filled = [index if i is None else i for i in around]
    return filled[::-1] if flip else filled


def displacement(side: int, rng: np.random.Generator) -> Tensor:
    """Return (side, side, 2) smooth random displacement in units of half the field."""
    strength = rng.uniform(0, 0.03)
    control = torch.from_numpy(rng.normal(0, strength, (1, 2, 5, 5)).astype(np.float32))
    return F.interpolate(control, (side, side), mode="bicubic", align_corners=True)[0].permute(1, 2, 0)


def affine(rng: np.random.Generator, strong: bool) -> NDArray[np.float64]:
    """Return (2, 2) random rotation, scaling, shear and mirroring; weak between frames of one heart."""
    turn = rng.uniform(-np.pi, np.pi) if strong and rng.random() < 0.3 else rng.normal(0, 0.3 if strong else 0.02)
    scale = np.exp(rng.normal(0, 0.1 if strong else 0.015))
    stretch = np.exp(rng.normal(0, 0.06 if strong else 0.01))
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = rotation @ np.diag([scale * stretch, scale / stretch])
    if strong and rng.random() < 0.3:
        matrix = matrix @ np.diag([-1, 1])
    return matrix


def box_centre(labels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return (x, y) centre of the box round all labels."""
    rows, cols = np.nonzero(labels)
    return np.array([(cols.min() + cols.max()) / 2, (rows.min() + rows.max()) / 2])


def sample_frame(stack: NDArray[np.uint8], labels: NDArray[np.uint8], grid: Tensor) -> tuple[Tensor, Tensor]:
    """Resample (3, Y, X) images and (Y, X) labels at ``grid`` (H, W, 2) given in native pixels (x, y)."""
    low = np.clip(grid.amin((0, 1)).int().numpy() - 1, 0, None)  # what is not looked at need not be converted
    high = np.maximum(grid.amax((0, 1)).int().numpy() + 3, low + 2)
    window = (slice(low[1], high[1]), slice(low[0], high[0]))
    stack, labels = stack[:, *window], labels[window]
    grid = grid - torch.from_numpy(low)
    rows, cols = labels.shape
    size = torch.tensor([cols, rows], dtype=torch.float32)
    normed = ((grid * 2 + 1) / size - 1)[None]
    masks = labels == np.arange(1, STRUCTURE_COUNT + 1, dtype=np.uint8)[:, None, None]
    maps = torch.from_numpy(np.concatenate([stack, masks * np.uint8(255)])).float()[None]
    sampled = F.grid_sample(maps, normed, mode="bilinear", align_corners=False)[0] / 255
    fractions = torch.cat([1 - sampled[3:].sum(0, keepdim=True), sampled[3:]])
    # The structures go last for argmax, which is several times faster along contiguous memory.
    return sampled[:3], fractions.movedim(0, -1).contiguous().argmax(-1)


def make_sample(study: Study, triplet: tuple[int, int, int], side: int, rng: np.random.Generator) -> Sample:
    """Crop, warp and jitter the triplet's frames with one shared and a small separate transform each."""
    ticks = (torch.arange(side) - (side - 1) / 2).float()
    base = torch.stack(torch.meshgrid(ticks, ticks, indexing="xy"), -1)  # (H, W, 2) region pixels from the centre
    shared, bend = affine(rng, strong=True), displacement(side, rng) * side / 2
    centre = box_centre(study.labels[triplet[0]]) + rng.normal(0, 5 * study.scale, 2)
    flip, drop = rng.random() < 0.5, rng.random() < 0.15
    images, labels = [], []
    for number, index in enumerate(triplet):
        # Slices come from different breath-holds; phases of one slice do not.
        moved = number > 0 and study.slices[index] != study.slices[triplet[0]]
        own = affine(rng, strong=False) if moved else np.eye(2)
        shift = rng.normal(0, 1.5 * study.scale, 2) if moved else np.zeros(2)
        matrix = torch.from_numpy((shared @ own * study.scale).astype(np.float32))
        offset = torch.from_numpy((centre + shift).astype(np.float32))
        grid = (base + bend) @ matrix.T + offset
        stack = study.images[context(study, index, flip, drop)]
        image, label = sample_frame(stack, study.labels[index], grid)
        images.append(image)
        labels.append(label)
    return Sample(torch.stack(images), torch.stack(labels))


@cache
def _scanner() -> Any:
    """Return the differences between scanners (TorchIO, Perez-Garcia et al. 2021) as a transform."""
    import torchio

    return torchio.Compose(
        [
            torchio.RandomBiasField(coefficients=0.4, order=2, p=0.25),
            torchio.RandomBlur(std=(0, 1.0), p=0.15),
            torchio.RandomGhosting(num_ghosts=(2, 5), axes=(0, 1), intensity=(0.1, 0.4), p=0.08),
            torchio.RandomNoise(std=(0, 0.06), p=0.25),
        ]
    )


def vary_grey(images: Tensor, rng: np.random.Generator) -> Tensor:
    """Return images (F, 3, H, W) in [0, 1] with another scanner's contrast, bias field, blur, ghosts and noise."""
    volume = images.flatten(0, 1).permute(1, 2, 0)[None]  # TorchIO wants (C, W, H, D)
    images = _scanner()(volume)[0].permute(2, 0, 1).unflatten(0, images.shape[:2])
    gamma, contrast, offset = np.exp(rng.normal(0, 0.25)), np.exp(rng.normal(0, 0.15)), rng.normal(0, 0.07)
    return ((images.clamp(0, 1) ** gamma - 0.5) * contrast + 0.5 + offset).clamp(0, 1)


def choose_structures(structures: Sequence[int], labels: Tensor, rng: np.random.Generator) -> list[int]:
    """Draw the structures of a sample: those in frame 0 of labels (F, H, W), at times only some of them (CSTM)."""
    seen = [label for label in structures if (labels[0] == label).any()]
    if len(seen) > 1 and rng.random() < 0.2:
        seen = sorted(rng.choice(seen, int(rng.integers(1, len(seen))), replace=False).tolist())
    return seen


def assign_slots(seen: list[int], slots: int, scatter: bool, rng: np.random.Generator) -> dict[int, int]:
    """Return label to slot: a structure's own slot, or any, so that unknown structures can be followed too."""
    if scatter or rng.random() < 0.08:
        return dict(zip(seen, rng.permutation(slots)[: len(seen)].tolist(), strict=True))
    return {label: label - 1 for label in seen}
