"""ST-Mamba: what each scan can see."""

from __future__ import annotations

import pytest
import torch

from medvos.models.vivim.config import SCANS
from medvos.models.vivim.mamba import StateSpace, StMamba


def changed(layer: torch.nn.Module, place: tuple[int, int, int]) -> torch.Tensor:
    """(T, H, W) bool: which tokens of a clip change where one of them does."""
    torch.manual_seed(1)
    clip = torch.randn(1, 3, 2, 4, 8)
    other = clip.clone()
    other[(0, *place)] += 3
    with torch.no_grad():
        return ((layer(clip) - layer(other)).abs() > 1e-7)[0].any(-1)


def a_layer(*scans) -> StMamba:
    torch.manual_seed(0)
    return StMamba(8, 4, 2, scans)


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (2, 1, 4, 6), (1, 7, 3, 5), (1, 30, 2, 2)])
def test_any_number_of_frames_and_any_size_goes_through(shape):
    clip = torch.randn(*shape, 8, requires_grad=True)
    found = a_layer(*SCANS)(clip)
    assert found.shape == clip.shape
    found.sum().backward()
    assert clip.grad.isfinite().all()


def test_forward_sees_what_comes_before_and_backward_what_comes_after():
    order = torch.arange(24).reshape(3, 2, 4)
    middle = int(order[1, 0, 2])
    assert torch.equal(changed(a_layer("forward"), (1, 0, 2)), order >= middle)
    assert torch.equal(changed(a_layer("backward"), (1, 0, 2)), order <= middle)


def test_the_spatial_scan_goes_through_all_time_of_a_pixel_before_the_next():
    time_fastest = torch.arange(24).reshape(2, 4, 3).permute(2, 0, 1)
    assert torch.equal(changed(a_layer("spatial"), (1, 0, 2)), time_fastest >= int(time_fastest[1, 0, 2]))


def test_all_three_together_see_everything():
    assert changed(a_layer(*SCANS), (1, 0, 2)).all()


def test_each_scan_has_parameters_of_its_own():
    one, three = (sum(p.numel() for p in a_layer(*scans).spaces.parameters()) for scans in (SCANS[:1], SCANS))
    assert three == 3 * one
    rates = [space.step.bias for space in a_layer(*SCANS).spaces]
    assert not torch.equal(rates[0], rates[1]) and not torch.equal(rates[1], rates[2])


def test_initial_steps_are_between_a_thousandth_and_a_tenth():
    steps = torch.nn.functional.softplus(StateSpace(64, 4).step.bias.detach())
    assert float(steps.min()) > 0.9e-3 and float(steps.max()) < 0.11
