"""The training loop: learning rates, steps, moving average, log and checkpoints."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from medvos_lab.schedule import Schedule

if TYPE_CHECKING:
    from lightning.fabric import Fabric

Batch = TypeVar("Batch")

CHECKPOINT, LOG = "last.ckpt", "log.jsonl"
SAVE_EVERY = 250
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
    """A stream of batches by step number as a data set, so that a worker prepares them while the network learns."""

    def __init__(self, batches: Callable[[int], Batch], steps: int) -> None:
        self.batches, self.steps = batches, steps

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> Batch:
        return self.batches(step)


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
    steps: int,
    out: Path,
    metrics: Callable[[], Mapping[str, Any]] = dict,
    save_every: int | None = None,
) -> Path:
    """Run the remaining steps; keep ``last.ckpt`` and ``log.jsonl``.

    Parameters
    ----------
    fabric: that set up model and optimiser.
    model: module that runs forward.
    state: ``network``, ``average``, ``optimiser`` and ``step``, as the checkpoint has them.
    batches: the batch of a step, on the CPU.
    loss_of: loss of a batch at a fraction of the training.
    schedule: optimiser settings.
    steps: in all.
    out: folder of the run.
    metrics: validation metrics of ``state["average"]`` for the log after each checkpoint; default none.
    save_every: steps between checkpoints; default `SAVE_EVERY`.

    Returns
    -------
    The checkpoint's path.
    """
    save_every = save_every or SAVE_EVERY
    first, optimise = state["step"], state["optimiser"]
    loader = DataLoader(Steps(batches, steps), batch_size=None, sampler=range(first, steps), num_workers=1)
    began = time.monotonic()
    smooth: float | None = None
    for step, batch in zip(range(first, steps), loader, strict=True):
        set_rates(optimise, schedule, step / steps)
        model.train()
        loss = loss_of(batch, step / steps)
        optimise.zero_grad()
        fabric.backward(loss)
        fabric.clip_gradients(model, optimise, max_norm=LARGEST_GRADIENT)
        optimise.step()
        update_ema(state["average"], state["network"], step, schedule.decay)
        smooth = loss.item() if smooth is None else 0.98 * smooth + 0.02 * loss.item()
        if ((step + 1) % LOG_EVERY == 0 or step + 1 == steps) and fabric.is_global_zero:
            seconds = round(time.monotonic() - began, 1)
            _log(out, {"step": step + 1, "loss": round(smooth, 4), "seconds": seconds})
        if (step + 1) % save_every == 0 or step + 1 == steps:
            state["step"] = step + 1
            fabric.save(out / "partial.ckpt", state)
            if fabric.is_global_zero:
                (out / "partial.ckpt").replace(out / CHECKPOINT)
                measured = metrics()
                if measured:
                    _log(out, {"step": step + 1, "validation": measured})
    return out / CHECKPOINT


def _log(out: Path, row: Mapping[str, Any]) -> None:
    with (out / LOG).open("a") as file:
        file.write(json.dumps(row) + "\n")
