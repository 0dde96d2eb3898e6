"""Training of any recipe, from data to a checkpoint, resumable at any time."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from medvos.errors import InputError
from medvos.models.device import choose_device
from medvos.staging import disk_errors
from medvos_lab.budget import Budget
from medvos_lab.loop import CHECKPOINT, LOG, TensorBatch, fit, log, optimiser
from medvos_lab.pretrained import freeze_statistics
from medvos_lab.recipe import Recipe
from medvos_lab.recipe_types import SINGLE, Folders, Precision, Training
from medvos_lab.terms import RELEASES

if TYPE_CHECKING:
    from lightning.fabric import Fabric

CONFIG = "config.json"
# Errors of reading a damaged or foreign config.json or checkpoint.
UNREADABLE = (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, EOFError, UnpicklingError)


def train(
    recipe: Recipe[Any, Any],
    out: Path,
    data: Path | None = None,
    steps: int | None = None,
    resume: bool = True,
    device: str = "auto",
    minutes: float | None = None,
    workers: int = 1,
    precision: Precision = SINGLE,
) -> Path:
    """Train a network; keep ``last.ckpt``, ``log.jsonl`` and ``config.json`` in ``out``.

    Parameters
    ----------
    recipe: with its options set, see `Recipe.configured`.
    out: folder of this run; data that are computed once are kept in ``cache`` beside it.
    data: folder of the labelled data; default as in `medvos_lab.datasets.data_root`.
    steps: batches in all, on which the learning-rate schedule depends; default those of the recipe.
    resume: continue from ``last.ckpt`` where there is one; a training that has ended is left as it is.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``; several GPUs are used together.
    minutes: of training in all, in place of ``steps`` (`medvos_lab.loop.fit` says what counts). The preparation of the
        data comes before them, and the log states its seconds.
    workers: processes that compute data for the cache, then prepare batches.
    precision: ``bf16-mixed`` computes in bfloat16 where autocast does, in recipes with `Recipe.mixed_precision`.

    Returns
    -------
    The checkpoint's path.

    Raises
    ------
    InputError: data or device are missing, ``out`` cannot be written, its run was begun with other options, steps and
        minutes are both given, or the recipe has no training in minutes or in this precision.

    Example
    -------
    >>> train(RECIPES["tcmn"].configured(contrastive=False), Path("runs/tcmn-plain"))
    """
    began = time.monotonic()
    budget = budget_of(recipe, steps, minutes)
    check_precision(recipe, precision)
    fabric = launch(out, device, precision)
    described = describe(fabric, recipe)
    if precision != SINGLE:
        described |= {"device": f"{described['device']} in {precision}", "precision": precision}
    resumed = can_resume(out, described, recipe, resume)
    if resumed and has_ended(out, budget, recipe):
        return out / CHECKPOINT
    if resumed and described.get("before"):
        described["before"] = _read_config(out).get("before", [])  # of the weights in the checkpoint
    write_config(fabric, out, described, resumed)
    torch.manual_seed(0)
    network = recipe.network()
    parts = recipe.initialise(network)
    network.to(memory_format=torch.channels_last)
    folders = Folders(data, out, workers)
    batches = recipe.batches(folders, budget.steps or recipe.steps, fabric.global_rank)
    model, optimise = fabric.setup(recipe.model(network), optimiser(network, parts.pretrained, recipe.schedule))
    state = load_state(fabric, out, network, optimise, resumed)
    training = Training(model, state["average"], batches)

    def loss_of(batch: TensorBatch, progress: float) -> Tensor:
        for part in parts.frozen:
            freeze_statistics(part)
        return recipe.loss(training, batch.to(fabric.device), progress)

    def metrics() -> Mapping[str, Any]:
        return recipe.checkpoint_metrics(state["average"], folders, fabric.device)

    if budget.minutes is not None and fabric.is_global_zero:
        log(out, {"step": state["step"], "preparation_seconds": round(time.monotonic() - began, 1)})
    schedule, save_every = recipe.schedule, recipe.save_every
    return fit(fabric, model, state, batches, loss_of, schedule, budget, out, metrics, save_every, workers)


def budget_of(recipe: Recipe[Any, Any], steps: int | None, minutes: float | None) -> Budget:
    """Return the budget of a training, by default the recipe's steps.

    Raises
    ------
    InputError: steps and minutes are both given, minutes are no positive number, or of a recipe whose batches depend on
        the number of steps.

    Example
    -------
    >>> budget_of(RECIPES["cstm"], None, 8).minutes
    8
    """
    if minutes is None:
        return Budget(steps=steps or recipe.steps)
    if steps is not None:
        raise InputError("A training lasts a number of steps or of minutes; give --steps or --minutes.")
    if recipe.counts_steps:
        raise InputError(f"The batches of {recipe.name} depend on the number of steps; give --steps, not --minutes.")
    if not 0 < minutes < math.inf:
        raise InputError(f"A training cannot last {minutes:g} minutes; give a positive number with --minutes.")
    return Budget(minutes=minutes)


def check_precision(recipe: Recipe[Any, Any], precision: Precision) -> None:
    """Raise InputError where a recipe is not trained in this precision."""
    if precision != SINGLE and not recipe.mixed_precision:
        raise InputError(f"{recipe.name} is trained in float32 only; leave --precision {precision} out.")


def has_ended(out: Path, budget: Budget, recipe: Recipe[Any, Any]) -> bool:
    """Return whether the training in ``out`` has used up its budget, and can be released.

    Raises
    ------
    InputError: its checkpoint is damaged, or not of this recipe's network.

    Example
    -------
    >>> has_ended(Path("runs/beats"), Budget(minutes=8), RECIPES["cstm-beats"])
    True
    """
    try:
        state = torch.load(out / CHECKPOINT, map_location="cpu", weights_only=True)
        ended = budget.ended(state["step"], state.get("seconds", 0.0))
        if ended:  # a training that continues is checked as it is loaded
            recipe.network().load_state_dict(state["average"])
        return ended
    except UNREADABLE as error:
        raise _damaged(out) from error


def _damaged(out: Path) -> InputError:
    return InputError(f"{out / CHECKPOINT} is damaged; give --fresh, or choose another --out.")


def launch(out: Path, device: str, precision: Precision = SINGLE) -> Fabric:
    """Return the devices of a run and make its folder; several GPUs are used together.

    Raises
    ------
    InputError: the device is missing, or the folder cannot be written.
    """
    from lightning.fabric import Fabric

    choose_device(device)  # Fabric's own error for a missing device is a traceback
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    fabric = Fabric(accelerator=device, devices="auto" if device != "cpu" else 1, precision=precision)
    fabric.launch()
    return fabric


def describe(fabric: Fabric, recipe: Recipe[Any, Any]) -> dict[str, Any]:
    """Return the entries of ``config.json``: recipe and options, samples in a step, devices and network."""
    threads, schedule = torch.get_num_threads(), recipe.schedule
    unlabelled = {"unlabelled": schedule.unlabelled * fabric.world_size} if schedule.unlabelled else {}
    stages = recipe.earlier_stages()
    return {
        "model": recipe.name,
        **recipe.facts(),
        **({"before": stages} if stages else {}),
        **unlabelled,
        "batch": schedule.batch * fabric.world_size,
        "batch_of_a_device": schedule.batch,
        "device": f"{threads} CPU thread{'s'[: threads - 1]}"
        if fabric.device.type == "cpu"
        else f"{fabric.world_size} GPU",
        "config": asdict(recipe.config),
    }


def can_resume(out: Path, described: dict[str, Any], recipe: Recipe[Any, Any], resume: bool) -> bool:
    """Return whether the run in ``out`` continues from its checkpoint.

    Raises
    ------
    InputError: it was begun as another model, with another configuration or with other options.
    """
    if not (resume and (out / CHECKPOINT).exists()):
        return False
    try:
        begun = _read_config(out)
        other = ["model"] if begun["model"] != described["model"] else []
        # A run of an earlier version lacks an option that came later: it was trained without it.
        other += [key for key in recipe.facts() if (begun.get(key) or None) != (described[key] or None)]
        # The card states both of the whole training. Another number of devices may go on with it.
        other += ["precision"] if begun.get("precision") != described.get("precision") else []
        other += ["batch"] if _batch_of_a_device(begun, recipe) != recipe.schedule.batch else []
        if type(recipe.config).of(begun["config"]) != recipe.config:
            other.append("network")
        # Facts that name the start of every training are compared above; earlier versions kept no "before" of these.
        if "start" not in recipe.facts() and bool(begun.get("before")) != bool(described.get("before")):
            other.append("start")  # on which the learning rate depends
    except UNREADABLE as error:
        raise InputError(f"{out} has a checkpoint without a readable {CONFIG}; choose another --out.") from error
    if other:
        raise InputError(
            f"The run in {out} was begun with another {' and '.join(other)}; continue it as it was begun, choose "
            "another --out, or give --fresh."
        )
    return True


def _batch_of_a_device(begun: dict[str, Any], recipe: Recipe[Any, Any]) -> int:
    """Return the samples in a step of one device; earlier versions kept those of all devices together."""
    usual, together = recipe.schedule.batch, int(begun["batch"])
    return int(begun.get("batch_of_a_device", usual if together % usual == 0 else together))


def _read_config(run: Path) -> dict[str, Any]:
    return json.loads((run / CONFIG).read_text(encoding="utf-8"))


def write_config(fabric: Fabric, out: Path, described: dict[str, Any], resumed: bool) -> None:
    """Write ``config.json``, and delete the log of a run that begins anew."""
    if fabric.is_global_zero:
        (out / "config.partial").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
        (out / "config.partial").replace(out / CONFIG)
        if not resumed:
            (out / LOG).unlink(missing_ok=True)


def load_state(fabric: Fabric, out: Path, network: nn.Module, optimise: Any, resumed: bool) -> dict[str, Any]:
    """Return network, moving average, optimiser, step and seconds, as `medvos_lab.loop.fit` continues from them.

    Raises
    ------
    InputError: the checkpoint is damaged.
    """
    state = {"network": network, "average": deepcopy(network).eval(), "optimiser": optimise, "step": 0}
    if resumed:
        try:
            others = fabric.load(out / CHECKPOINT, state)
        except UNREADABLE as error:
            raise _damaged(out) from error
        return state | {"seconds": others.get("seconds", 0.0)}  # earlier versions did not keep them
    return state | {"seconds": 0.0}


def load_start_run(start: Path, release: str) -> tuple[list[str], dict[str, Tensor]]:
    """Return the stages of training up to the run in ``start``, one line each, and its averaged weights.

    Raises
    ------
    InputError: there is no run, or it learnt from data that this release must not use.
    """
    try:
        described = _read_config(start)
        state = torch.load(start / CHECKPOINT, map_location="cpu", weights_only=True)
        widths = ", ".join(str(width) for width in described["config"]["decoder_channels"])
        stage = f"{state['step']} steps ({described['release']} release), decoder widths {widths}"
        sources = RELEASES[described["release"]].sources
        found = [*described.get("before", []), stage], state["average"]
    except UNREADABLE as error:
        raise InputError(f"{start} holds no run to start from; give the folder of one with --start.") from error
    foreign = sorted({*sources} - {*RELEASES[release].sources})
    if foreign:
        raise InputError(
            f"The run in {start} learnt from {' and '.join(foreign)}, which the release '{release}' must not use; "
            "start from another run."
        )
    return found
