"""The end of a TCMN training: weights, constants of the uncertainty, figures on the validation split, model card."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from medvos.models.device import choose_device
from medvos.models.store import ModelInfo, available
from medvos.models.tcmn.config import TcmnConfig
from medvos.models.tcmn.network import Tcmn
from medvos.train.release import averaged_weights, update_manifest, write_weights
from medvos.train.tcmn.run import CONTRASTIVE_WEIGHT
from medvos.train.tcmn.validate import validate

TERMS = "Non-commercial research only: trained on EchoNet-Dynamic; cite Ouyang et al. 2020."
SUMMARIES = {
    "tcmn": "Compact TCMN: one drawn frame followed through a clip, above all the LV in echo video.",
    "tcmn-paper": "TCMN in the size of the paper: one drawn frame followed through a clip.",
}
COUNTS = ("pairs", "clips")


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
    network = Tcmn(TcmnConfig.of(described["config"]))
    network.load_state_dict(weights)
    name = described["model"] + ("" if described["contrastive"] else "-plain")
    figures, calibration = validate(network, data, choose_device(device))
    write_weights(network, name, models, TERMS, SUMMARIES[described["model"]])
    entry = {
        "network": "tcmn",
        "validation_dice": round(figures["Dice, ED to ES"], 4),
        "calibration": {key: [round(v, 5) for v in values] for key, values in asdict(calibration).items()},
    }
    update_manifest(models, name, entry)
    info = next(model for model in available(models) if model.name == name)
    info.card_path.write_text(card(info, described, network, figures, command), encoding="utf-8")
    return info.card_path


def card(info: ModelInfo, described: dict[str, Any], network: Tcmn, figures: dict[str, float], command: str) -> str:
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
        loader=PackageLoader("medvos.train.tcmn", "."), undefined=StrictUndefined, keep_trailing_newline=True
    ).get_template("card.md.j2")
    return template.render(
        info=info,
        described=described,
        config=network.config,
        parameters=round(sum(p.numel() for p in network.parameters()) / 1e6, 2),
        contrastive_weight=CONTRASTIVE_WEIGHT,
        counts={name: int(figures[name]) for name in COUNTS},
        rows=[(name, round(value, 3)) for name, value in figures.items() if name not in COUNTS],
        command=command,
    )
