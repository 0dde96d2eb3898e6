"""The affine constraint: how predicted contours would have to be moved to lie on the drawn ones.

A small network learns beforehand, from drawn contours and random transforms of them, to tell the transform (after
InverseForm, Borse et al. 2021). In training it judges the predicted contours; its own weights no longer change.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SIDE = 32
WIDTH, HIDDEN = 24, 128
STEPS, BATCH, RATE = 3000, 64, 3e-3
TURN, SIZE, SHEAR, SHIFT = 0.3, 0.15, 0.1, 0.15  # standard deviations; radians, logarithm, 1, half fields
CONTOUR_GAIN = 4.0  # a contour is thin, and its pixels mostly 0


class AffineNet(nn.Module):
    """Two contour maps -> the (2, 3) transform that takes the one to the other.

    The paper's is a perceptron on all pixels. Four convolutions before it tell turns apart that it takes for none.
    """

    def __init__(self) -> None:
        super().__init__()
        widths = (2, WIDTH, 2 * WIDTH, 2 * WIDTH, 2 * WIDTH)
        convolutions = [
            part for c_in, c_out in pairwise(widths) for part in (nn.Conv2d(c_in, c_out, 3, 2, 1), nn.ReLU())
        ]
        places = (SIDE // 16) ** 2
        last = nn.Linear(HIDDEN, 6)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.layers = nn.Sequential(
            *convolutions, nn.Flatten(), nn.Linear(widths[-1] * places, HIDDEN), nn.ReLU(), last
        )

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the transforms (B, 2, 3) between contour maps (B, H, W) in [0, 1]."""
        seen = F.adaptive_avg_pool2d(torch.stack([first, second], 1), SIDE)
        return identity(first) + self.layers(CONTOUR_GAIN * seen).unflatten(1, (2, 3))

    def distance(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the mean Frobenius norm of the transform's difference from the identity."""
        return torch.linalg.matrix_norm(self(first, second) - identity(first)).mean()


def identity(like: Tensor) -> Tensor:
    """Return the transform (2, 3) that changes nothing."""
    return torch.eye(2, 3, device=like.device, dtype=like.dtype)


def pretrained_affine(contours: Tensor) -> AffineNet:
    """Train the constraint on (N, H, W) contour maps and freeze its weights."""
    probability = torch.Generator().manual_seed(0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = AffineNet()
    optimiser = torch.optim.AdamW(network.parameters())
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=max(STEPS, 2))
    for _ in range(STEPS):
        first, second, transform = transformed(contours, BATCH, probability)
        loss = F.mse_loss(network(first, second), transform)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rates.step()
    return network.requires_grad_(False).eval()


def kept_affine(contours: Tensor, cache: Path) -> AffineNet:
    """Return `pretrained_affine` of these contours, trained once and kept in a folder."""
    # Of the contours' number and sum: other studies give another constraint.
    path = cache / f"affine-{len(contours)}-{float(contours.sum()):.0f}-{STEPS}.pt"
    network = AffineNet()
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        torch.save(pretrained_affine(contours).state_dict(), partial)
        partial.replace(path)
    network.load_state_dict(torch.load(path, weights_only=True))
    return network.requires_grad_(False).eval()


@torch.no_grad()
def errors(network: AffineNet, contours: Tensor, count: int = 1000) -> tuple[float, float]:
    """Return the mean squared error of the transforms that the network tells, and that of telling none.

    >>> errors(pretrained_affine(contours), others)  # doctest: +SKIP
    (0.015, 0.048)
    """
    first, second, transform = transformed(contours, count, torch.Generator().manual_seed(1))
    none = identity(first).expand_as(transform)
    return float(F.mse_loss(network(first, second), transform)), float(F.mse_loss(none, transform))


def transformed(contours: Tensor, count: int, probability: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Return random contours (B, 32, 32), moved as hearts differ, the same moved further, and the transforms."""
    seen = contours[torch.randint(len(contours), (count,), generator=probability)]
    seen = F.adaptive_avg_pool2d(seen[:, None], SIDE)
    first = _moved(seen, _random_transforms(count, probability))
    transform = _random_transforms(count, probability)
    return first[:, 0], _moved(first, transform)[:, 0], transform


def _moved(maps: Tensor, transforms: Tensor) -> Tensor:
    grid = F.affine_grid(transforms, list(maps.shape), align_corners=False)
    return F.grid_sample(maps, grid, align_corners=False)


def _random_transforms(count: int, probability: torch.Generator) -> Tensor:
    turn, size, shear, *shift = (torch.randn(count, generator=probability) for _ in range(5))
    turn, size, shear = TURN * turn, (SIZE * size).exp(), SHEAR * shear
    cos, sin = turn.cos() * size, turn.sin() * size
    rows = [
        torch.stack([cos, shear - sin, SHIFT * shift[0]], -1),
        torch.stack([sin + shear, cos, SHIFT * shift[1]], -1),
    ]
    return torch.stack(rows, 1)
