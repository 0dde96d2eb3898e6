"""The end of an MVO training: weights, constants of the uncertainty, figures on simulated patients, model card."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from medvos.models.device import choose_device
from medvos.models.mvo.config import PARTS, MvoConfig
from medvos.models.mvo.network import MvoNetwork
from medvos.models.networks import load_mvo
from medvos.models.store import available
from medvos.segmentation.obstruction import NOTICE
from medvos_lab.card import constants, release
from medvos_lab.mvo.recipe import RECIPES
from medvos_lab.mvo.validate import validate
from medvos_lab.release import averaged_weights, write_weights

TERMS = (
    "Non-commercial research only: trained on ACDC (CC BY-NC-SA 4.0) and shapes of EMIDEC, with simulated infarcts; "
    "not validated on patients; cite Bernard et al. 2018 and Lalande et al. 2020."
)
SUMMARY = "microvascular obstruction in short-axis cine; trained on simulated motion, not validated on patients."
NAMES = {
    "mvo": "Compact cine-MVO network",
    "mvo-paper": "Cine-MVO network in the size of the paper",
    "mvo-unet": "U-Net, to compare the cine-MVO network with",
    "mvo-vivim": "Vivim, to compare the cine-MVO network with",
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
    network = MvoNetwork(MvoConfig.of(described["config"]))
    network.load_state_dict(weights)
    name = released_name(described["model"], network.config)
    figures, calibration = validate(_as_loaded(network), data, run.parent / "cache", choose_device(device))
    entry = {
        "network": "mvo",
        "validation_dice": round(figures["Dice"], 4),
        "calibration": constants(calibration),
    }
    return release(
        network,
        name,
        models,
        TERMS,
        f"{NAMES[described['model']]}: {SUMMARY}",
        entry,
        figures,
        ("hearts", "real infarcts"),
        "medvos_lab.mvo",
        described=described,
        command=command,
        notice=NOTICE,
    )


def _as_loaded(network: MvoNetwork) -> MvoNetwork:
    """As a user has it, rounded to half precision: thresholds turn on little."""
    with TemporaryDirectory() as folder:
        write_weights(network, "rounded", Path(folder), "", "")
        (info,) = available(Path(folder))
        return load_mvo(info, torch.device("cpu"))


def released_name(model: str, config: MvoConfig) -> str:
    """``mvo``, or with what an ablation leaves out or changes behind it: ``mvo-no-motion``, ``mvo-5-frames``."""
    usual = RECIPES[model].config
    changed = [f"no-{part}" for part in PARTS if getattr(usual, part) and not getattr(config, part)]
    changed += [f"{config.frames}-frames"] if config.frames != usual.frames else []
    return "-".join((model, *changed))
