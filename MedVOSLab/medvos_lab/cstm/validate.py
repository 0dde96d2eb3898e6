"""Validation of CSTM: calibration of its uncertainty, accuracy on two data sets, intervals of the measures."""

from __future__ import annotations

import torch

from medvos.measure.catalogue import row_of
from medvos.models.cstm.network import Cstm
from medvos.models.store import models_folder, resolve
from medvos.propagation.second_opinion import second_opinion_of
from medvos_lab.bench import accuracy, intervals
from medvos_lab.bench.calibrate import calibrate
from medvos_lab.bench.table import CARD_COLUMNS, text
from medvos_lab.recipe_types import Folders, Validation, constants
from medvos_lab.release import update_manifest

COLUMNS = (*CARD_COLUMNS, "AUROC", "ECE")
TITLES = {"acdc": "ACDC validation", "sunnybrook_4d": "Sunnybrook 4D", "acdc_4d": "ACDC validation, every phase"}


def validate(network: Cstm, name: str, folders: Folders, device: torch.device) -> Validation:
    """Calibrate the network, then score it under its name in the model store.

    Parameters
    ----------
    network: with the released weights.
    name: in the model store, whose manifest gets the calibration first.
    folders: of the data and the run, which gets the tables in ``accuracy`` and ``intervals``.
    device: where the network runs.
    """
    second = second_opinion_of(resolve(name, "cstm"), device)
    calibration, errors = calibrate(network.to(device), folders.data, device, second=second)
    entry = {"calibration": constants(calibration)}
    update_manifest(models_folder(), name, entry)
    data_sets = [*accuracy.DEFAULT_DATA_SETS, *([accuracy.ALL_PHASES] if network.config.motion else [])]
    tables = accuracy.run(folders.data, folders.run / "accuracy", [name], data_sets=data_sets, device=device.type)
    coverage = intervals.run(folders.data, folders.run / "intervals", name, device=device.type)
    rows = {data_set: table[name] for data_set, table in tables.items()}
    return Validation(
        errors | interval_metrics(coverage),
        entry | {"intervals": coverage.constants, "validation_dice": round(rows["acdc"]["Dice mean"], 4)},
        card_words(rows, errors | interval_metrics(coverage)),
    )


def card_words(rows: dict[str, dict[str, float]], errors: dict[str, float]) -> dict[str, object]:
    """Return the words of the card: data sets, cases, a row for each metric, and metrics of the uncertainty.

    Parameters
    ----------
    rows: data set to column to value, as `medvos_lab.bench.accuracy.run` returns them for one model.
    errors: metrics of the uncertainty by name.
    """
    return {
        "cases": {name: int(row["cases"]) for name, row in rows.items()},
        "titles": [TITLES[name] for name in rows],
        "rows": [(column, *(text(row[column], column) for row in rows.values())) for column in COLUMNS],
        "calibration_error": errors,
    }


def interval_metrics(coverage: intervals.Intervals) -> dict[str, float]:
    """Return the fraction of 90 % intervals of EF that hold the truth, and their mean width."""
    metrics = {}
    for table, words in (
        (intervals.CROSS_FITTED, ""),
        (intervals.FOUND, " at the phases found"),
        (intervals.AT_ONCE, " from ED to ES at once"),
    ):
        for name, found in coverage.tables.get(table, {}).items():
            if row_of(name).unit == "%":
                metrics[f"Fraction of 90 % intervals that hold {name}{words}, cross-fitted"] = (
                    found.covered / found.cases
                )
                metrics[f"Their mean width in points, {name}{words}"] = found.width
    return metrics
