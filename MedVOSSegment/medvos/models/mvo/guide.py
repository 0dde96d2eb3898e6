"""One level of the guided decoder: features of the frames attend to features of the differences between them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from medvos.models.blocks import ConvNormAct

NEAR = 2.0  # places; at the start a place looks no farther than this
NOWHERE = -1e4  # what fills up a window is not looked at


class TemporalConvolution(nn.Module):
    """(B, T, C, h, w) features of a beat -> (B, C', h, w) at its first frame.

    A convolution over three neighbouring frames, the last beside the first, whose mean over the beat is joined with the
    first frame's own features: that is where the mask is wanted.
    """

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.reduce = ConvNormAct(c_in, c_out, 1)
        self.mix = nn.Conv1d(c_out, c_out, 3)
        self.join = ConvNormAct(2 * c_out, c_out)

    def forward(self, features: Tensor) -> Tensor:
        b, t = features.shape[:2]
        reduced = self.reduce(features.flatten(0, 1)).unflatten(0, (b, t))  # (B, T, C', h, w)
        h, w = reduced.shape[-2:]
        places = reduced.permute(0, 3, 4, 2, 1).flatten(0, 2)  # (B * h * w, C', T)
        mixed = F.relu(self.mix(torch.cat([places[..., -1:], places, places[..., :1]], -1))).mean(-1)
        whole = mixed.unflatten(0, (b, h, w)).permute(0, 3, 1, 2)
        return self.join(torch.cat([reduced[:, 0], whole], 1))


class MotionAttention(nn.Module):
    """Cross-attention from (B, C', h, w) to every one of (B, T, C, h, w), summed over the frames, within windows.

    The sum is divided by T, so that any number of frames gives values of the same size. A bias that depends on how far
    two places of a window are from each other lets the network know where something moves.
    """

    between: Tensor  # (window^2, window^2) number of the bias of each pair of places

    def __init__(self, c_in: int, c_out: int, c_attention: int, window: int) -> None:
        super().__init__()
        self.window = window
        self.query = nn.Conv2d(c_out, c_attention, 1)
        self.key = nn.Conv2d(c_in, c_attention, 1)
        self.value = nn.Conv2d(c_in, c_out, 1)
        away = torch.arange(1 - window, window).float()
        self.bias = nn.Parameter(-(away[:, None] ** 2 + away**2) / (2 * NEAR**2))
        ticks = torch.arange(window)
        rows = ticks[:, None, None, None] - ticks[None, None, :, None] + window - 1
        cols = ticks[None, :, None, None] - ticks[None, None, None, :] + window - 1
        self.register_buffer("between", (rows * (2 * window - 1) + cols).flatten(0, 1).flatten(1, 2), persistent=False)

    def forward(self, asking: Tensor, motion: Tensor) -> Tensor:
        b, t = motion.shape[:2]
        size = asking.shape[-2:]
        flat = motion.flatten(0, 1)
        query = self._windows(self.query(asking))[:, None]  # (B * n, 1, window^2, Ck)
        key, value = (self._windows(f(flat)) for f in (self.key, self.value))  # (B * T * n, window^2, C)
        n = len(key) // (b * t)
        key, value = (part.unflatten(0, (b, t, n)).transpose(1, 2).flatten(0, 1) for part in (key, value))
        bias = self.bias.flatten()[self.between]  # (window^2, window^2)
        real = self._windows(asking.new_ones(b, 1, *size))[:, None, None, :, 0] > 0  # (B * n, 1, 1, window^2)
        bias = torch.where(real, bias, NOWHERE)
        read = F.scaled_dot_product_attention(query.expand(-1, t, -1, -1), key, value, attn_mask=bias)
        return self._image(read.mean(1), b, size)

    def _windows(self, x: Tensor) -> Tensor:
        """Cut (N, C, h, w) into windows (N * n, window^2, C), padded with 0 to a multiple of the window."""
        side = self.window
        h, w = (-(-size // side) for size in x.shape[-2:])
        x = F.pad(x, (0, w * side - x.shape[-1], 0, h * side - x.shape[-2]))
        x = x.unflatten(3, (w, side)).unflatten(2, (h, side))  # (N, C, h', side, w', side)
        return x.permute(0, 2, 4, 3, 5, 1).flatten(3, 4).flatten(0, 2)

    def _image(self, x: Tensor, b: int, size: torch.Size) -> Tensor:
        """Join windows (B * n, window^2, C) to (B, C, h, w)."""
        side = self.window
        h, w = (-(-length // side) for length in size)
        x = x.unflatten(1, (side, side)).unflatten(0, (b, h, w)).permute(0, 5, 1, 3, 2, 4)
        return x.flatten(4, 5).flatten(2, 3)[..., : size[0], : size[1]]


class Guide(nn.Module):
    """(B, T, C, h, w) of frames and of differences -> (B, C', h, w): Z-hat = F-hat + Z of the paper.

    Parameters
    ----------
    c_in: channels of the encoders.
    c_out: channels of the result.
    parts: what there is of ``static``, ``motion``, ``guided`` and ``convolved``; without attention to the differences,
        they go through a temporal convolution of their own in any case and are added.
    """

    def __init__(self, c_in: int, c_out: int, c_attention: int, window: int, parts: frozenset[str]) -> None:
        super().__init__()
        self.static = TemporalConvolution(c_in, c_out) if "static" in parts else None
        attends = "motion" in parts and {"guided", "static"} <= parts
        convolved = "motion" in parts and ("convolved" in parts or not attends)
        self.attention = MotionAttention(c_in, c_out, c_attention, window) if attends else None
        self.motion = TemporalConvolution(c_in, c_out) if convolved else None
        # Attention that nothing has taught yet drowns the convolution, which learns much faster.
        self.weight = nn.Parameter(torch.zeros(c_out, 1, 1)) if attends and convolved else None

    def forward(self, frames: Tensor | None, motion: Tensor | None) -> Tensor:
        found = []
        if self.static is not None and frames is not None:
            found.append(self.static(frames))
        if self.attention is not None and motion is not None:
            read = self.attention(found[0], motion)
            found.append(read if self.weight is None else self.weight * read)
        if self.motion is not None and motion is not None:
            found.append(self.motion(motion))
        return torch.stack(found).sum(0)
