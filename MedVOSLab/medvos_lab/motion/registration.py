"""Registration of ED with ES by grey values and the drawn structures: the velocity that takes one to the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from torch import Tensor

from medvos_lab.datasets.echonet import EchoPairs
from medvos_lab.motion.flow import CONTROL, displacement, follow, identity, look_up

SIDE = 56  # finer than this there is nothing but speckle, which ED and ES do not share
BATCH = 60
STEPS = 60
STEP = 0.008  # half fields; a quarter of a pixel of SIDE
NEAR = 8.0  # pixels from the LV's border within which distances count
SMOOTHNESS = 8.0
OUTLINE_WEIGHT = 1.0


def register(pairs: EchoPairs) -> NDArray[np.float16]:
    """Return (N, 2, 14, 14) velocities in half fields that take each study's ED to its ES."""
    masks = np.stack(list(pairs.drawn.values()), 2)
    parts = [_register(pairs.images[i : i + BATCH], masks[i : i + BATCH]) for i in range(0, len(pairs), BATCH)]
    return np.concatenate(parts)


def registered(pairs: EchoPairs, cache: Path, name: str = "echonet") -> NDArray[np.float16]:
    """Return `register`'s velocities of the pairs of a data set, computed once and kept in a folder."""
    path = cache / f"{name}-paths-{len(pairs)}.npy"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            np.save(file, register(pairs))
        partial.replace(path)
    return np.load(path)


def _register(images: NDArray[np.uint8], masks: NDArray[np.bool_]) -> NDArray[np.float16]:
    """Register one batch by gradient descent on both directions at once."""
    ed, es = _maps(images, masks).unbind(1)
    velocity = torch.zeros(len(ed), 2, CONTROL, CONTROL, requires_grad=True)
    optimiser = torch.optim.Adam([velocity], lr=STEP)
    base = identity(SIDE).expand(len(ed), -1, -1, -1)
    whole = torch.ones(len(ed))
    for _ in range(STEPS):
        ed_at_es = look_up(ed, follow(base, displacement(velocity, -whole)))
        es_at_ed = look_up(es, follow(base, displacement(velocity, whole)))
        unlike = F.mse_loss(ed_at_es, es) + F.mse_loss(es_at_ed, ed)
        bent = velocity.diff(dim=2).square().mean() + velocity.diff(dim=3).square().mean()
        optimiser.zero_grad()
        # Times the batch, so that no study's share depends on how many there are.
        (len(ed) * (unlike + SMOOTHNESS * bent)).backward()
        optimiser.step()
    return velocity.detach().numpy().astype(np.float16)


def _maps(images: NDArray[np.uint8], masks: NDArray[np.bool_]) -> Tensor:
    """Return (N, 2, 1 + S, 56, 56): the smoothed image, and the signed distance to each structure's border up to 1.

    ``masks`` are (N, 2, S, Y, X).
    """
    grey = F.adaptive_avg_pool2d(torch.from_numpy(images).float() / 255, SIDE)
    grey = F.avg_pool2d(F.pad(grey, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    grey = (grey - grey.mean((2, 3), keepdim=True)) / (grey.std((2, 3), keepdim=True) + 0.05)
    fraction = F.adaptive_avg_pool2d(torch.from_numpy(masks.reshape(-1, *masks.shape[3:])).float(), SIDE).numpy() >= 0.5
    signed = np.stack([distance_transform_edt(mask) - distance_transform_edt(~mask) for mask in fraction])
    distance = torch.from_numpy(np.clip(signed / NEAR, -1, 1).astype(np.float32)).reshape(*masks.shape[:3], SIDE, SIDE)
    return torch.cat([0.5 * grey[:, :, None], OUTLINE_WEIGHT * distance], 2)
