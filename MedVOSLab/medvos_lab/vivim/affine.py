"""The affine constraint: how predicted contours would have to be moved to lie on the drawn ones.

A small network learns beforehand, from drawn contours and random transforms of them, to tell the transform (after
InverseForm, Borse et al. 2021). In training it judges the predicted contours; its own weights no longer change.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SIDE = 32
WIDTH = 128
STEPS, BATCH, RATE = 400, 64, 1e-3
TURN, SIZE, SHEAR, SHIFT = 0.3, 0.15, 0.1, 0.15  # standard deviations; radians, logarithm, 1, half fields


class AffineNet(nn.Module):
    """Two contour maps -> the (2, 3) transform that takes the one to the other."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2 * SIDE * SIDE, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 6)
        )

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the transforms (B, 2, 3) between contour maps (B, H, W) in [0, 1]."""
        seen = [F.adaptive_avg_pool2d(maps[:, None], SIDE).flatten(1) for maps in (first, second)]
        return identity(first) + self.layers(torch.cat(seen, 1)).unflatten(1, (2, 3))

    def distance(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the mean Frobenius norm of the transform's difference from the identity."""
        return torch.linalg.matrix_norm(self(first, second) - identity(first)).mean()


def identity(like: Tensor) -> Tensor:
    """Return the transform (2, 3) that changes nothing."""
    return torch.eye(2, 3, device=like.device, dtype=like.dtype)


def pretrained_affine(contours: Tensor) -> AffineNet:
    """Train the constraint on (N, H, W) contour maps and freeze its weights."""
    network = AffineNet()
    optimiser = torch.optim.Adam(network.parameters(), RATE)
    probability = torch.Generator().manual_seed(0)
    for _ in range(STEPS):
        seen = contours[torch.randint(len(contours), (BATCH,), generator=probability)]
        transform = _random_transforms(BATCH, probability)
        grid = F.affine_grid(transform, [BATCH, 1, *seen.shape[1:]], align_corners=False)
        moved = F.grid_sample(seen[:, None], grid, align_corners=False)[:, 0]
        loss = F.mse_loss(network(seen, moved), transform)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network.requires_grad_(False).eval()


def _random_transforms(count: int, probability: torch.Generator) -> Tensor:
    turn, size, shear, *shift = (torch.randn(count, generator=probability) for _ in range(5))
    turn, size, shear = TURN * turn, (SIZE * size).exp(), SHEAR * shear
    cos, sin = turn.cos() * size, turn.sin() * size
    rows = [
        torch.stack([cos, shear - sin, SHIFT * shift[0]], -1),
        torch.stack([sin + shear, cos, SHIFT * shift[1]], -1),
    ]
    return torch.stack(rows, 1)
