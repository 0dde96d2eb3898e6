"""Stages of the Mix Transformer, SegFormer's encoder (Xie et al. 2021)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

_EPS = 1e-6
_RATIO = 4  # of the feed-forward


class OverlapPatchEmbedding(nn.Module):
    """(B, C, H, W) -> (B, H', W', C'): a strided convolution whose windows overlap, and a normalisation."""

    def __init__(self, c_in: int, c_out: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.project = nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2)
        self.norm = nn.LayerNorm(c_out)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.project(x).permute(0, 2, 3, 1))


class ReducedAttention(nn.Module):
    """(B, H, W, C) -> the same: self-attention whose keys and values come from a coarser image."""

    def __init__(self, channels: int, heads: int, reduction: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(channels, channels)
        self.key_value = nn.Linear(channels, 2 * channels)
        self.leave = nn.Linear(channels, channels)
        self.reduce = nn.Conv2d(channels, channels, reduction, reduction) if reduction > 1 else None
        self.norm = nn.LayerNorm(channels) if reduction > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        seen = x
        if self.reduce is not None and self.norm is not None:
            seen = self.norm(self.reduce(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1))
        query = self.query(x).flatten(1, 2).unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (B, heads, L, C / heads)
        both = self.key_value(seen).flatten(1, 2).unflatten(-1, (2, self.heads, -1))
        key, value = both.permute(2, 0, 3, 1, 4)
        found = F.scaled_dot_product_attention(query, key, value)
        return self.leave(found.transpose(1, 2).flatten(2).reshape(x.shape))


class MixFeedForward(nn.Module):
    """(B, H, W, C) -> the same: an MLP with a depthwise 3 x 3 convolution in its middle."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        width = _RATIO * channels
        self.widen = nn.Linear(channels, width)
        self.mix = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.narrow = nn.Linear(width, channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.mix(self.widen(x).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return self.narrow(F.gelu(y))


class MitBlock(nn.Module):
    """(B, H, W, C) -> the same: attention and feed-forward, each normalised and residual."""

    def __init__(self, channels: int, heads: int, reduction: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(channels, _EPS)
        self.attention = ReducedAttention(channels, heads, reduction)
        self.norm2 = nn.LayerNorm(channels, _EPS)
        self.feed_forward = MixFeedForward(channels)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.feed_forward(self.norm2(x))


class MitStage(nn.Module):
    """(B, C, H, W) -> (B, C', H', W')."""

    def __init__(self, c_in: int, c_out: int, stride: int, depth: int, heads: int, reduction: int) -> None:
        super().__init__()
        kernel = 7 if stride == 4 else 3
        self.embed = OverlapPatchEmbedding(c_in, c_out, kernel, stride)
        self.blocks = nn.Sequential(*(MitBlock(c_out, heads, reduction) for _ in range(depth)))
        self.norm = nn.LayerNorm(c_out, _EPS)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.blocks(self.embed(x))).permute(0, 3, 1, 2)
