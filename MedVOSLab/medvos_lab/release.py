"""Release of any recipe's run: weights in eight bits, validation, entry in the manifest, model card."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import nn

from medvos.models.device import choose_device
from medvos.models.eight_bit import to_eight_bits
from medvos.models.store import available, resolve, verified_weights
from medvos_lab.recipe import Recipe
from medvos_lab.recipe_types import Folders

# Statistics of batches can exceed half precision, and are few.
IN_SINGLE = ("running_mean", "running_var")
# Validation Dice that a user may lose by weights that are free for any use.
OPEN_MAY_LOSE = 0.02


def release(
    recipe: Recipe[Any, Any], run: Path, models: Path, data: Path | None = None, device: str = "auto", command: str = ""
) -> Path:
    """Release a run's averaged weights, or what the recipe makes of them.

    ``NAME.safetensors``, its entry in ``manifest.json`` and the card ``NAME.md``.

    Nothing is written to ``models`` before the validation has ended. The weights are rounded
    (`medvos.models.eight_bit`) before it.

    Parameters
    ----------
    recipe: that was trained. run: folder of the training.
    models: folder that gets the files.
    data: folder of the labelled data.
    device: for the validation, as in `medvos_lab.train.train`.
    command: that made the weights, for the card.

    Returns
    -------
    The card.

    Raises
    ------
    InputError: the data or the device are missing, or the run is not one that the recipe's options can release.
    ValueError: a weight is not finite in half precision.

    Example
    -------
    >>> release(RECIPES["tcmn"], Path("runs/tcmn"), Path("runs/tcmn/Models"), command="medvos train tcmn")
    """
    weights, described = averaged_weights(run)
    weights = recipe.released(weights, described)
    network = recipe.network()
    network.load_state_dict(weights)
    card = recipe.card()
    kind = {"network": recipe.kind, **({"companion": card.companion} if card.companion else {})}
    if card.companion:
        _add_companion(models, card.companion)
    with TemporaryDirectory() as folder:
        if card.companion:
            _add_companion(Path(folder), card.companion)
        write_weights(network, card.name, Path(folder), card.terms, card.summary)
        update_manifest(Path(folder), card.name, kind)
        with model_store(Path(folder)):
            # What a user gets is judged: the rounded weights.
            rounded = verified_weights(resolve(card.name, recipe.kind))
            judged = recipe.network()
            judged.load_state_dict(weights | {key: value.float() for key, value in rounded.items()})
            validation = recipe.validate(judged.eval(), Folders(data, run), choose_device(device))
    write_weights(network, card.name, models, card.terms, card.summary)
    update_manifest(models, card.name, {**kind, **validation.entry})
    if card.alias:
        choose_default(models, card.alias)
    info = next(model for model in available(models) if model.name == card.name)
    counts = {key: int(validation.metrics[key]) for key in card.counts}
    words = {
        "info": info,
        "config": recipe.config,
        "parameters": round(sum(p.numel() for p in network.parameters()) / 1e6, 2),
        "described": described,
        "command": command,
        "counts": counts,
        "rows": [(key, round(value, 3)) for key, value in validation.metrics.items() if key not in counts],
    }
    info.card_path.write_text(render(card.template, **words | {**card.words, **validation.words}), encoding="utf-8")
    return info.card_path


def render(template: Path, **words: Any) -> str:
    """Return a card as Markdown; a word that the template names and ``words`` lack is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    cards = Environment(loader=FileSystemLoader(template.parent), undefined=StrictUndefined, keep_trailing_newline=True)
    return cards.get_template(template.name).render(**words)


def _add_companion(models: Path, name: str) -> None:
    """Copy a released model into a folder of models that does not have it."""
    info = resolve(name, "vivim")
    if models.is_dir() and (models / info.path.name).exists():
        return
    entry = {key: value for key, value in asdict(info).items() if key not in ("name", "path") and value != ""}
    models.mkdir(parents=True, exist_ok=True)
    shutil.copy(info.path, models)
    update_manifest(models, info.name, {"file": info.path.name, **entry})


@contextmanager
def model_store(models: Path) -> Iterator[None]:
    """Make this folder the model store."""
    before = os.environ.get("MEDVOS_MODELS")
    os.environ["MEDVOS_MODELS"] = str(models)
    try:
        yield
    finally:
        if before is None:
            del os.environ["MEDVOS_MODELS"]
        else:
            os.environ["MEDVOS_MODELS"] = before


def averaged_weights(run: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Return the moving average of a run's weights, and the entries of its ``config.json`` with its ``step``."""
    described = json.loads((run / "config.json").read_text(encoding="utf-8"))
    state = torch.load(run / "last.ckpt", map_location="cpu", weights_only=True)
    return state["average"], {**described, "step": state["step"]}


def write_weights(network: nn.Module, name: str, folder: Path, terms: str, summary: str) -> None:
    """Write ``name.safetensors`` and its entry in ``manifest.json``; other entries stay as they are.

    Matrices and kernels are stored in eight bits (`medvos.models.eight_bit`), vectors in half precision.

    Parameters
    ----------
    network: with its configuration as ``config``.
    name: model name.
    folder: of the models.
    terms: permitted use of the weights.
    summary: one line.

    Raises
    ------
    ValueError: a weight is not finite in half precision.
    """
    from safetensors.torch import save

    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        key: value.float().contiguous()
        for key, value in network.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    in_half = {key: value.half() for key, value in tensors.items() if not key.endswith(IN_SINGLE)}
    if not all(value.isfinite().all() for value in (tensors | in_half).values()):
        raise ValueError("a weight is too large for half precision")
    stored = {
        key: in_half.get(key, value) if value.dtype == torch.float32 else value
        for key, value in to_eight_bits(tensors).items()
    }
    content = save(stored)
    path = folder / f"{name}.safetensors"
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)
    entry = {
        "file": path.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "terms": terms,
        "summary": summary,
        "config": asdict(network.config),  # type: ignore[call-overload]
    }
    update_manifest(folder, name, entry)


def update_manifest(folder: Path, name: str, entry: dict[str, Any]) -> None:
    """Add or change one model's entry."""
    manifest = _manifest(folder)
    manifest["models"].setdefault(name, {}).update(entry)
    _write_manifest(folder, manifest)


def choose_default(folder: Path, model: str) -> str:
    """Make ``model`` an alias of its default release, and return the release's name.

    The default is the open release ``MODEL-open`` where its validation Dice is at most ``OPEN_MAY_LOSE`` below that of
    the best release, else the best one; releases of a model are all whose name begins with ``MODEL-``.

    Example
    -------
    >>> choose_default(models_folder(), "cstm")
    'cstm-research'
    """
    manifest = _manifest(folder)
    dice = {
        name: entry.get("validation_dice") or 0.0
        for name, entry in manifest["models"].items()
        if name.startswith(f"{model}-")
    }
    best = max(dice, key=lambda name: dice[name])
    free = f"{model}-open"
    chosen = free if free in dice and dice[free] >= dice[best] - OPEN_MAY_LOSE else best
    manifest["aliases"][model] = chosen
    _write_manifest(folder, manifest)
    return chosen


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"aliases": {}, "models": {}}


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    partial = folder / "manifest.partial"
    partial.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    partial.replace(folder / "manifest.json")
