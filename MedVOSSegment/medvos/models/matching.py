"""Reading values from memory: every pixel with every pixel (STCN), or inside the best patches (CSTM).

Shapes: B frames, T memory entries, (h, w) the feature map; keys have Ck channels, values Cv. Values may be those of
several structure groups stacked in Cv: one affinity serves all of them.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def affinity(query: Tensor, memory: Tensor) -> Tensor:
    """Return negative squared distance without the query's own norm, which the softmax over memory cancels.

    Parameters
    ----------
    query: (..., Q, Ck).
    memory: (..., M, Ck).

    Returns
    -------
    (..., Q, M): ``(2 q.k - |k|^2) / sqrt(Ck)`` (STCN, equation 3).
    """
    return (2 * query @ memory.transpose(-1, -2) - memory.square().sum(-1).unsqueeze(-2)) / math.sqrt(query.shape[-1])


def dense_readout(query: Tensor, keys: Tensor, values: Tensor, top_k: int | None = None) -> Tensor:
    """Read values by a softmax over all memory pixels (STCN).

    Parameters
    ----------
    query: (B, Ck, h, w).
    keys: (B, T, Ck, h, w).
    values: (B, T, Cv, h, w).
    top_k: keep only so many memory pixels for each query pixel (20 in STCN's inference).

    Returns
    -------
    (B, Cv, h, w).
    """
    b, _, h, w = query.shape
    q = query.flatten(2).transpose(1, 2)  # (B, hw, Ck)
    k = keys.permute(0, 1, 3, 4, 2).flatten(1, 3)  # (B, T*h*w, Ck)
    v = values.permute(0, 1, 3, 4, 2).flatten(1, 3)  # (B, T*h*w, Cv)
    weights = affinity(q, k)
    if top_k is not None and top_k < weights.shape[-1]:
        best, where = weights.topk(top_k, dim=-1)
        weights = torch.zeros_like(weights).scatter_(-1, where, best.softmax(-1))
    else:
        weights = weights.softmax(-1)
    return (weights @ v).transpose(1, 2).reshape(b, -1, h, w)


def _patch_count(size: int, patch: int) -> int:
    """Return the number of patches of ``patch`` at half-overlap that cover ``size``; the last may exceed the edge."""
    step = patch // 2
    return max(math.ceil((size - patch) / step), 0) + 1


def _to_patches(maps: Tensor, patch: int) -> Tensor:
    """Cut (B, C, h, w) into overlapping patches (B, N, patch*patch, C); beyond the edge the border is repeated."""
    b, c, h, w = maps.shape
    step = patch // 2
    over_h = (_patch_count(h, patch) - 1) * step + patch - h
    over_w = (_patch_count(w, patch) - 1) * step + patch - w
    if over_h or over_w:
        maps = F.pad(maps, (0, over_w, 0, over_h), mode="replicate")
    patches = F.unfold(maps, patch, stride=step)  # (B, C*P*P, N)
    return patches.view(b, c, patch * patch, -1).permute(0, 3, 2, 1)


def _from_patches(patches: Tensor, patch: int, h: int, w: int) -> Tensor:
    """Join patches (B, N, patch*patch, C) to (B, C, h, w), the mean where they overlap."""
    step = patch // 2
    b, n, _, c = patches.shape
    size = tuple((_patch_count(s, patch) - 1) * step + patch for s in (h, w))
    columns = patches.permute(0, 3, 2, 1).reshape(b, c * patch * patch, n)
    ones = torch.ones(1, patch * patch, n, dtype=patches.dtype, device=patches.device)
    summed = F.fold(columns, size, patch, stride=step)
    return (summed / F.fold(ones, size, patch, stride=step))[..., :h, :w]


def best_patches(query: Tensor, keys: Tensor, patch: int, top_k: int) -> Tensor:
    """Return the memory patches nearest to each query patch by squared distance (CSTM, patch-level matching).

    Parameters
    ----------
    query: (B, Ck, h, w) at the coarse scale.
    keys: (B, T, Ck, h, w).
    patch: P, even; patches overlap by P / 2.
    top_k: how many memory patches to keep.

    Returns
    -------
    (B, N, K) indices into the T*N memory patches, entry by entry.
    """
    b = query.shape[0]
    q = _to_patches(query, patch).flatten(2)  # (B, N, P*P*Ck)
    k = _to_patches(keys.flatten(0, 1), patch).flatten(2)  # (B*T, N, P*P*Ck)
    k = k.reshape(b, -1, k.shape[-1])  # (B, T*N, P*P*Ck)
    return affinity(q, k).topk(min(top_k, k.shape[1]), dim=-1).indices


def patch_readout(query: Tensor, keys: Tensor, values: Tensor, patch: int, chosen: Tensor) -> Tensor:
    """Read values by a softmax over the chosen memory patches, folded back with the overlaps averaged (CSTM).

    At the fine scale the same ``chosen`` serves with twice the patch size, since both scales cut the same patches.

    Parameters
    ----------
    query: (B, Ck, h, w).
    keys: (B, T, Ck, h, w).
    values: (B, T, Cv, h, w).
    patch: P at this scale.
    chosen: (B, N, K) from `best_patches`.

    Returns
    -------
    (B, Cv, h, w).
    """
    b, _, h, w = query.shape
    n, k = chosen.shape[1:]
    q = _to_patches(query, patch)  # (B, N, P*P, Ck)

    def gather(maps: Tensor) -> Tensor:
        patches = _to_patches(maps.flatten(0, 1), patch)  # (B*T, N, P*P, C)
        patches = patches.reshape(b, -1, *patches.shape[2:])  # (B, T*N, P*P, C)
        batch = torch.arange(b, device=maps.device)[:, None, None]
        return patches[batch, chosen].reshape(b, n, k * patch * patch, -1)  # (B, N, K*P*P, C)

    weights = affinity(q, gather(keys)).softmax(-1)  # (B, N, P*P, K*P*P)
    return _from_patches(weights @ gather(values), patch, h, w)
