"""The end of an echo training: weights, figures on the validation split, model card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from medvos.models.device import choose_device
from medvos.models.echo.config import EchoConfig
from medvos.models.echo.network import EchoNetwork
from medvos.models.store import ModelInfo, available
from medvos.train.echo.validate import validate
from medvos.train.release import averaged_weights, update_manifest, write_weights

TERMS = "Non-commercial research only: trained on EchoNet-Dynamic; cite Ouyang et al. 2020."
SUMMARIES = {
    "echo-lv": "Compact network of Wu et al. for the LV in apical 4-chamber echo video, without a drawing.",
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
    network = EchoNetwork(config)
    network.load_state_dict(weights)
    name = described["model"] if config.k == 3 else f"{described['model']}-k{config.k}"
    figures = validate(network, data, choose_device(device))
    write_weights(network, name, models, TERMS, SUMMARIES[described["model"]])
    update_manifest(models, name, {"network": "echo", "validation_dice": round(figures["Dice"], 4)})
    info = next(model for model in available(models) if model.name == name)
    info.card_path.write_text(card(info, described, network, figures, command), encoding="utf-8")
    return info.card_path


def card(
    info: ModelInfo, described: dict[str, Any], network: EchoNetwork, figures: dict[str, float], command: str
) -> str:
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
        loader=PackageLoader("medvos.train.echo", "."), undefined=StrictUndefined, keep_trailing_newline=True
    ).get_template("card.md.j2")
    counts = ("pairs", "clips")
    return template.render(
        info=info,
        described=described,
        config=network.config,
        parameters=round(sum(p.numel() for p in network.parameters()) / 1e6, 2),
        counts={name: int(figures[name]) for name in counts},
        rows=[(name, round(value, 3)) for name, value in figures.items() if name not in counts],
        command=command,
    )
