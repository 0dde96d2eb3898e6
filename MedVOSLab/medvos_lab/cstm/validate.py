"""Validation of CSTM: calibration of its uncertainty, accuracy on two data sets, intervals of the measures."""

from __future__ import annotations

import torch

from medvos.measure.catalogue import row_of
from medvos.models.cstm.network import Cstm
from medvos.models.store import models_folder
from medvos_lab.bench import accuracy, intervals
from medvos_lab.bench.calibrate import calibrate
from medvos_lab.bench.table import CARD_COLUMNS, text
from medvos_lab.recipe_types import Folders, Validation, constants
from medvos_lab.release import update_manifest

COLUMNS = (*CARD_COLUMNS, "AUROC", "ECE")


def validate(network: Cstm, name: str, folders: Folders, device: torch.device) -> Validation:
    """Calibrate the network, then score it under its name in the model store.

    Parameters
    ----------
    network: with the released weights.
    name: in the model store, whose manifest gets the calibration first.
    folders: of the data and the run, which gets the tables in ``accuracy`` and ``intervals``.
    device: where the network runs.
    """
    calibration, errors = calibrate(network.to(device), folders.data, device)
    entry = {"calibration": constants(calibration)}
    update_manifest(models_folder(), name, entry)
    tables = accuracy.run(folders.data, folders.run / "accuracy", [name], device=device.type)
    coverage = intervals.run(folders.data, folders.run / "intervals", name, device=device.type)
    rows = {data_set: table[name] for data_set, table in tables.items()}
    return Validation(
        errors | interval_metrics(coverage),
        entry | {"intervals": coverage.constants, "validation_dice": round(rows["acdc"]["Dice mean"], 4)},
        card_words(rows, errors | interval_metrics(coverage)),
    )


def card_words(rows: dict[str, dict[str, float]], errors: dict[str, float]) -> dict[str, object]:
    """Return the words of the card: cases and rows of two data sets, and metrics of the uncertainty.

    Parameters
    ----------
    rows: data set to column to value, as `medvos_lab.bench.accuracy.run` returns them for one model.
    errors: metrics of the uncertainty by name.
    """
    data_sets = accuracy.DEFAULT_DATA_SETS
    return {
        "cases": {name: int(rows[name]["cases"]) for name in data_sets},
        "rows": [(column, *(text(rows[name][column], column) for name in data_sets)) for column in COLUMNS],
        "calibration_error": errors,
    }


def interval_metrics(coverage: intervals.Intervals) -> dict[str, float]:
    """Return the fraction of 90 % intervals of EF that hold the truth, and their mean width."""
    metrics = {}
    for name, found in coverage.tables[intervals.CROSS_FITTED].items():
        if row_of(name).unit == "%":
            metrics[f"Fraction of 90 % intervals that hold {name}, cross-fitted"] = found.covered / found.cases
            metrics[f"Their mean width in points, {name}"] = found.width
    return metrics
