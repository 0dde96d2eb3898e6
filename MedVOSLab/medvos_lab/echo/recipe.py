"""``medvos train echo-lv``: mean-teacher training of Wu et al.'s network, resumable at any time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from medvos.models.echo.config import ECHO_COMPACT, ECHO_PAPER, ECHO_VIVIM, EchoConfig
from medvos.models.networks import echo_network
from medvos_lab.begin import describe, goes_on, launch, note, state_of
from medvos_lab.datasets.echonet import echonet_clips, echonet_pairs
from medvos_lab.echo.batches import EchoBatch, EchoBatches
from medvos_lab.echo.losses import consistency_loss, consistency_weight, supervised_loss
from medvos_lab.loop import Schedule, learn, one_cycle, optimiser, poly
from medvos_lab.motion.registration import registered
from medvos_lab.pretrained import load_lite0


@dataclass(frozen=True)
class Recipe:
    """A network and how it is trained.

    Attributes
    ----------
    config: its size.
    plan: optimiser settings; the moving average is the teacher.
    unlabelled: clips without labels in a step.
    flip: how often a clip is mirrored.
    """

    config: EchoConfig
    plan: Schedule
    unlabelled: int
    flip: float


RECIPES = {
    # An apical view is always shown the same way round, and few epochs are better spent on that one.
    "echo-lv": Recipe(ECHO_COMPACT, Schedule(2e-3, 0.01, 10, one_cycle, decay=0.998), unlabelled=2, flip=0.0),
    "echo-vivim": Recipe(ECHO_VIVIM, Schedule(2e-3, 0.01, 10, one_cycle, decay=0.998), unlabelled=2, flip=0.0),
    "echo-lv-paper": Recipe(ECHO_PAPER, Schedule(1e-4, 1e-6, 4, poly, decay=0.99), unlabelled=4, flip=0.5),
}


def train(
    model: str = "echo-lv",
    data: Path | None = None,
    out: Path = Path("runs/echo-lv"),
    steps: int = 8000,
    resume: bool = True,
    device: str = "auto",
    k: int = 3,
) -> Path:
    """Trains a network and keeps ``last.ckpt``, ``log.jsonl`` and ``config.json`` in ``out``.

    Parameters
    ----------
    model: ``echo-lv`` (compact), ``echo-lv-paper`` or, to compare with, ``echo-vivim``.
    data: folder of the real data; default as in `medvos_lab.datasets.data_root`.
    out: folder of this run.
    steps: batches in all; the learning rate's course depends on it.
    resume: go on from ``last.ckpt`` where there is one.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``; several GPUs are used together.
    k: frames that decide on the one in their middle: 1, 3 or 5.

    Returns
    -------
    The checkpoint's path.

    Raises
    ------
    InputError: the data or the device are not there, or the run in ``out`` was begun otherwise.
    """
    recipe = replace(RECIPES[model], config=replace(RECIPES[model].config, k=k))
    fabric = launch(out, device)
    described = describe(fabric, model, recipe.config, recipe.plan, unlabelled=recipe.unlabelled * fabric.world_size)
    resumed = goes_on(out, described, resume)
    note(fabric, out, described, resumed)
    torch.manual_seed(0)
    network = echo_network(recipe.config)
    pretrained = network.pretrained
    for encoder in pretrained:
        load_lite0(encoder)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    batches = _batches(data, out.parent / "cache", recipe, fabric.global_rank)
    student, optimise = fabric.setup(network, optimiser(network, pretrained, recipe.plan))
    state = state_of(fabric, out, network, optimise, resumed)
    teacher = state["average"]

    def loss_of(batch: EchoBatch, progress: float) -> Tensor:
        return mean_teacher_loss(student, teacher, batch.to(fabric.device), progress)

    return learn(fabric, student, state, batches, loss_of, recipe.plan, steps, out)


def mean_teacher_loss(student: nn.Module, teacher: nn.Module, batch: EchoBatch, progress: float) -> Tensor:
    """Supervised loss of the labelled clips, and agreement with the teacher on the others."""
    for_student, for_teacher = batch.unlabelled
    logits = student(torch.cat([batch.clips, for_student]))
    loss = supervised_loss(logits[: len(batch.clips)], batch.masks)
    with torch.no_grad():
        aim = teacher(for_teacher)
    return loss + consistency_weight(progress) * consistency_loss(logits[len(batch.clips) :], aim)


def _batches(data: Path | None, cache: Path, recipe: Recipe, seed: int) -> EchoBatches:
    pairs = echonet_pairs(data, "training")
    return EchoBatches(
        pairs,
        registered(pairs, cache),
        echonet_clips(data, "training"),
        recipe.config.k,
        (recipe.plan.batch, recipe.unlabelled),
        recipe.config.side,
        recipe.flip,
        seed,
    )
