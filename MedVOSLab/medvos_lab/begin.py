"""The beginning that every training shares: its devices, its folder and the checkpoint it goes on from."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from medvos.errors import InputError
from medvos.models.device import choose_device
from medvos.staging import disk_errors
from medvos_lab.loop import Schedule
from medvos_lab.stages import UNREADABLE

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from lightning.fabric import Fabric

CHECKPOINT = "last.ckpt"


def launch(out: Path, device: str) -> Fabric:
    """The devices of a run whose folder is ``out``, which is made; several GPUs are used together.

    Raises
    ------
    InputError: the device is not there, or the folder cannot be written.
    """
    from lightning.fabric import Fabric

    choose_device(device)  # Fabric would say in a traceback that it is not there
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    fabric = Fabric(accelerator=device, devices="auto" if device != "cpu" else 1)
    fabric.launch()
    return fabric


def describe(fabric: Fabric, model: str, config: DataclassInstance, plan: Schedule, **options: Any) -> dict[str, Any]:
    """What ``config.json`` says of a run: the network, the ``options`` it was asked for, and where it runs."""
    threads = torch.get_num_threads()
    return {
        "model": model,
        **options,
        "batch": plan.batch * fabric.world_size,
        "device": f"{threads} CPU thread{'s'[: threads - 1]}"
        if fabric.device.type == "cpu"
        else f"{fabric.world_size} GPU",
        "config": asdict(config),
    }


def goes_on(out: Path, described: dict[str, Any], resume: bool, *options: str) -> bool:
    """Whether the run in ``out`` goes on from its checkpoint.

    Raises
    ------
    InputError: it was begun as another model, with another configuration or with other ``options``.
    """
    if not (resume and (out / CHECKPOINT).exists()):
        return False
    wanted = json.loads(json.dumps(described))
    try:
        begun = json.loads((out / "config.json").read_text(encoding="utf-8"))
        alike = all(begun[key] == wanted[key] for key in ("model", "config", *options))
    except UNREADABLE as error:
        raise InputError(f"{out} has a checkpoint without a readable config.json; choose another --out.") from error
    if not alike:
        raise InputError(f"The run in {out} is of another network or options; choose another --out, or give --fresh.")
    return True


def note(fabric: Fabric, out: Path, described: dict[str, Any], resumed: bool) -> None:
    """Writes ``config.json``, and takes away the log of a run that begins anew."""
    if fabric.is_global_zero:
        (out / "config.partial").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
        (out / "config.partial").replace(out / "config.json")
        if not resumed:
            (out / "log.jsonl").unlink(missing_ok=True)


def state_of(fabric: Fabric, out: Path, network: nn.Module, optimise: Any, resumed: bool) -> dict[str, Any]:
    """What `medvos_lab.loop.learn` goes on from: network, moving average, optimiser and step.

    Raises
    ------
    InputError: the checkpoint is damaged.
    """
    state = {"network": network, "average": deepcopy(network).eval(), "optimiser": optimise, "step": 0}
    if resumed:
        try:
            fabric.load(out / CHECKPOINT, state)
        except UNREADABLE as error:
            raise InputError(f"{out / CHECKPOINT} is damaged; give --fresh, or choose another --out.") from error
    return state
