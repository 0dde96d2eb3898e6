"""The end of a training: weights, calibration, accuracy, model card."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from medvos.models.cstm.network import Cstm
from medvos.models.device import choose_device
from medvos.models.store import ModelInfo, available
from medvos_lab.bench.accuracy import run as bench
from medvos_lab.bench.calibrate import calibrate
from medvos_lab.bench.intervals import CROSS_FITTED, Intervals
from medvos_lab.bench.intervals import run as bench_intervals
from medvos_lab.card import constants, render
from medvos_lab.release import averaged_network, choose_default, update_manifest, write_weights
from medvos_lab.terms import RELEASES

CARD_COLUMNS = (
    *(f"Dice {name}" for name in ("LV", "Myo", "RV", "mean")),
    *(f"Dice {name} {phase}" for name in ("LV", "Myo", "RV") for phase in ("ED", "ES")),
    *(f"Dice mean {region}" for region in ("base", "middle", "apex")),
    "HD95 mean",
    "LV EDV",
    "LV ESV",
    "LV EF",
    "LV EF bias",
    "RV EF",
    "AUROC",
    "ECE",
)
USES = {"open": "free for any use", "research": "for non-commercial research"}
NAMES = {"cstm": "Compact CSTM", "cstm-paper": "CSTM in the size of the paper"}


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
    network, described = averaged_network(run)
    name = f"{described['model']}-{described['release']}"
    where = choose_device(device)
    summary = f"{NAMES[described['model']]} for short-axis cine MRI, {USES[described['release']]}."
    write_weights(network, name, models, RELEASES[described["release"]].terms, summary)
    calibration, errors = calibrate(network.to(where), data, where)
    update_manifest(models, name, {"calibration": constants(calibration)})
    with _store_at(models):
        tables = bench(data, run / "accuracy", [name], device=device)
        info = next(model for model in available() if model.name == name)
        intervals = bench_intervals(data, run / "intervals", name, device=device)
    update_manifest(models, name, {"intervals": intervals.constants})
    rows = {data_set: table[name] for data_set, table in tables.items()}
    update_manifest(models, name, {"validation_dice": round(rows["acdc"]["Dice mean"], 4)})
    choose_default(models, described["model"])
    text = card(info, described, network, rows, errors | interval_figures(intervals), command)
    info.card_path.write_text(text, encoding="utf-8")
    return info.card_path


def card(
    info: ModelInfo,
    described: dict[str, Any],
    network: Cstm,
    rows: dict[str, dict[str, float]],
    errors: dict[str, float],
    command: str,
) -> str:
    """The model card as Markdown.

    Parameters
    ----------
    info: the released model.
    described: the run's ``config.json`` with its step.
    network: for its size and configuration.
    rows: data set to column to figure, as `medvos_lab.bench.accuracy.run` gives for one model.
    errors: how well the uncertainty is calibrated, by name of the figure.
    command: what made the weights.
    """
    from medvos_lab.bench.table import text

    data_sets = ("acdc", "sunnybrook_4d")
    return render(
        "medvos_lab.cstm",
        name=info.name,
        summary=info.summary,
        release=RELEASES[described["release"]],
        size_mb=info.size_mb,
        sha256=info.sha256,
        parameters=round(sum(p.numel() for p in network.parameters()) / 1e6, 2),
        config=network.config,
        step=described["step"],
        batch=described["batch"],
        device=described["device"],
        before=described.get("before", []),
        command=command,
        cases={name: int(rows[name]["cases"]) for name in data_sets},
        rows=[(column, *(text(rows[name][column], column) for name in data_sets)) for column in CARD_COLUMNS],
        calibration_error=errors,
    )


def interval_figures(intervals: Intervals) -> dict[str, float]:
    """Share of 90 % intervals that hold the truth, and their mean width, for the card."""
    figures = {}
    for name, found in intervals.tables[CROSS_FITTED].items():
        if name.endswith("EF"):
            figures[f"Share of 90 % intervals that hold {name}, cross-fitted"] = found.covered / found.cases
            figures[f"Their mean width in points, {name}"] = found.width
    return figures


@contextmanager
def _store_at(models: Path) -> Iterator[None]:
    """Makes the model store look into this folder."""
    before = os.environ.get("MEDVOS_MODELS")
    os.environ["MEDVOS_MODELS"] = str(models)
    try:
        yield
    finally:
        if before is None:
            del os.environ["MEDVOS_MODELS"]
        else:
            os.environ["MEDVOS_MODELS"] = before
