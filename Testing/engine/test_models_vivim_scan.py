"""The selective scan against the recurrence itself, step by step."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from medvos.models.vivim import scan
from medvos.models.vivim.scan import chunk_length, selective_scan


def step_by_step(u, dt, a, b, c):
    state, outputs = u.new_zeros(u.shape[1], *a.shape), []
    for now in range(len(u)):
        state = torch.exp(dt[now][..., None] * a) * state + (dt[now] * u[now])[..., None] * b[now][:, None]
        outputs.append((state * c[now][:, None]).sum(-1))
    return torch.stack(outputs)


def tensors(length: int, dtype: torch.dtype = torch.float32) -> list[torch.Tensor]:
    probability = torch.Generator().manual_seed(length)
    batch, width, states = 2, 5, 4

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=probability, dtype=dtype)

    dt, rates = F.softplus(noise(length, batch, width)), -noise(width, states).exp()
    found = [noise(length, batch, width), dt, rates, noise(length, batch, states), noise(length, batch, states)]
    return [tensor.requires_grad_() for tensor in found]


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
@pytest.mark.parametrize("length", [1, 2, 64, 201])
def test_outputs_and_gradients_are_those_of_the_recurrence(length, chunk):
    inputs = tensors(length)
    outputs, expected = selective_scan(*inputs, chunk=chunk), step_by_step(*inputs)
    torch.testing.assert_close(outputs, expected, atol=1e-5, rtol=1e-5)
    weights = torch.randn_like(outputs)
    found, wanted = (torch.autograd.grad((y * weights).sum(), inputs) for y in (outputs, expected))
    for gradient, reference in zip(found, wanted, strict=True):
        scale = float(reference.abs().max().clamp(min=1))
        torch.testing.assert_close(gradient / scale, reference / scale, atol=1e-5, rtol=1e-5)


def test_gradients_are_exact_in_double_precision():
    assert torch.autograd.gradcheck(lambda *x: selective_scan(*x, chunk=3), tensors(7, torch.float64))


def test_the_way_of_a_gpu_gives_the_same(monkeypatch):
    inputs = tensors(50)
    expected = torch.autograd.grad(selective_scan(*inputs, chunk=16).square().sum(), inputs)
    monkeypatch.setattr(scan, "_step_by_step", scan._doubling)
    found = torch.autograd.grad(selective_scan(*inputs, chunk=16).square().sum(), inputs)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


def test_joining_stretches_backwards_gives_the_same_as_step_by_step():
    decay, worth = torch.rand(37, 2, 3, 4) * 0.9, torch.randn(37, 2, 3, 4)
    expected = worth.clone()
    for step in range(len(worth) - 2, -1, -1):
        expected[step] += decay[step + 1] * expected[step + 1]
    for joined in (scan._joined_back, scan._stepped_back):
        found = worth.clone()
        joined(decay, found)
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_only_the_states_of_one_chunk_exist_at_a_time():
    inputs = [tensor.detach() for tensor in tensors(4096)]
    largest = 0

    class Sizes(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            nonlocal largest
            found = function(*args, **(kwargs or {}))
            if isinstance(found, torch.Tensor) and found.dim() == 4:
                largest = max(largest, len(found))
            return found

    with Sizes():
        selective_scan(*inputs, chunk=32)
    assert largest == 32


def test_a_chunk_is_shorter_where_a_step_has_more_states():
    assert chunk_length(1000, True) > chunk_length(100_000, True) >= 1
    assert chunk_length(10_000, False) > chunk_length(10_000, True)
