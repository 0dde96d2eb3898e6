"""``medvos train mvo``: microvascular obstruction from cine, on simulated infarcts, resumable at any time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from medvos.datasets.emidec import emidec_cores
from medvos.errors import InputError
from medvos.models.device import choose_device
from medvos.models.efficientnet_lite import EfficientNetLite0
from medvos.models.mvo.config import MVO_COMPACT, MVO_PAPER, UNET, VIVIM, MvoConfig, Part
from medvos.models.mvo.network import MvoNetwork
from medvos.train.loop import Schedule, learn, one_cycle, optimiser
from medvos.train.mvo.batches import MvoBatch, MvoBatches
from medvos.train.mvo.hearts import load_slices
from medvos.train.mvo.losses import mvo_loss
from medvos.train.pretrained import load_lite0
from medvos.train.stages import UNREADABLE


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
    data: folder of the real data; default as in `medvos.datasets.data_root`.
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
    from lightning.fabric import Fabric

    recipe = RECIPES[model]
    config = configured(recipe.config, without, frames)
    choose_device(device)  # Fabric would say in a traceback that it is not there
    resumed = resume and (out / "last.ckpt").exists()
    if resumed:
        _check_begun_alike(out, model, config)
    out.mkdir(parents=True, exist_ok=True)
    fabric = Fabric(accelerator=device, devices="auto" if device != "cpu" else 1)
    fabric.launch()
    on_cpu = fabric.device.type == "cpu"
    described = {
        "model": model,
        "batch": recipe.plan.batch * fabric.world_size,
        "device": f"{torch.get_num_threads()} CPU threads" if on_cpu else f"{fabric.world_size} GPU",
        "config": asdict(config),
    }
    if fabric.is_global_zero:
        (out / "config.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
        if not resumed:
            (out / "log.jsonl").unlink(missing_ok=True)
    torch.manual_seed(0)
    network = MvoNetwork(config)
    pretrained = [one for one in network.encoders if isinstance(one, EfficientNetLite0)]
    for one in pretrained:
        load_lite0(one)
    average = MvoNetwork(config)
    average.load_state_dict(network.state_dict())
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    length = config.frames if config.design == "unet" else frames
    slices = load_slices(data, out.parent / "cache", "training")
    batches = MvoBatches(slices, emidec_cores(data, "training"), recipe.plan.batch, length, fabric.global_rank)
    student, optimise = fabric.setup(network, optimiser(network, pretrained, recipe.plan))
    state: dict[str, Any] = {
        "network": network,
        "average": average.to(fabric.device).eval(),
        "optimiser": optimise,
        "step": 0,
    }
    if resumed:
        try:
            fabric.load(out / "last.ckpt", state)
        except UNREADABLE as error:
            raise InputError(f"{out / 'last.ckpt'} is damaged; give --fresh, or choose another --out.") from error

    def loss_of(batch: MvoBatch, _progress: float) -> Tensor:
        batch = batch.to(fabric.device)
        _freeze_statistics(pretrained)
        return mvo_loss(student(batch.frames, batch.wall), batch.core, batch.wall)

    return learn(fabric, student, state, batches, loss_of, recipe.plan, steps, out)


def configured(config: MvoConfig, without: Iterable[Part], frames: int | None) -> MvoConfig:
    """The configuration without some parts, or for beats of another length."""
    left_out = dict.fromkeys(without, False)
    try:
        return replace(config, **left_out, frames=frames or config.frames)  # type: ignore[arg-type]
    except ValueError as error:
        raise InputError("--without static --without motion leaves nothing to look at; give one of them.") from error


def _freeze_statistics(encoders: Iterable[nn.Module]) -> None:
    """Keeps the ImageNet statistics: the frames of few beats are too alike to estimate them."""
    for encoder in encoders:
        for module in encoder.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()


def _check_begun_alike(out: Path, model: str, config: MvoConfig) -> None:
    """Raises InputError where the run in ``out`` is of another network."""
    try:
        begun = json.loads((out / "config.json").read_text(encoding="utf-8"))
        alike = begun["model"] == model and MvoConfig.of(begun["config"]) == config
    except UNREADABLE as error:
        raise InputError(f"{out} has a checkpoint without a readable config.json; choose another --out.") from error
    if not alike:
        raise InputError(f"The run in {out} is of another network or parts; choose another --out, or give --fresh.")
