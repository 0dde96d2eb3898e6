"""The store of released weights: which models there are, their terms, and their files with the checksum verified."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medvos.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

_PACKAGE = Path(__file__).resolve().parents[1]
# In a wheel the weights lie inside the package, in a checkout and in Slicer beside the module.
_PLACES = (_PACKAGE / "weights", _PACKAGE.parents[1] / "MedVOSResources" / "Models")


@dataclass(frozen=True)
class ModelInfo:
    """One entry of ``manifest.json``.

    Attributes
    ----------
    name: name for ``--model``.
    path: the ``.safetensors`` file.
    sha256: its checksum.
    terms: permitted use of the weights, one sentence.
    summary: one line about the model.
    config: the network's `CstmConfig`, `EchoConfig`, `MvoConfig`, `TcmnConfig` or `VivimConfig` as keywords.
    calibration: constants of `medvos.uncertainty`, fitted on the validation split.
    intervals: constants of `medvos.uncertainty.borders`, and on whom they were fitted.
    validation_dice: mean Dice of all structures on the validation split; None where it was not measured.
    network: ``cstm``, ``echo``, ``mvo``, ``tcmn`` or ``vivim``, which `config` it has.
    companion: name of the model that gives a second opinion on its results; empty for none.
    """

    name: str
    path: Path
    sha256: str
    terms: str
    summary: str
    config: dict[str, Any]
    calibration: dict[str, list[float]] = field(default_factory=dict)
    intervals: dict[str, Any] = field(default_factory=dict)
    validation_dice: float | None = None
    network: str = "cstm"
    companion: str = ""

    @property
    def size_mb(self) -> float:
        """Size of the file in megabytes; raises InputError where it is missing."""
        try:
            return self.path.stat().st_size / 1e6
        except OSError as error:
            raise _unreadable(self.path, error) from error

    @property
    def card_path(self) -> Path:
        """The model card."""
        return self.path.with_suffix(".md")


def models_folder() -> Path:
    """Return the folder of the models: ``MEDVOS_MODELS``, else the place of the package's weights.

    Raises
    ------
    InputError: there is no manifest.
    """
    given = os.environ.get("MEDVOS_MODELS")
    for place in (Path(given),) if given else _PLACES:
        if (place / "manifest.json").is_file():
            return place
    raise InputError("No model weights were found; reinstall medvos or set MEDVOS_MODELS to the folder that has them.")


def _listed(folder: Path) -> tuple[list[ModelInfo], dict[str, str]]:
    """Return the models of a folder's manifest by name, and its aliases."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        models = [
            ModelInfo(name=name, path=path.with_name(entry.pop("file")), **entry)
            for name, entry in sorted(manifest["models"].items())
        ]
        return models, dict(manifest.get("aliases", {}))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"The list of models {path.name} cannot be read; reinstall medvos.") from error


def available(folder: Path | None = None) -> list[ModelInfo]:
    """Return all models of a folder (default: `models_folder`), by name.

    Raises
    ------
    InputError: there is no manifest or it is damaged.
    """
    return _listed(folder or models_folder())[0]


def aliases() -> dict[str, str]:
    """Return the other names of models, each with the name of its model.

    Raises
    ------
    InputError: as `available`.
    """
    return _listed(models_folder())[1]


def resolve(name: str, *networks: str) -> ModelInfo:
    """Return the model of this name or alias.

    Raises
    ------
    InputError: there is none with one of these kinds of network; where none is named, with ``cstm``.
    """
    listed, others = _listed(models_folder())
    models = {model.name: model for model in listed if model.network in (networks or ("cstm",))}
    model = models.get(others.get(name, name))
    if model is None:
        known = ", ".join(sorted({*models, *(alias for alias, of in others.items() if of in models)}))
        if any(other.name == others.get(name, name) for other in listed):
            choice = f"choose from {known}" if known else "set MEDVOS_MODELS to a folder with weights for it"
            raise InputError(f"The model '{name}' is not for this task; {choice}.")
        choice = f"choose from {known}, or " if known else ""
        raise InputError(
            f"There are no weights of a model '{name}' here; {choice}set MEDVOS_MODELS to a folder that has them."
        )
    return model


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"The weights {path.name} cannot be read ({error.strerror}); reinstall medvos.")


def verified_bytes(model: ModelInfo) -> bytes:
    """Return the content of a model's weights.

    Raises
    ------
    InputError: the file is missing, or its SHA-256 differs from the manifest's.
    """
    try:
        content = model.path.read_bytes()
    except OSError as error:
        raise _unreadable(model.path, error) from error
    if hashlib.sha256(content).hexdigest() != model.sha256:
        raise InputError(f"The weights {model.path.name} do not have the checksum they should; reinstall medvos.")
    return content


def verified_weights(model: ModelInfo) -> dict[str, Tensor]:
    """Return the tensors of a model's file by name, as released: BatchNorm is not folded into the convolutions.

    Those that the file has in eight bits are in float32.

    Raises
    ------
    InputError: as `verified_bytes`.

    Example
    -------
    >>> verified_weights(resolve("cstm"))["decoder.logits.bias"]
    """
    from safetensors.torch import load as from_bytes

    from medvos.models.eight_bit import from_eight_bits

    return from_eight_bits(from_bytes(verified_bytes(model)))
