from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from medvos.models.echo.calibration import POOLED, Calibration, adaptive_maxima, pooled


class OnApple(torch.Tensor):
    """A tensor that says it is on an Apple GPU."""

    is_mps = True


def test_84_maxima_are_kept_of_each_channel():
    x = torch.rand(2, 3, 14, 14)
    found = pooled(x)
    assert found.shape == (2, 3, 84) and POOLED == 84
    torch.testing.assert_close(found[..., 0], x.amax((2, 3)))


@pytest.mark.parametrize("size", [(56, 56), (14, 7), (9, 20)])
@pytest.mark.parametrize("side", [1, 3, 5, 7])
def test_maxima_by_slices_are_those_of_pytorch(size, side):
    x = torch.randn(2, 3, *size)
    assert torch.equal(adaptive_maxima(x, side), F.adaptive_max_pool2d(x, side))


def test_apples_gpus_are_not_asked_for_what_they_get_wrong(monkeypatch):
    x = torch.randn(2, 3, 14, 14)
    expected = pooled(x)
    monkeypatch.setattr(F, "adaptive_max_pool2d", lambda x, side: torch.zeros(2, 3, side, side))
    assert torch.equal(pooled(x.as_subclass(OnApple)), expected)


def test_the_motion_kernels_start_around_one_and_differ_between_output_channels():
    torch.manual_seed(0)
    motion = Calibration(16, (1,)).motion
    assert motion.mean().item() == pytest.approx(1, abs=0.05)
    # Of equal kernels all output channels would be the same map.
    assert torch.corrcoef(motion.flatten(1)).fill_diagonal_(0).abs().max() < 0.5


@pytest.mark.parametrize("cosine", [True, False])
def test_the_kernels_are_those_of_the_formula(cosine):
    torch.manual_seed(0)
    module = Calibration(3, (1, 3), cosine).eval()
    neighbour, present = torch.randn(2, 3, 14, 14), torch.randn(2, 3, 14, 14)
    q, k = module.summary(neighbour, True), module.summary(present, False)
    found = module(neighbour, q, k)
    for sample in range(2):
        together = torch.einsum("om,im->oi", k[sample], q[sample])
        together = torch.sigmoid(module.temperature * together if cosine else together / 84**0.5)
        kernel = together[:, :, None, None] * module.motion / 27
        moved = sum(F.conv2d(neighbour[sample : sample + 1], kernel, padding=d, dilation=d) for d in (1, 3))
        torch.testing.assert_close(found[sample : sample + 1], module.norm(moved), atol=1e-5, rtol=1e-4)


def test_summaries_have_unit_length_whatever_the_size_of_the_features():
    torch.manual_seed(0)
    module = Calibration(4, (1,))
    features = torch.randn(2, 4, 14, 14)
    for scale in (0.01, 1, 1000):
        torch.testing.assert_close(module.summary(scale * features, True).norm(dim=2), torch.ones(2, 4))


def test_gates_stay_open_where_features_are_large_and_plain_products_shut_them():
    torch.manual_seed(0)
    neighbour, present = (100 * torch.randn(4, 8, 28, 28) for _ in range(2))
    shut = {}
    for cosine in (True, False):
        module = Calibration(8, (1,), cosine)
        gates = module.gates(module.summary(neighbour, True), module.summary(present, False))
        shut[cosine] = ((gates < 0.01) | (gates > 0.99)).float().mean().item()
    assert shut[True] == 0 and shut[False] > 0.9


def test_the_gradient_reaches_both_convolutions_and_the_temperature_where_features_are_large():
    torch.manual_seed(0)
    module = Calibration(8, (1, 2))
    neighbour, present = (100 * torch.randn(4, 8, 28, 28) for _ in range(2))
    moved = module(neighbour, module.summary(neighbour, True), module.summary(present, False))
    (moved * torch.randn_like(moved)).mean().backward()
    for weight in (module.query.weight, module.key.weight, module.temperature, module.motion):
        assert weight.grad.abs().max() > 1e-7


def test_the_present_frame_decides_how_its_neighbour_is_brought_to_it():
    torch.manual_seed(0)
    module = Calibration(3, (1,)).eval()
    neighbour = torch.randn(1, 3, 14, 14)
    q = module.summary(neighbour, True)
    one, other = (module(neighbour, q, module.summary(torch.randn(1, 3, 14, 14), False)) for _ in range(2))
    assert not torch.allclose(one, other)
