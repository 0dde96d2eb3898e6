from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.fabric import Fabric
from lightning.fabric.strategies import DDPStrategy
from torch import nn

from medvos_lab.budget import Budget
from medvos_lab.loop import CHECKPOINT, LOG, LOG_EVERY, fit, in_order, optimiser, set_rates, update_ema
from medvos_lab.schedule import WARM_UP, Schedule, constant, one_cycle, poly

PLAN = Schedule(0.3, 0.01, 8, one_cycle)


class Clock:
    """A clock that the training itself moves on: by ``seconds`` a step."""

    def __init__(self, seconds: float) -> None:
        self.now, self.seconds = 1000.0, seconds

    def __call__(self) -> float:
        return self.now


class Line:
    """A line to be fitted: its state, and the progress and learning rate of each of its steps."""

    def __init__(self, fabric: Fabric) -> None:
        torch.manual_seed(0)
        network = nn.Linear(2, 1)
        self.model, optimise = fabric.setup(network, optimiser(network, [], PLAN))
        self.fabric = fabric
        self.state = {
            "network": network,
            "average": deepcopy(network),
            "optimiser": optimise,
            "step": 0,
            "seconds": 0.0,
        }
        self.progress: list[float] = []
        self.rates: list[float] = []

    def fit(
        self,
        budget: Budget,
        out: Path,
        clock: Clock,
        save_every: int = 1000,
        stop_at: int = -1,
        metrics: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        def loss_of(batch: torch.Tensor, progress: float) -> torch.Tensor:
            if len(self.progress) == stop_at:
                raise KeyboardInterrupt
            self.progress.append(progress)
            self.rates.append(self.state["optimiser"].param_groups[0]["lr"])
            clock.now += clock.seconds
            return self.model(batch).square().mean()

        path = fit(
            self.fabric,
            self.model,
            self.state,
            numbered,
            loss_of,
            PLAN,
            budget,
            out,
            metrics,
            save_every=save_every,
            workers=0,
            clock=clock,
        )
        assert path == out / CHECKPOINT


def numbered(step: int) -> torch.Tensor:
    """A batch that is a function of its step, by way of torch's generator as in the recipes."""
    torch.manual_seed(step)
    return torch.rand(4, 2) + step


@pytest.fixture
def a_line() -> Callable[[], Line]:
    return lambda: Line(Fabric(accelerator="cpu", devices=1))


@pytest.mark.parametrize("seconds", [1.0, 7.0])
def test_minutes_end_with_the_first_step_after_them_and_the_schedule_with_them(a_line, seconds, tmp_path):
    line = a_line()
    line.fit(Budget(minutes=2), tmp_path, Clock(seconds))
    steps = int(-(-120 // seconds))
    assert (line.state["step"], line.state["seconds"]) == (steps, steps * seconds)
    assert line.progress == pytest.approx([step * seconds / 120 for step in range(steps)])
    assert line.rates == pytest.approx([PLAN.learning_rate * one_cycle(progress) for progress in line.progress])
    assert line.progress[-1] >= 1 - seconds / 120 and line.rates[-1] < 0.01 * max(line.rates)
    (row,) = [json.loads(text) for text in (tmp_path / LOG).read_text().splitlines()][-1:]
    assert (row["step"], row["seconds"]) == (steps, steps * seconds)


def test_whoever_waits_at_the_terminal_sees_how_far_it_is(a_line, tmp_path, capsys):
    a_line().fit(Budget(steps=2 * LOG_EVERY), tmp_path, Clock(6.0))
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith(f"step {LOG_EVERY} of {2 * LOG_EVERY}, about {LOG_EVERY / 10:.0f} min left: loss ")
    assert last.startswith(f"step {2 * LOG_EVERY} of {2 * LOG_EVERY}, about 0 min left: loss ")


def test_an_interruption_costs_five_minutes_at_most_however_long_a_step_takes(a_line, tmp_path):
    line, measured = a_line(), []
    with pytest.raises(KeyboardInterrupt):
        line.fit(Budget(steps=20), tmp_path, Clock(140), stop_at=8, metrics=lambda: measured.append(1) or {})
    kept = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    assert (kept["step"], kept["seconds"]) == (6, 840)  # three steps of 140 s after the checkpoint before
    assert not measured  # of steps, not of minutes


def test_a_resumed_training_has_the_minutes_that_are_left(a_line, tmp_path):
    whole, parts = a_line(), a_line()
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    whole.fit(Budget(minutes=2), tmp_path / "whole", Clock(5))
    parts.fit(Budget(minutes=0.5), tmp_path / "parts", Clock(5))
    assert (parts.state["step"], parts.state["seconds"]) == (6, 30)
    first = len(parts.progress)
    parts.fit(Budget(minutes=2), tmp_path / "parts", Clock(5))  # a clock of another process
    assert parts.progress[first:] == pytest.approx(whole.progress[first:])
    assert (parts.state["step"], parts.state["seconds"]) == (24, 120)
    kept = torch.load(tmp_path / "parts" / CHECKPOINT, weights_only=True)
    assert (kept["step"], kept["seconds"]) == (24, 120)
    parts.fit(Budget(minutes=2), tmp_path / "parts", Clock(5))
    parts.fit(Budget(steps=20), tmp_path / "parts", Clock(5))
    assert len(parts.progress) == 24  # nothing is left


def test_a_checkpoint_has_the_seconds_up_to_its_step(a_line, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        a_line().fit(Budget(minutes=2), tmp_path, Clock(10), save_every=2, stop_at=5)
    kept = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    assert (kept["step"], kept["seconds"]) == (4, 40)


@pytest.mark.filterwarnings("ignore:This DataLoader will create 3:UserWarning")  # on two cores
@pytest.mark.parametrize("workers", [1, 3])
def test_batches_do_not_depend_on_the_number_of_workers(workers):
    alone = list(in_order(numbered, range(3, 11), 0))
    others = list(in_order(numbered, range(3, 11), workers))
    assert len(alone) == len(others) == 8
    for one, other in zip(alone, others, strict=True):
        assert torch.equal(one, other)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal for one process")
def test_ctrl_c_which_reaches_the_workers_too_is_left_to_the_training():
    batches = iter(in_order(numbered, range(20), 1))
    received = [next(batches)]
    (worker,) = active_children()
    os.kill(worker.pid, signal.SIGINT)
    received.extend(batches)
    assert len(received) == 20


def test_two_processes_end_at_the_same_step_though_their_clocks_differ(tmp_path):
    # A process that continues alone would wait for the other one: fail after a while.
    strategy = DDPStrategy(start_method="fork", timeout=timedelta(seconds=40))
    fabric = Fabric(accelerator="cpu", devices=2, strategy=strategy)
    fabric.launch(_fit_with_own_clock, tmp_path)
    ends = [json.loads((tmp_path / f"{rank}.json").read_text()) for rank in (0, 1)]
    assert ends[0] == ends[1]
    assert ends[0]["step"] == 12


def _fit_with_own_clock(fabric: Fabric, out: Path) -> None:
    line = Line(fabric)
    # The second one's is faster: it would end after six steps.
    line.fit(Budget(minutes=1), out, Clock(5 + 5 * fabric.global_rank))
    end: dict[str, Any] = {"step": line.state["step"], "rates": line.rates}
    (out / f"{fabric.global_rank}.json").write_text(json.dumps(end))


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
