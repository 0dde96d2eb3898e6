"""``medvos train mvo``: microvascular obstruction from cine, on simulated infarcts, resumable at any time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from medvos.errors import InputError
from medvos.models.efficientnet_lite import EfficientNetLite0
from medvos.models.mvo.config import MVO_COMPACT, MVO_PAPER, UNET, VIVIM, MvoConfig, Part
from medvos.models.mvo.network import MvoNetwork
from medvos_lab.begin import describe, goes_on, launch, note, state_of
from medvos_lab.datasets.emidec import emidec_cores
from medvos_lab.loop import Schedule, learn, one_cycle, optimiser
from medvos_lab.mvo.batches import MvoBatch, MvoBatches
from medvos_lab.mvo.hearts import load_slices
from medvos_lab.mvo.losses import mvo_loss
from medvos_lab.pretrained import freeze_statistics, load_lite0


@dataclass(frozen=True)
class Recipe:
    """A network's size and its optimiser settings, whose ``batch`` counts frames."""

    config: MvoConfig
    plan: Schedule


RECIPES = {
    "mvo": Recipe(MVO_COMPACT, Schedule(2e-3, 0.01, 40, one_cycle)),
    "mvo-paper": Recipe(MVO_PAPER, Schedule(1e-4, 3e-4, 80, one_cycle)),
    "mvo-unet": Recipe(UNET, Schedule(2e-3, 0.01, 40, one_cycle)),
    "mvo-vivim": Recipe(VIVIM, Schedule(2e-3, 0.01, 40, one_cycle)),
}


def train(
    model: str = "mvo",
    data: Path | None = None,
    out: Path = Path("runs/mvo"),
    steps: int = 3500,
    resume: bool = True,
    device: str = "auto",
    without: Iterable[Part] = (),
    frames: int | None = None,
) -> Path:
    """Trains a network and keeps ``last.ckpt``, ``log.jsonl`` and ``config.json`` in ``out``.

    Parameters
    ----------
    model: ``mvo`` (compact), ``mvo-paper``, or a baseline, ``mvo-unet`` or ``mvo-vivim``.
    data: folder of the real data; default as in `medvos_lab.datasets.data_root`.
    out: folder of this run.
    steps: batches in all; the learning rate's course depends on it.
    resume: go on from ``last.ckpt`` where there is one.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``; several GPUs are used together.
    without: parts of the network to leave out.
    frames: of every beat; default 10 at inference and several lengths in training, but for the U-Net, which takes one.

    Returns
    -------
    The checkpoint's path.

    Raises
    ------
    InputError: the data or the device are not there, the run in ``out`` was begun otherwise, or nothing is left of the
        network.
    """
    recipe = RECIPES[model]
    config = configured(recipe.config, without, frames)
    fabric = launch(out, device)
    described = describe(fabric, model, config, recipe.plan)
    resumed = goes_on(out, described, resume)
    note(fabric, out, described, resumed)
    torch.manual_seed(0)
    network = MvoNetwork(config)
    pretrained = [one for one in network.encoders if isinstance(one, EfficientNetLite0)]
    for one in pretrained:
        load_lite0(one)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    length = config.frames if config.design == "unet" else frames
    slices = load_slices(data, out.parent / "cache", "training")
    batches = MvoBatches(slices, emidec_cores(data, "training"), recipe.plan.batch, length, fabric.global_rank)
    student, optimise = fabric.setup(network, optimiser(network, pretrained, recipe.plan))
    state = state_of(fabric, out, network, optimise, resumed)

    def loss_of(batch: MvoBatch, _progress: float) -> Tensor:
        batch = batch.to(fabric.device)
        for encoder in pretrained:
            freeze_statistics(encoder)
        return mvo_loss(student(batch.frames, batch.wall), batch.core, batch.wall)

    return learn(fabric, student, state, batches, loss_of, recipe.plan, steps, out)


def configured(config: MvoConfig, without: Iterable[Part], frames: int | None) -> MvoConfig:
    """The configuration without some parts, or for beats of another length."""
    left_out = dict.fromkeys(without, False)
    try:
        return replace(config, **left_out, frames=frames or config.frames)  # type: ignore[arg-type]
    except ValueError as error:
        raise InputError("--without static --without motion leaves nothing to look at; give one of them.") from error
