"""ST-Mamba (Yang et al. 2024): tokens of a clip scanned through time and space, each order with its own parameters."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from medvos.models.vivim.config import Scan
from medvos.models.vivim.scan import selective_scan

_KERNEL = 4  # of the causal convolution
_STEP = (1e-3, 0.1)  # initial step sizes, spread evenly over their logarithm (Gu & Dao 2023)


class StateSpace(nn.Module):
    """One selective state space: causal convolution, parameters that follow from each token, scan."""

    def __init__(self, width: int, states: int) -> None:
        super().__init__()
        self.states = states
        self.rank = math.ceil(width / 32)
        self.causal = nn.Conv2d(width, width, (_KERNEL, 1), padding=(_KERNEL - 1, 0), groups=width)
        self.select = nn.Linear(width, self.rank + 2 * states, bias=False)
        self.step = nn.Linear(self.rank, width)
        self.log_rates = nn.Parameter(torch.arange(1.0, states + 1).log().repeat(width, 1))
        self.skip = nn.Parameter(torch.ones(width))
        nn.init.uniform_(self.step.weight, -(self.rank**-0.5), self.rank**-0.5)
        low, high = (math.log(step) for step in _STEP)
        steps = torch.exp(torch.rand(width) * (high - low) + low)
        with torch.no_grad():
            self.step.bias.copy_(steps + torch.log(-torch.expm1(-steps)))  # inverse of softplus

    def _after_convolution(self, x: Tensor) -> Tensor:
        """Return the causal convolution of tokens (L, B, E): as sums, which are faster than its layer."""
        padded = F.pad(x, (0, 0, 0, 0, _KERNEL - 1, 0))
        y: Tensor = self.causal.bias  # type: ignore[assignment]
        for shift, weight in enumerate(self.causal.weight[:, 0, :, 0].unbind(1)):
            y = torch.addcmul(y, padded[shift : shift + len(x)], weight)
        return y

    def forward(self, x: Tensor) -> Tensor:
        """Return tokens (B, L, E), each from itself and those before it."""
        x = F.silu(self._after_convolution(x.transpose(0, 1)))  # (L, B, E)
        step, b, c = self.select(x).split([self.rank, self.states, self.states], -1)
        y = selective_scan(x, F.softplus(self.step(step)), -self.log_rates.exp(), b, c)
        return (y + self.skip * x).transpose(0, 1)


class StMamba(nn.Module):
    """(B, T, H, W, C) -> the same: a state space for each order of the tokens, their mean gated and projected.

    ``forward`` goes through (t, y, x), ``backward`` the other way round, and ``spatial`` from pixel to pixel, each
    through all of its time.
    """

    def __init__(self, channels: int, states: int, expand: int, scans: tuple[Scan, ...]) -> None:
        super().__init__()
        width = expand * channels
        self.enter = nn.Linear(channels, 2 * width, bias=False)
        self.scans = scans
        self.spaces = nn.ModuleList(StateSpace(width, states) for _ in scans)
        self.leave = nn.Linear(width, channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        inner, gate = self.enter(x).chunk(2, -1)
        found = (self._scanned(scan, space, inner) for scan, space in zip(self.scans, self.spaces, strict=True))
        # The mean rather than the sum, so that a layer with fewer scans has the same range.
        return self.leave(sum(found) / len(self.scans) * F.silu(gate))

    @staticmethod
    def _scanned(scan: Scan, space: nn.Module, x: Tensor) -> Tensor:
        if scan == "spatial":
            x = x.permute(0, 2, 3, 1, 4)
        shape = x.shape[1:4]
        tokens = x.flatten(1, 3)
        y = space(tokens.flip(1)).flip(1) if scan == "backward" else space(tokens)
        y = y.unflatten(1, shape)
        return y.permute(0, 3, 1, 2, 4) if scan == "spatial" else y
