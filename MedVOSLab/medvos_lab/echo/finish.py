"""The end of an echo training: weights, figures on the validation split, model card."""

from __future__ import annotations

from pathlib import Path

from medvos.models.device import choose_device
from medvos.models.echo.config import EchoConfig
from medvos.models.networks import echo_network
from medvos_lab.card import release
from medvos_lab.echo.validate import validate
from medvos_lab.release import averaged_weights

TERMS = "Non-commercial research only: trained on EchoNet-Dynamic; cite Ouyang et al. 2020."
SUMMARIES = {
    "echo-lv": "Compact network of Wu et al. for the LV in apical 4-chamber echo video, without a drawing.",
    "echo-vivim": "Compact Vivim for the LV in apical 4-chamber echo video, without a drawing.",
    "echo-lv-paper": "Network of Wu et al. in the size of the paper for the LV in apical 4-chamber echo video.",
}


def finish(run: Path, models: Path, data: Path | None, device: str, command: str) -> Path:
    """Releases a run's averaged weights into ``models`` with their card.

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
    config = EchoConfig.of(described["config"])
    network = echo_network(config)
    network.load_state_dict(weights)
    name = described["model"] if config.k == 3 else f"{described['model']}-k{config.k}"
    figures = validate(network, data, choose_device(device))
    return release(
        network,
        name,
        models,
        TERMS,
        SUMMARIES[described["model"]],
        {"network": "echo", "validation_dice": round(figures["Dice"], 4)},
        figures,
        ("pairs", "clips"),
        "medvos_lab.echo",
        described=described,
        command=command,
    )
