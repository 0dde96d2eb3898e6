"""``medvos train``: from data to a checkpoint, resumable at any time."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from medvos.errors import InputError
from medvos.models.config import CSTM_COMPACT, CSTM_PAPER, Matching
from medvos.models.cstm import Cstm
from medvos.models.device import choose_device
from medvos.report.staging import disk_errors
from medvos.train.batches import Batch, Batches
from medvos.train.losses import sample_loss
from medvos.train.pretrained import load_grown, load_imagenet
from medvos.train.stages import UNREADABLE, before, described_again
from medvos.train.studies import load_studies
from medvos.train.terms import RELEASES
from medvos.train.walker import Walker

CONFIGS = {"cstm": CSTM_COMPACT, "cstm-paper": CSTM_PAPER}
SAVE_EVERY = 250
WARM_UP = 0.15


@dataclass(frozen=True)
class Schedule:
    """Optimiser settings; the compact network's were found on the validation split, the paper's are the paper's."""

    learning_rate: float
    weight_decay: float
    batch: int
    one_cycle: bool


SCHEDULES = {"cstm": Schedule(1.5e-3, 0.01, 8, True), "cstm-paper": Schedule(1e-5, 1e-7, 4, False)}


class _Steps(Dataset[Batch]):
    """The stream of batches as a data set, so that a worker prepares them while the network learns."""

    def __init__(self, batches: Batches, steps: int) -> None:
        self.batches, self.steps = batches, steps

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> Batch:
        return self.batches(step)


def _freeze_statistics(network: nn.Module) -> None:
    """Keeps the ImageNet statistics of the key encoder: batches of walks are too alike to estimate them."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def _masks(target: Tensor, slots: int) -> Tensor:
    """(B, H, W) slot numbers + 1 -> (B, S, H, W) masks."""
    numbers = torch.arange(1, slots + 1, device=target.device)[None, :, None, None]
    return (target[:, None] == numbers).float()


@torch.no_grad()
def _follow(average: nn.Module, model: nn.Module, step: int) -> None:
    """Moves the exponential moving average, quickly at first."""
    decay = min(0.998, (1 + step) / (10 + step))
    current = model.state_dict()
    for name, value in average.state_dict().items():
        if value.dtype.is_floating_point:
            value.lerp_(current[name], 1 - decay)
        else:
            value.copy_(current[name])


def train(
    model: str = "cstm",
    data: Path | None = None,
    out: Path = Path("runs/cstm"),
    release: str = "research",
    steps: int = 7000,
    resume: bool = True,
    device: str = "auto",
    matching: Matching | None = None,
    start: Path | None = None,
) -> Path:
    """Trains a network and keeps ``last.ckpt``, ``log.jsonl`` and ``config.json`` in ``out``.

    Parameters
    ----------
    model: ``cstm`` (compact) or ``cstm-paper``.
    data: folder of the real data; default as in `medvos.datasets.data_root`.
    out: folder of this run.
    release: ``open`` or ``research``: what it may learn from.
    steps: batches in all; the learning rate's course depends on it.
    resume: go on from ``last.ckpt`` where there is one.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``; several GPUs are used together.
    matching: overrides the configuration's matching, ``plmm`` or ``dense``.
    start: folder of another run whose averaged weights are the start, at half the learning rate.

    Returns
    -------
    The checkpoint's path.

    Raises
    ------
    InputError: there is no such data or device, or what is to be gone on from is damaged, was begun otherwise, or
        learnt from data that this release may not use.
    """
    from dataclasses import asdict, replace

    from lightning.fabric import Fabric

    config = CONFIGS[model] if matching is None else replace(CONFIGS[model], matching=matching)
    plan = (
        SCHEDULES[model]
        if start is None
        else replace(SCHEDULES[model], learning_rate=SCHEDULES[model].learning_rate / 2)
    )
    choose_device(device)  # Fabric would say in a traceback that it is not there
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    fabric = Fabric(accelerator=device, devices="auto" if device != "cpu" else 1)
    fabric.launch()
    described = {
        "model": model,
        "release": release,
        "batch": plan.batch * fabric.world_size,
        "device": f"{torch.get_num_threads()} CPU threads"
        if fabric.device.type == "cpu"
        else f"{fabric.world_size} GPU",
        "config": asdict(config),
    }
    older = None
    if start is not None:
        described["before"], older = before(start, release)
    checkpoint = out / "last.ckpt"
    resumed = resume and checkpoint.exists()
    if resumed:
        described = described_again(out, described)
    if fabric.is_global_zero:
        (out / "config.partial").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
        (out / "config.partial").replace(out / "config.json")
        if not resumed:
            (out / "log.jsonl").unlink(missing_ok=True)
    torch.manual_seed(0)

    studies = load_studies(RELEASES[release].sources, data, out.parent / "cache", config)
    network = Cstm(config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    pretrained = load_imagenet(network)
    if older is not None:
        load_grown(network, older)
    average = Cstm(config)
    average.load_state_dict(network.state_dict())
    optimiser = _optimiser(network, plan)
    walker, optimiser = fabric.setup(Walker(network), optimiser)
    average.to(fabric.device)

    state: dict[str, Any] = {
        "network": network,
        "average": average,
        "optimiser": optimiser,
        "step": 0,
    }
    if resumed:
        try:
            fabric.load(checkpoint, state)
        except UNREADABLE as error:
            raise InputError(f"{checkpoint} is damaged; give --fresh, or choose another --out.") from error
    batches = Batches(studies, plan.batch, config.region, config.group, seed=fabric.global_rank)
    loader = DataLoader(_Steps(batches, steps), batch_size=None, sampler=range(state["step"], steps), num_workers=1)

    began = time.monotonic()
    shown: float | None = None
    for step, batch in zip(range(state["step"], steps), loader, strict=True):
        _set_rates(optimiser, plan, step / steps)
        batch = batch.to(fabric.device)
        walker.train()
        if pretrained:
            _freeze_statistics(network.key_encoder)
        masks = _masks(batch.targets[:, 0], batch.seeded.shape[1])
        predictions = walker(batch.images, masks, batch.seeded)
        losses = [
            sample_loss(prediction, batch.targets[:, i + 1], batch.seeded, step / steps)
            for i, prediction in enumerate(predictions)
        ]
        loss = torch.stack(losses).mean()
        optimiser.zero_grad()
        fabric.backward(loss)
        fabric.clip_gradients(walker, optimiser, max_norm=5.0)
        optimiser.step()
        _follow(average, network, step)
        shown = loss.item() if shown is None else 0.98 * shown + 0.02 * loss.item()
        if (step + 1) % 50 == 0 and fabric.is_global_zero:
            row = {"step": step + 1, "loss": round(shown, 4), "seconds": round(time.monotonic() - began, 1)}
            with (out / "log.jsonl").open("a") as file:
                file.write(json.dumps(row) + "\n")
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == steps:
            state["step"] = step + 1
            fabric.save(out / "partial.ckpt", state)
            if fabric.is_global_zero:
                (out / "partial.ckpt").replace(checkpoint)
    return checkpoint


def _optimiser(network: Cstm, plan: Schedule) -> torch.optim.Optimizer:
    """AdamW over two groups: what starts afresh, and the pre-trained encoder."""
    pretrained = list(network.key_encoder.backbone.parameters())
    known = {id(p) for p in pretrained}
    fresh = [p for p in network.parameters() if id(p) not in known]
    groups = [{"params": fresh}, {"params": pretrained}]
    return torch.optim.AdamW(groups, lr=plan.learning_rate, weight_decay=plan.weight_decay)


def _set_rates(optimiser: torch.optim.Optimizer, plan: Schedule, progress: float) -> None:
    """Learning rates for this share of the training; the pre-trained encoder learns at a third of the rate.

    They depend on nothing else, so that a run can be resumed with more or fewer steps than it was begun with.
    """
    for group, share in zip(optimiser.param_groups, (1.0, 1 / 3), strict=True):
        group["lr"] = plan.learning_rate * share * (one_cycle(progress) if plan.one_cycle else 1.0)


def one_cycle(progress: float) -> float:
    """Share of the peak learning rate: a cosine up from 0.04 in the first 15 %, then a cosine down to 0."""
    if progress < WARM_UP:
        return 0.04 + 0.96 * (1 - math.cos(math.pi * progress / WARM_UP)) / 2
    return (1 + math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP))) / 2
