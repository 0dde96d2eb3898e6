"""The selective scan (Gu & Dao 2023), chunk by chunk, in memory that is linear in the length of the sequence.

    h[l] = exp(dt[l] A) h[l-1] + dt[l] B[l] u[l]        y[l] = C[l] . h[l]

The states h are N times as large as the sequence. Those of one chunk exist at a time; the state at the start of every
chunk is kept for the backward pass, which makes the others again.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

# Elements of the states of one chunk: on a CPU they stay in its cache; on a GPU they are many for each launch.
_IN_CACHE, _ON_GPU = 1 << 18, 1 << 24
_SHORTEST, _LONGEST = 8, 4096


def chunk_length(states: int, on_cpu: bool) -> int:
    """Return the steps in a chunk where one step has so many states."""
    return min(max((_IN_CACHE if on_cpu else _ON_GPU) // states, _SHORTEST), _LONGEST)


def selective_scan(u: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, chunk: int | None = None) -> Tensor:
    """Run all steps of the recurrence, differentiable once in every tensor.

    Parameters
    ----------
    u: (L, B, D) inputs.
    dt: (L, B, D) step sizes, above 0.
    a: (D, N) decay rates, below 0.
    b, c: (L, B, N) input and output weights.
    chunk: steps of which the states exist at a time; default as `chunk_length`.

    Returns
    -------
    (L, B, D) outputs.
    """
    if chunk is None:
        chunk = chunk_length(u.shape[1] * a.numel(), u.device.type == "cpu")
    return _SelectiveScan.apply(u, dt, a, b, c, chunk)


class _SelectiveScan(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, u: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, chunk: int) -> Tensor:
        state = u.new_zeros(u.shape[1], *a.shape)
        y = torch.empty_like(u, memory_format=torch.contiguous_format)
        starts = []
        for first in range(0, len(u), chunk):
            part = slice(first, first + chunk)
            starts.append(state)
            decay, states = _expanded(u[part], dt[part], a, b[part])
            states[0].addcmul_(decay[0], state)
            _accumulate(decay, states)
            y[part] = _weighted(states, c[part])
            state = states[-1].clone()
        ctx.chunk = chunk
        ctx.save_for_backward(u, dt, a, b, c, torch.stack(starts) if any(ctx.needs_input_grad) else u.new_empty(0))
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        u, dt, a, b, c, starts = ctx.saved_tensors
        du, ddt, db, dc, da = (torch.empty_like(x) for x in (u, dt, b, c, a))
        da.zero_()
        carry = torch.zeros_like(starts[0])
        for number in reversed(range(len(starts))):
            part = slice(number * ctx.chunk, (number + 1) * ctx.chunk)
            decay, states = _expanded(u[part], dt[part], a, b[part])
            states[0].addcmul_(decay[0], starts[number])
            kept = decay.clone()
            _accumulate(decay, states)
            # What each state is worth: the same recurrence, from the last step to the first.
            worth = dy[part].unsqueeze(-1) * c[part].unsqueeze(2)
            worth[-1].add_(carry)
            _accumulate_back(kept, worth)
            carry = kept[0] * worth[0]
            du_part = _weighted(worth, b[part])
            dc[part] = _mixed(dy[part], states)
            db[part] = _mixed(dt[part] * u[part], worth)
            worth.mul_(kept)
            worth[1:].mul_(states[:-1])
            worth[0].mul_(starts[number])
            ddt[part] = du_part * u[part] + torch.einsum("lbdn,dn->lbd", worth, a)
            da += torch.einsum("lbdn,lbd->dn", worth, dt[part])
            du[part] = du_part * dt[part]
        return du, ddt, da, db, dc, None


def _expanded(u: Tensor, dt: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Return (L, B, D, N) factors that keep the state before, and inputs to each state."""
    return (dt.unsqueeze(-1) * a).exp_(), (dt * u).unsqueeze(-1) * b.unsqueeze(2)


def _weighted(states: Tensor, weights: Tensor) -> Tensor:
    """Weight states (L, B, D, N) by (L, B, N); return (L, B, D)."""
    return torch.matmul(states, weights.unsqueeze(-1)).squeeze(-1)


def _mixed(inputs: Tensor, states: Tensor) -> Tensor:
    """Mix inputs (L, B, D) with states (L, B, D, N); return (L, B, N)."""
    return torch.matmul(inputs.unsqueeze(2), states).squeeze(2)


def _accumulate(decay: Tensor, states: Tensor) -> None:
    """Turn the inputs to each state into the states, in place; ``decay`` is overwritten."""
    if states.device.type == "cpu":
        _step_by_step(decay, states)
    else:
        _doubling(decay, states)


def _accumulate_back(decay: Tensor, worth: Tensor) -> None:
    """Accumulate from the last step to the first: step l takes ``decay[l + 1]`` of step l + 1; ``decay`` stays."""
    if worth.device.type == "cpu":
        _stepped_back(decay, worth)
    else:
        _joined_back(decay, worth)


def _stepped_back(decay: Tensor, worth: Tensor) -> None:
    after = worth[-1]
    for keep, step in zip(reversed(decay[1:].unbind()), reversed(worth[:-1].unbind()), strict=True):
        after = step.addcmul_(keep, after)


def _joined_back(decay: Tensor, worth: Tensor) -> None:
    turned = worth.flip(0)
    _doubling(torch.cat([torch.ones_like(decay[:1]), decay[1:].flip(0)]), turned)
    worth.copy_(turned.flip(0))


def _step_by_step(decay: Tensor, states: Tensor) -> None:
    before = states[0]
    for keep, state in zip(decay[1:].unbind(), states[1:].unbind(), strict=True):
        before = state.addcmul_(keep, before)


def _doubling(decay: Tensor, states: Tensor) -> None:
    """Accumulate in log2(L) launches, each of which joins stretches of twice the length (Hillis & Steele 1986)."""
    reach = 1
    while reach < len(states):
        states[reach:] += decay[reach:] * states[:-reach]
        decay[reach:] = decay[reach:] * decay[:-reach]
        reach *= 2
