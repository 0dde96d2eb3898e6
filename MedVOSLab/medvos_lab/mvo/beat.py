"""A slice with an infarct through the beat: the healthy motion from ED to ES, reduced inside the infarct."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from medvos.synth.ejected_fraction import ejected_fraction
from medvos.synth.infarct_slice import InfarctSlice
from medvos_lab.motion.flow import FINE, displacement, follow, identity, look_up
from medvos_lab.mvo.heart_slices import HeartSlice


def phases(frames: int, rng: np.random.Generator) -> Tensor:
    """Return (T,) position between ED (0) and ES (1) of evenly spaced frames of a beat, the first at ED."""
    systole, diastasis = rng.uniform(0.3, 0.45), rng.uniform(0.12, 0.4)
    return torch.from_numpy(ejected_fraction(np.arange(frames) / frames, systole, diastasis).astype(np.float32))


def beating(heart: HeartSlice, infarct: InfarctSlice, fractions: Tensor, positions: Tensor) -> tuple[Tensor, Tensor]:
    """Blend frames from ED and ES, both first brought to ED and then carried along the infarcted motion.

    Parameters
    ----------
    heart: a slice.
    infarct: its maps at ED.
    fractions: (T,) of the way from ED to ES.
    positions: (H, W, 2) where the image is looked up, in half fields of the slice.

    Returns
    -------
    frames (T, H, W) in [0, 1], and maps (4, H, W) in [0, 1] at ED: wall, infarct, core, cavity.
    """
    t = len(fractions)
    velocity = torch.from_numpy(heart.velocity).float()[None]
    images = torch.from_numpy(heart.images).float()[:, None] / 255  # (2, 1, Y, X)
    side = images.shape[-1]
    es_at_ed = look_up(images[1:], follow(identity(side)[None], displacement(velocity, torch.ones(1))))
    gain = torch.from_numpy(infarct.gain)
    at_ed = torch.cat([images[:1], es_at_ed], 1) * gain  # (1, 2, Y, X)
    lost = F.interpolate(torch.from_numpy(infarct.lost)[None, None], (FINE, FINE), mode="area")
    fine = F.interpolate(velocity, (FINE, FINE), mode="bicubic", align_corners=False) * (1 - lost)
    moved = displacement(fine.expand(t, -1, -1, -1), -fractions)
    both = look_up(at_ed.expand(t, -1, -1, -1), follow(positions[None].expand(t, -1, -1, -1), moved))  # (T, 2, H, W)
    # Sharper than the fraction itself, so that few frames show both ends at half their contrast.
    weight = (fractions**2 / (fractions**2 + (1 - fractions) ** 2))[:, None, None]
    frames = (1 - weight) * both[:, 0] + weight * both[:, 1]
    drawn = np.stack([heart.ring.wall, infarct.infarct, infarct.core, heart.labels[0] == 3]).astype(np.float32)
    return frames, look_up(torch.from_numpy(drawn)[None], positions[None])[0]
