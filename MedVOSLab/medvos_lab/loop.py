"""The training loop: learning rates, steps, moving average, log and checkpoints."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from medvos_lab.budget import Budget
from medvos_lab.schedule import Schedule

if TYPE_CHECKING:
    from lightning.fabric import Fabric

Batch = TypeVar("Batch")

CHECKPOINT, LOG = "last.ckpt", "log.jsonl"
SAVE_EVERY = 250
SAVE_SECONDS = 300.0  # so that an interruption costs minutes, however long a step takes
LOG_EVERY = 50
LARGEST_GRADIENT = 5.0
FRACTIONS = (1.0, 1 / 3)  # of the learning rate, for new and for pre-trained weights


@dataclass(frozen=True)
class TensorBatch:
    """A batch whose fields are all tensors."""

    def to(self, device: torch.device) -> Self:
        """Return the batch on another device."""
        return type(self)(*(getattr(self, field.name).to(device) for field in fields(self)))


class Steps(Dataset[Batch]):
    """A stream of batches by step number as a data set, so that workers prepare them while the network learns."""

    def __init__(self, batches: Callable[[int], Batch]) -> None:
        self.batches = batches

    def __getitem__(self, step: int) -> Batch:
        return self.batches(step)


def in_order(batches: Callable[[int], Batch], steps: Iterable[int], workers: int) -> Iterable[Batch]:
    """Return the batches of these steps in their order, prepared by so many processes, or by this one for 0.

    The batches do not depend on the number of processes: each is a function of its step number.
    """
    return DataLoader(
        Steps(batches), batch_size=None, sampler=steps, num_workers=workers, worker_init_fn=_leave_ctrl_c_to_the_parent
    )


def _leave_ctrl_c_to_the_parent(_worker: int) -> None:
    """Ignore Ctrl-C, which a terminal sends to all processes: a worker that ends first is an error of its parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def optimiser(network: nn.Module, pretrained: Iterable[nn.Module], schedule: Schedule) -> torch.optim.Optimizer:
    """Return AdamW over two groups: new weights, then those of the pre-trained modules."""
    old = [parameter for module in pretrained for parameter in module.parameters()]
    known = {id(parameter) for parameter in old}
    new = [parameter for parameter in network.parameters() if id(parameter) not in known]
    return torch.optim.AdamW(
        [{"params": new}, {"params": old}], lr=schedule.learning_rate, weight_decay=schedule.weight_decay
    )


def set_rates(optimiser: torch.optim.Optimizer, schedule: Schedule, progress: float) -> None:
    """Set the learning rates of both groups at this fraction of the training."""
    for group, fraction in zip(optimiser.param_groups, FRACTIONS, strict=True):
        group["lr"] = schedule.learning_rate * fraction * schedule.lr_schedule(progress)


@torch.no_grad()
def update_ema(average: nn.Module, model: nn.Module, step: int, decay: float) -> None:
    """Update the exponential moving average of weights and buffers in place; its decay grows over the first steps."""
    decay = min(decay, (1 + step) / (10 + step))
    current = model.state_dict()
    for name, value in average.state_dict().items():
        if value.dtype.is_floating_point:
            value.lerp_(current[name], 1 - decay)
        else:
            value.copy_(current[name])


def fit(
    fabric: Fabric,
    model: nn.Module,
    state: dict[str, Any],
    batches: Callable[[int], Batch],
    loss_of: Callable[[Batch, float], Tensor],
    schedule: Schedule,
    budget: Budget,
    out: Path,
    metrics: Callable[[], Mapping[str, Any]] = dict,
    save_every: int | None = None,
    workers: int = 1,
    clock: Callable[[], float] = time.monotonic,
) -> Path:
    """Run the remaining steps; keep ``last.ckpt``, at least every five minutes, and ``log.jsonl``; print the loss.

    The time of a training is that of this function: steps, waiting for batches, checkpoints and metrics. Where minutes
    are its budget, the first step that ends after them is the last one; with several devices, the clock of the first
    decides for all, as it does on the learning rate.

    Parameters
    ----------
    fabric: that set up model and optimiser.
    model: module that runs forward.
    state: ``network``, ``average``, ``optimiser``, ``step`` and ``seconds`` of training, as the checkpoint has them.
    batches: the batch of a step, on the CPU.
    loss_of: loss of a batch at a fraction of the training.
    schedule: optimiser settings.
    budget: of the whole training.
    out: folder of the run.
    metrics: validation metrics of ``state["average"]`` for the log after each ``save_every`` steps; default none.
    save_every: steps between checkpoints; default `SAVE_EVERY`.
    workers: processes that prepare batches.
    clock: seconds from any moment on.

    Returns
    -------
    The checkpoint's path.
    """
    save_every = save_every or SAVE_EVERY
    first, before, optimise = state["step"], state["seconds"], state["optimiser"]
    if budget.ended(first, before):
        return out / CHECKPOINT
    began, seconds, saved = clock(), before, before
    smooth: float | None = None
    for step, batch in enumerate(in_order(batches, budget.steps_from(first), workers), first):
        progress = budget.progress(step, seconds)
        set_rates(optimise, schedule, progress)
        model.train()
        loss = loss_of(batch, progress)
        optimise.zero_grad()
        fabric.backward(loss)
        fabric.clip_gradients(model, optimise, max_norm=LARGEST_GRADIENT)
        optimise.step()
        update_ema(state["average"], state["network"], step, schedule.decay)
        smooth = loss.item() if smooth is None else 0.98 * smooth + 0.02 * loss.item()
        seconds = fabric.broadcast(before + clock() - began)
        last = budget.ended(step + 1, seconds)
        if ((step + 1) % LOG_EVERY == 0 or last) and fabric.is_global_zero:
            log(out, {"step": step + 1, "loss": round(smooth, 4), "seconds": round(seconds - before, 1)})
            sys.stderr.write(f"{budget.remaining(step + 1, seconds)}: loss {smooth:.4f}\n")
        due = (step + 1) % save_every == 0 or last
        if due or seconds - saved >= SAVE_SECONDS:
            saved = seconds
            state |= {"step": step + 1, "seconds": seconds}
            fabric.save(out / "partial.ckpt", state)
            if fabric.is_global_zero:
                (out / "partial.ckpt").replace(out / CHECKPOINT)
                measured = metrics() if due else {}
                if measured:
                    log(out, {"step": step + 1, "validation": measured})
        if last:
            break
    return out / CHECKPOINT


def log(out: Path, row: Mapping[str, Any]) -> None:
    """Append a row to the log of the run in ``out``."""
    with (out / LOG).open("a") as file:
        file.write(json.dumps(row) + "\n")
