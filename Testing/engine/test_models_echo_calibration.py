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


def test_the_motion_kernel_starts_at_one_as_in_the_paper():
    assert (Calibration(4, (1,)).motion == 1).all()


def test_the_kernels_are_those_of_the_formula():
    torch.manual_seed(0)
    module = Calibration(3, (1, 3)).eval()
    torch.nn.init.normal_(module.motion)
    neighbour, present = torch.randn(2, 3, 14, 14), torch.randn(2, 3, 14, 14)
    q, k = module.summary(neighbour, True), module.summary(present, False)
    found = module(neighbour, q, k)
    for sample in range(2):
        together = torch.sigmoid(torch.einsum("om,im->oi", k[sample], q[sample]) / 84**0.5)
        kernel = together[:, :, None, None] * module.motion / 27
        moved = sum(F.conv2d(neighbour[sample : sample + 1], kernel, padding=d, dilation=d) for d in (1, 3))
        torch.testing.assert_close(found[sample : sample + 1], module.norm(moved), atol=1e-5, rtol=1e-4)


def test_the_present_frame_decides_how_its_neighbour_is_brought_to_it():
    torch.manual_seed(0)
    module = Calibration(3, (1,)).eval()
    neighbour = torch.randn(1, 3, 14, 14)
    q = module.summary(neighbour, True)
    one, other = (module(neighbour, q, module.summary(torch.randn(1, 3, 14, 14), False)) for _ in range(2))
    assert not torch.allclose(one, other)
