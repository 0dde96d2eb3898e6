from __future__ import annotations

import pytest
import torch
from torch import nn

from medvos_lab.loop import optimiser, set_rates, update_ema
from medvos_lab.schedule import WARM_UP, Schedule, constant, one_cycle, poly

PLAN = Schedule(0.3, 0.01, 8, one_cycle)


def test_the_moving_average_follows_the_weights_quickly_at_first():
    average, model = nn.Linear(1, 1), nn.Linear(1, 1)
    nn.init.zeros_(average.weight)
    nn.init.ones_(model.weight)
    update_ema(average, model, 0, 0.998)
    assert average.weight.item() == pytest.approx(0.9)
    nn.init.zeros_(average.weight)
    update_ema(average, model, 100_000, 0.998)
    assert average.weight.item() == pytest.approx(0.002)


def test_counts_are_copied_and_not_averaged():
    average, model = nn.BatchNorm2d(1), nn.BatchNorm2d(1)
    model(torch.rand(2, 1, 2, 2))
    update_ema(average, model, 100, 0.99)
    assert average.num_batches_tracked == 1


def test_what_is_pretrained_learns_more_slowly():
    network = nn.ModuleDict({"old": nn.Linear(2, 2), "new": nn.Linear(2, 3)})
    optimise = optimiser(network, [network["old"]], PLAN)
    set_rates(optimise, PLAN, WARM_UP)
    fresh, pretrained = optimise.param_groups
    assert fresh["lr"] == pytest.approx(0.3)
    assert pretrained["lr"] == pytest.approx(0.1)
    assert fresh["params"] == list(network["new"].parameters())
    assert pretrained["params"] == list(network["old"].parameters())


def test_a_network_without_anything_pretrained_learns_too():
    network = nn.Linear(1, 1)
    optimise = optimiser(network, [], PLAN)
    set_rates(optimise, PLAN, WARM_UP)
    network(torch.ones(1, 1)).sum().backward()
    before = network.bias.item()
    optimise.step()
    assert network.bias.item() < before


def test_the_rate_rises_to_its_peak_and_ends_at_nothing():
    rates = [one_cycle(step / 100) for step in range(101)]
    peak = rates.index(max(rates))
    assert peak == round(100 * WARM_UP)
    assert rates[peak] == pytest.approx(1)
    assert rates[0] == pytest.approx(0.04)
    assert rates[-1] == pytest.approx(0)
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)


def test_the_papers_rates():
    assert [constant(t) for t in (0.0, 1.0)] == [1, 1]
    assert [poly(t) for t in (0.0, 0.5, 1.0)] == pytest.approx([1, 0.5**0.9, 0])
