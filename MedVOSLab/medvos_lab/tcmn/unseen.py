"""TCMN benchmark: structures and modalities that a training has seen or not, beside optical flow and dense matching."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from medvos.errors import InputError
from medvos.models.device import choose_device
from medvos.models.store import available
from medvos_lab.bench.drawn import Drawn, at_hand
from medvos_lab.bench.methods import method
from medvos_lab.bench.output import make_folder, markdown_table, to_csv, write_markdown
from medvos_lab.tcmn.structures import DrawnStructure, score, validation_structures

BASELINES = ("copy", "flow", "cstm-open+dense")
SEEN = ("tcmn-plain", "tcmn")
SEPARATOR = "-without-"  # in the names of weights, before each part of the data that they have not learnt from
# Names of structures begin with the data set's.
UNSEEN = {"atrium": "CAMUS LA", "camus": "CAMUS ", "acdc": "ACDC ", "mri": "ACDC "}
METRICS = ("Dice", "J", "F")

Row = dict[str, dict[str, float]]  # structure to its metrics


def run(
    data: Path | None,
    out: Path,
    models: Sequence[str] = (),
    unseen: bool = False,
    cases: int | None = None,
    device: str = "auto",
) -> dict[str, Row]:
    """Score each structure at ES from its mask at ED; write ``tcmn.csv`` and ``tcmn.md`` into ``out``.

    Parameters
    ----------
    data: folder of the data sets.
    out: made where it does not exist.
    models: as of `medvos_lab.bench.methods.method`; default the baselines and the TCMN weights at hand.
    unseen: score weights that have not learnt from a part of the data, on the structures in that part alone.
    cases: the first so many of each data set; default all.
    device: where networks run.

    Returns
    -------
    Method to its metrics by structure.

    Raises
    ------
    InputError: no such data, device or model, ``out`` cannot be written, or no weights have left out anything.
    """
    choose_device(device)
    names = list(models or [*(name for name in (*BASELINES, *SEEN) if at_hand(name)), *(_left_out() if unseen else ())])
    if unseen and not any(SEPARATOR in name for name in names):
        raise InputError(
            "No weights here have left out a part of the data; train them: medvos train tcmn --leave-out atrium "
            "--leave-out mri --out runs/unseen --models FOLDER, and set MEDVOS_MODELS to that FOLDER."
        )
    structures = validation_structures(data, cases)
    make_folder(out)
    rows: dict[str, Row] = {}
    for name in names:
        rows[name] = score(Drawn(method(name, device)), _judged(name, structures, names, unseen))
        # After each method, since the whole takes long.
        (out / "tcmn.csv").write_text(to_csv(_records(rows)), encoding="utf-8")
        write_markdown(out / "tcmn.md", _markdown(rows, unseen))
    return rows


def unseen_structures(name: str, structures: Sequence[str]) -> list[str]:
    """Return those of the structures' names that the weights of this name have not learnt from.

    >>> unseen_structures("tcmn-without-atrium", ["CAMUS LV", "CAMUS LA"])
    ['CAMUS LA']
    """
    starts = tuple(UNSEEN[part] for part in name.split(SEPARATOR)[1:])
    return [each for each in structures if starts and each.startswith(starts)]


def _left_out() -> list[str]:
    return [info.name for info in available() if info.network == "tcmn" and SEPARATOR in info.name]


def _judged(
    name: str, structures: Sequence[DrawnStructure], names: Sequence[str], unseen: bool
) -> list[DrawnStructure]:
    """Return the structures that weights are judged by, where only the unseen count; others by all of these."""
    if not unseen:
        return list(structures)
    known = sorted({each.name for each in structures})
    models = [name] if SEPARATOR in name else names
    wanted = {found for model in models for found in unseen_structures(model, known)}
    return [each for each in structures if each.name in wanted]


def _records(rows: dict[str, Row]) -> list[dict[str, float | str]]:
    return [
        {"method": name, "structure": structure, **metrics}
        for name, row in rows.items()
        for structure, metrics in row.items()
    ]


def _markdown(rows: dict[str, Row], unseen: bool) -> list[str]:
    masks = {structure: int(metrics["masks"]) for row in rows.values() for structure, metrics in row.items()}
    lines = ["# TCMN", "", "At ES, from the mask of one structure at ED."]
    if unseen:
        lines += ["", f"Networks named `{SEPARATOR}` have not learnt from these structures; others may have."]
    for structure, count in masks.items():
        cells = [
            (name, *(f"{row[structure][metric]:.3f}" for metric in METRICS))
            for name, row in rows.items()
            if structure in row
        ]
        lines += ["", f"{structure}, {count} masks.", "", *markdown_table(("method", *METRICS), cells)]
    return lines
