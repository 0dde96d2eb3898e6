"""The loop that every training shares: rates, steps, moving average, log and checkpoints that can be resumed from."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

if TYPE_CHECKING:
    from lightning.fabric import Fabric

Batch = TypeVar("Batch")

SAVE_EVERY = 250
LOG_EVERY = 50
WARM_UP = 0.15
LARGEST_GRADIENT = 5.0
FRACTIONS = (1.0, 1 / 3)  # of the learning rate, for what starts afresh and for what is pre-trained


def one_cycle(progress: float) -> float:
    """Share of the peak learning rate: a cosine up from 0.04 in the first 15 %, then a cosine down to 0."""
    if progress < WARM_UP:
        return 0.04 + 0.96 * (1 - math.cos(math.pi * progress / WARM_UP)) / 2
    return (1 + math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP))) / 2


def constant(_progress: float) -> float:
    """The learning rate stays as it is."""
    return 1.0


def poly(progress: float) -> float:
    """Share of the first learning rate: (1 - t / t_max)^0.9."""
    return (1 - progress) ** 0.9


@dataclass(frozen=True)
class Schedule:
    """Optimiser settings.

    Attributes
    ----------
    learning_rate: its peak.
    weight_decay: of AdamW.
    batch: labelled samples in a step.
    course: share of the peak at a share of the training; on nothing else, so that a run can be resumed with more or
        fewer steps than it was begun with.
    decay: of the moving average.
    """

    learning_rate: float
    weight_decay: float
    batch: int
    lr_schedule: Callable[[float], float]
    decay: float = 0.998


class Steps(Dataset[Batch]):
    """A stream of batches by step number as a data set, so that a worker prepares them while the network learns."""

    def __init__(self, batches: Callable[[int], Batch], steps: int) -> None:
        self.batches, self.steps = batches, steps

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> Batch:
        return self.batches(step)


def optimiser(network: nn.Module, pretrained: Iterable[nn.Module], plan: Schedule) -> torch.optim.Optimizer:
    """AdamW over two groups: what starts afresh, and what is pre-trained."""
    old = [parameter for module in pretrained for parameter in module.parameters()]
    known = {id(parameter) for parameter in old}
    fresh = [parameter for parameter in network.parameters() if id(parameter) not in known]
    return torch.optim.AdamW(
        [{"params": fresh}, {"params": old}], lr=plan.learning_rate, weight_decay=plan.weight_decay
    )


def set_rates(optimiser: torch.optim.Optimizer, plan: Schedule, progress: float) -> None:
    """Learning rates for this share of the training."""
    for group, fraction in zip(optimiser.param_groups, FRACTIONS, strict=True):
        group["lr"] = plan.learning_rate * fraction * plan.lr_schedule(progress)


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, step: int, decay: float) -> None:
    """Moves the exponential moving average, quickly at first."""
    decay = min(decay, (1 + step) / (10 + step))
    current = model.state_dict()
    for name, value in average.state_dict().items():
        if value.dtype.is_floating_point:
            value.lerp_(current[name], 1 - decay)
        else:
            value.copy_(current[name])


def learn(
    fabric: Fabric,
    module: nn.Module,
    state: dict[str, Any],
    batches: Callable[[int], Batch],
    loss_of: Callable[[Batch, float], Tensor],
    plan: Schedule,
    steps: int,
    out: Path,
) -> Path:
    """Runs the steps that are left and keeps ``last.ckpt`` and ``log.jsonl``.

    Parameters
    ----------
    fabric: that set up module and optimiser.
    module: what runs forward.
    state: ``network``, ``average``, ``optimiser`` and ``step``, as the checkpoint has them.
    batches: the batch of a step, on the CPU.
    loss_of: loss of a batch at a share of the training.
    plan: optimiser settings.
    steps: in all.
    out: folder of the run.

    Returns
    -------
    The checkpoint's path.
    """
    checkpoint, first, optimise = out / "last.ckpt", state["step"], state["optimiser"]
    loader = DataLoader(Steps(batches, steps), batch_size=None, sampler=range(first, steps), num_workers=1)
    began = time.monotonic()
    shown: float | None = None
    for step, batch in zip(range(first, steps), loader, strict=True):
        set_rates(optimise, plan, step / steps)
        module.train()
        loss = loss_of(batch, step / steps)
        optimise.zero_grad()
        fabric.backward(loss)
        fabric.clip_gradients(module, optimise, max_norm=LARGEST_GRADIENT)
        optimise.step()
        follow(state["average"], state["network"], step, plan.decay)
        shown = loss.item() if shown is None else 0.98 * shown + 0.02 * loss.item()
        if (step + 1) % LOG_EVERY == 0 and fabric.is_global_zero:
            row = {"step": step + 1, "loss": round(shown, 4), "seconds": round(time.monotonic() - began, 1)}
            with (out / "log.jsonl").open("a") as file:
                file.write(json.dumps(row) + "\n")
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == steps:
            state["step"] = step + 1
            fabric.save(out / "partial.ckpt", state)
            if fabric.is_global_zero:
                (out / "partial.ckpt").replace(checkpoint)
    return checkpoint
