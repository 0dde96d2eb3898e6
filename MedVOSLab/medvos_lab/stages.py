"""What a training may go on from: its own checkpoint, or another run whose data its release may use."""

from __future__ import annotations

import json
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from medvos.errors import InputError
from medvos.models.cstm.config import CstmConfig
from medvos_lab.terms import RELEASES

# What reading a damaged or a foreign checkpoint ends in.
UNREADABLE = (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, EOFError, UnpicklingError)


def before(start: Path, release: str) -> tuple[list[str], dict[str, torch.Tensor]]:
    """What the run in ``start`` and those before it did, for the card, and its averaged weights.

    Raises
    ------
    InputError: there is no run, or it learnt from data that this release may not use.
    """
    try:
        described = json.loads((start / "config.json").read_text(encoding="utf-8"))
        state = torch.load(start / "last.ckpt", map_location="cpu", weights_only=True)
        widths = ", ".join(str(width) for width in described["config"]["decoder_channels"])
        stage = f"{state['step']} steps ({described['release']} release), decoder widths {widths}"
        sources = RELEASES[described["release"]].sources
        found = [*described.get("before", []), stage], state["average"]
    except UNREADABLE as error:
        raise InputError(f"{start} holds no run to start from; give the folder of one with --start.") from error
    foreign = sorted({*sources} - {*RELEASES[release].sources})
    if foreign:
        raise InputError(
            f"The run in {start} learnt from {' and '.join(foreign)}, which the release '{release}' must not; "
            "start from another run."
        )
    return found


def described_again(out: Path, described: dict[str, Any]) -> dict[str, Any]:
    """What ``config.json`` is to say of a run that goes on: as it was begun, with what it is doing now.

    The weights are those of the checkpoint, so what they learnt from must not be said anew.

    Raises
    ------
    InputError: the run was begun otherwise.
    """
    try:
        begun = json.loads((out / "config.json").read_text(encoding="utf-8"))
        config = CstmConfig.of(begun["config"])
        was = begun["model"], begun["release"]
    except UNREADABLE as error:
        raise InputError(f"{out} has a checkpoint without a readable config.json; choose another --out.") from error
    if was != (described["model"], described["release"]) or config != CstmConfig.of(described["config"]):
        raise InputError(
            f"The run in {out} is of {was[0]}, release {was[1]}, and perhaps of another matching; "
            "go on as it was begun, choose another --out, or give --fresh."
        )
    if bool(begun.get("before")) != bool(described.get("before")):
        raise InputError(
            f"The run in {out} was begun {'with' if begun.get('before') else 'without'} --start, on which its learning "
            "rate depends; go on as it was begun, choose another --out, or give --fresh."
        )
    return {**described, "before": begun["before"]} if begun.get("before") else described
