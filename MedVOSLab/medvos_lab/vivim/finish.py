"""The end of a Vivim training: weights, constants of the uncertainty, figures on the validation split, model card."""

from __future__ import annotations

from pathlib import Path

from medvos.models.device import choose_device
from medvos.models.vivim.config import SCANS, VivimConfig
from medvos.models.vivim.network import Vivim
from medvos_lab.card import constants, release
from medvos_lab.release import averaged_weights
from medvos_lab.terms import RELEASES
from medvos_lab.vivim.recipe import RELEASE
from medvos_lab.vivim.validate import validate

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
    figures, calibration = validate(network, data, choose_device(device))
    entry = {
        "network": "vivim",
        "validation_dice": round(figures["Dice mean"], 4),
        "calibration": constants(calibration),
    }
    return release(
        network,
        name,
        models,
        RELEASES[RELEASE].terms,
        SUMMARIES[described["model"]],
        entry,
        figures,
        ("patients",),
        "medvos_lab.vivim",
        described=described,
        command=command,
        release=RELEASES[RELEASE],
    )


def released_name(model: str, config: VivimConfig) -> str:
    """``vivim``, or with the scans of an ablation behind it: ``vivim-forward-backward``, ``vivim-frames``."""
    if not any(config.temporal_depths):
        return f"{model}-frames"
    return model if config.scans == SCANS else "-".join((model, *config.scans))
