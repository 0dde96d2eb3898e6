"""Clips of one slice through the beat: real phases, or frames on the path between ED and ES."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from medvos_lab.augment import Sample, affine, context, displacement, sample_frame
from medvos_lab.motion.flow import displacement as carried
from medvos_lab.motion.flow import follow
from medvos_lab.vivim.heart_studies import Heart

# The image is centred by what moves, or by what was found at a first look; the network meets both.
FIRST_LOOK = 0.4
OFF_CENTRE, SIZE = (4.0, 14.0), 0.12  # network pixels at the second and the first look; logarithm of the size
FRAMES_A_BEAT = (6.0, 30.0)
CLASSES = 4


def sample_clip(heart: Heart, frames: int, side: int, rng: np.random.Generator) -> Sample:
    """Sample a random slice of a heart, placed at random, at several phases in their order.

    Where the heart has fewer real phases than the clip has frames, those on the path from ED to ES and back are made;
    without a path, phases are repeated.
    """
    study = heart.study
    z = int(rng.choice(np.unique(study.slices)))
    grid = _placement(heart, side, rng)
    flip, drop = rng.random() < 0.5, rng.random() < 0.15
    real = np.flatnonzero(study.slices == z)
    real = real[np.argsort(study.phases[real])]
    if frames > len(real) and z in heart.velocities:
        stacks = [study.images[context(study, int(i), flip, drop)] for i in real]
        return _on_the_path(heart, z, stacks, study.labels[real], grid, _fractions(frames, rng))
    chosen = np.sort(rng.choice(len(real), frames, replace=frames > len(real)))
    chosen = np.roll(chosen, rng.integers(frames))
    seen = [sample_frame(study.images[context(study, int(i), flip, drop)], study.labels[i], grid) for i in real[chosen]]
    images, labels = zip(*seen, strict=True)
    return Sample(torch.stack(images), torch.stack(labels))


def _placement(heart: Heart, side: int, rng: np.random.Generator) -> Tensor:
    """Return (H, W, 2) native pixel positions (x, y) of the image's pixels."""
    first = rng.random() < FIRST_LOOK
    scale = heart.study.scale * (np.exp(rng.normal(0, SIZE)) if first else 1)
    ticks = (torch.arange(side) - (side - 1) / 2).float()
    base = torch.stack(torch.meshgrid(ticks, ticks, indexing="xy"), -1) + displacement(side, rng) * side / 2
    matrix = torch.from_numpy((affine(rng, strong=True) * scale).astype(np.float32))
    centre = heart.centre + rng.normal(0, OFF_CENTRE[first] * scale, 2)
    return base @ matrix.T + torch.from_numpy(centre.astype(np.float32))


def _fractions(frames: int, rng: np.random.Generator) -> Tensor:
    """Return (T,) positions between ED (0) and ES (1) of the frames of a random stretch of the beat."""
    angle = rng.uniform(0, 2 * np.pi) + np.arange(frames) * 2 * np.pi / rng.uniform(*FRAMES_A_BEAT)
    return torch.from_numpy(((1 - np.cos(angle)) / 2).astype(np.float32))


def _on_the_path(
    heart: Heart,
    z: int,
    stacks: list[NDArray[np.uint8]],
    labels: NDArray[np.uint8],
    grid: Tensor,
    fractions: Tensor,
) -> Sample:
    """Blend frames from ED and ES, each carried along the path to the frame's phase."""
    t = len(fractions)
    velocity = torch.from_numpy(heart.velocities[z]).float()[None].expand(t, -1, -1, -1)
    centre = torch.from_numpy(heart.centre).float()
    places = ((grid - centre) / heart.reach)[None].expand(t, -1, -1, -1)
    ends = []
    for stack, drawn, fraction in zip(stacks, labels, (-fractions, 1 - fractions), strict=True):
        where = follow(places, carried(velocity, fraction)) * heart.reach + centre  # (T, H, W, 2)
        seen = [sample_frame(stack, drawn, frame_grid) for frame_grid in where]
        images = torch.stack([image for image, _ in seen])
        masks = F.one_hot(torch.stack([label for _, label in seen]), CLASSES).float()
        ends.append((images, masks))
    # Sharper than the fraction itself, so that few frames show both ends at half their contrast.
    weight = (fractions**2 / (fractions**2 + (1 - fractions) ** 2))[:, None, None, None]
    (ed, ed_masks), (es, es_masks) = ends
    return Sample((1 - weight) * ed + weight * es, ((1 - weight) * ed_masks + weight * es_masks).argmax(-1))
