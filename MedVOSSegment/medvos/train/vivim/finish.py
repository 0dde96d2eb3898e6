"""The end of a Vivim training: weights, constants of the uncertainty, figures on the validation split, model card."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from medvos.models.device import choose_device
from medvos.models.store import ModelInfo, available
from medvos.models.vivim.config import SCANS, VivimConfig
from medvos.models.vivim.network import Vivim
from medvos.train.release import averaged_weights, update_manifest, write_weights
from medvos.train.terms import RELEASES
from medvos.train.vivim.run import RELEASE
from medvos.train.vivim.validate import validate

SUMMARIES = {
    "vivim": "Compact Vivim: LV, myocardium and RV in short-axis cine MRI without a seed; for non-commercial research.",
    "vivim-paper": "Vivim in the size of the paper: short-axis cine MRI without a seed; for non-commercial research.",
}


def finish(run: Path, models: Path, data: Path | None, device: str, command: str) -> Path:
    """Releases a run's averaged weights into ``models`` with calibration and card.

    Parameters
    ----------
    run: folder of the training.
    models: folder that gets ``NAME.safetensors``, ``NAME.md`` and the entry in ``manifest.json``.
    data: folder of the labelled data.
    device: where the evaluation runs.
    command: what made the weights, for the card.

    Returns
    -------
    The card.
    """
    weights, described = averaged_weights(run)
    network = Vivim(VivimConfig.of(described["config"]))
    network.load_state_dict(weights)
    name = released_name(described["model"], network.config)
    write_weights(network, name, models, RELEASES[RELEASE].terms, SUMMARIES[described["model"]])
    figures, calibration = validate(network, data, choose_device(device))
    entry = {
        "network": "vivim",
        "validation_dice": round(figures["Dice mean"], 4),
        "calibration": {key: [round(v, 5) for v in values] for key, values in asdict(calibration).items()},
    }
    update_manifest(models, name, entry)
    info = next(model for model in available(models) if model.name == name)
    info.card_path.write_text(card(info, described, network, figures, command), encoding="utf-8")
    return info.card_path


def released_name(model: str, config: VivimConfig) -> str:
    """``vivim``, or with the scans of an ablation behind it: ``vivim-forward-backward``, ``vivim-frames``."""
    if not any(config.temporal_depths):
        return f"{model}-frames"
    return model if config.scans == SCANS else "-".join((model, *config.scans))


def card(info: ModelInfo, described: dict[str, Any], network: Vivim, figures: dict[str, float], command: str) -> str:
    """The model card as Markdown.

    Parameters
    ----------
    info: the released model.
    described: the run's ``config.json`` with its step.
    network: for its size and configuration.
    figures: by name, as `validate` gives them.
    command: what made the weights.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    template = Environment(
        loader=PackageLoader("medvos.train.vivim", "."), undefined=StrictUndefined, keep_trailing_newline=True
    ).get_template("card.md.j2")
    return template.render(
        info=info,
        described=described,
        config=network.config,
        parameters=round(sum(p.numel() for p in network.parameters()) / 1e6, 2),
        release=RELEASES[RELEASE],
        patients=int(figures["patients"]),
        rows=[(name, round(value, 3)) for name, value in figures.items() if name != "patients"],
        command=command,
    )
