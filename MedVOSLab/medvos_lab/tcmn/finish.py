"""The end of a TCMN training: weights, constants of the uncertainty, figures on the validation split, model card."""

from __future__ import annotations

from pathlib import Path

from medvos.models.device import choose_device
from medvos.models.tcmn.config import TcmnConfig
from medvos.models.tcmn.network import Tcmn
from medvos_lab.card import constants, release
from medvos_lab.release import averaged_weights
from medvos_lab.tcmn.recipe import CONTRASTIVE_WEIGHT
from medvos_lab.tcmn.validate import validate

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
    entry = {
        "network": "tcmn",
        "validation_dice": round(figures["Dice, ED to ES"], 4),
        "calibration": constants(calibration),
    }
    return release(
        network,
        name,
        models,
        TERMS,
        SUMMARIES[described["model"]],
        entry,
        figures,
        COUNTS,
        "medvos_lab.tcmn",
        described=described,
        command=command,
        contrastive_weight=CONTRASTIVE_WEIGHT,
    )
