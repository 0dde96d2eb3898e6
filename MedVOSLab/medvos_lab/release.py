"""From a checkpoint to shipped weights: half precision, checksum, manifest entry."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from medvos.models.cstm.config import CstmConfig
from medvos.models.cstm.network import Cstm
from medvos.models.echo.network import EchoNetwork
from medvos.models.mvo.network import MvoNetwork
from medvos.models.tcmn.network import Tcmn
from medvos.models.vivim.network import Vivim

# Statistics of batches may be beyond half precision, and are few.
IN_SINGLE = ("running_mean", "running_var")
# What a user may lose in validation Dice by weights that are free for any use.
OPEN_MAY_LOSE = 0.02


def averaged_weights(run: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """The moving average of a run's weights, and what ``config.json`` says of the run with its ``step``."""
    described = json.loads((run / "config.json").read_text(encoding="utf-8"))
    state = torch.load(run / "last.ckpt", map_location="cpu", weights_only=True)
    return state["average"], {**described, "step": state["step"]}


def averaged_network(run: Path) -> tuple[Cstm, dict[str, Any]]:
    """The network with these weights, in evaluation mode, and what is said of the run."""
    weights, described = averaged_weights(run)
    network = Cstm(CstmConfig.of(described["config"]))
    network.load_state_dict(weights)
    return network.eval(), described


def write_weights(
    network: Cstm | EchoNetwork | MvoNetwork | Tcmn | Vivim, name: str, folder: Path, terms: str, summary: str
) -> None:
    """Writes ``name.safetensors`` and its entry in ``manifest.json``; other entries stay as they are.

    Parameters
    ----------
    network: what to ship.
    name: model name.
    folder: of the models.
    terms: what the weights may be used for.
    summary: one line.

    Raises
    ------
    ValueError: a weight is not finite in half precision.
    """
    from safetensors.torch import save

    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        key: (value.float() if key.endswith(IN_SINGLE) else value.half()).contiguous()
        for key, value in network.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    if not all(tensor.isfinite().all() for tensor in tensors.values()):
        raise ValueError("a weight is too large for half precision")
    content = save(tensors)
    path = folder / f"{name}.safetensors"
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)
    entry = {
        "file": path.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "terms": terms,
        "summary": summary,
        "config": asdict(network.config),
    }
    update_manifest(folder, name, entry)


def update_manifest(folder: Path, name: str, entry: dict[str, Any]) -> None:
    """Adds or changes one model's entry."""
    manifest = _manifest(folder)
    manifest["models"].setdefault(name, {}).update(entry)
    _write_manifest(folder, manifest)


def choose_default(folder: Path, model: str) -> str:
    """Makes ``model`` an alias of its release that a user should get who asks for no other, and names it.

    That is the open release where its validation Dice is at most ``OPEN_MAY_LOSE`` below the research release's.
    """
    manifest = _manifest(folder)
    dice = {
        release: manifest["models"][f"{model}-{release}"].get("validation_dice") or 0.0
        for release in ("open", "research")
        if f"{model}-{release}" in manifest["models"]
    }
    best = "open" if dice.get("open", -1.0) >= dice.get("research", 0.0) - OPEN_MAY_LOSE else "research"
    manifest["aliases"][model] = f"{model}-{best}"
    _write_manifest(folder, manifest)
    return f"{model}-{best}"


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"aliases": {}, "models": {}}


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    partial = folder / "manifest.partial"
    partial.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    partial.replace(folder / "manifest.json")
