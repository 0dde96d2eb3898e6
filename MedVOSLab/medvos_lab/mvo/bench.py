"""MVO benchmark: the network, its ablation and the baselines on the same simulated held-out patients."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from medvos.errors import InputError
from medvos.evaluate.metrics import dice
from medvos.models.device import choose_device
from medvos.models.mvo.config import MVO_COMPACT, PARTS
from medvos.models.mvo.network import MvoNetwork
from medvos.models.networks import load_mvo
from medvos.models.store import ModelInfo, available
from medvos.mvo_notice import NOTICE
from medvos.synth.infarct import TERRITORIES
from medvos_lab.bench.output import make_folder
from medvos_lab.bench.sheets import write_sheet
from medvos_lab.datasets.emidec import in_small_components
from medvos_lab.mvo.obstruction_constants import FRACTIONS, cross_fitted
from medvos_lab.mvo.patients import HeldOut, simulated
from medvos_lab.mvo.predictions import Judged, dice_of_hearts, judge
from medvos_lab.mvo.recipe import RECIPES
from medvos_lab.mvo.shares import shares
from medvos_lab.mvo.sheet import obstruction_sheet
from medvos_lab.mvo.table import NetworkMetrics, csv_of, markdown_of
from medvos_lab.mvo.validate import metrics_of
from medvos_lab.mvo.wall_grey import sentence, wall_spreads

ASKED = (5, 10, 15, 30)  # frames of the same beats


def run(data: Path | None, out: Path, cases: int | None = None, *, device: str = "auto") -> list[NetworkMetrics]:
    """Write ``mvo.md``, ``mvo.csv`` and for each network ``NAME.png`` (its worst and its middle patient) into ``out``.

    Parameters
    ----------
    data: folder that holds the data sets; default as `data_root` has it.
    out: folder for the tables; the motion of the hearts is kept in ``cache`` beside it, as in training.
    cases: so many hearts of each kind; default all.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.

    Returns
    -------
    A row for every MVO network here, then ``mvo`` with other numbers of frames.

    Raises
    ------
    InputError: there are no MVO weights, no data or no such device, or ``out`` cannot be written.
    """
    infos = [info for info in available() if info.network == "mvo"]
    if not infos:
        raise InputError(
            f"There are no MVO weights here; train them: {commands()['mvo']} --models FOLDER, and set "
            "MEDVOS_MODELS to that folder."
        )
    where = choose_device(device)
    cache = out.parent / "cache"
    held_out = HeldOut.of(data, cache, cases)
    grey = sentence(wall_spreads(data, cache))
    make_folder(out)
    rows, captions = [], []
    for info in infos:
        network = load_mvo(info, where)
        row, judged = _row(info, network, network.config.frames, held_out, where)
        rows.append(row)
        captions.append(_sheet(out, row, judged, held_out))
        _write(out, rows, captions, held_out, data, grey)  # after each, since the whole takes long
    for count in _asked_besides(infos):
        info = next(info for info in infos if info.name == "mvo")
        rows.append(_row(info, load_mvo(info, where), count, held_out, where)[0])
        _write(out, rows, captions, held_out, data, grey)
    return rows


def commands() -> dict[str, str]:
    """Return the command that trains each network of the comparison, by the network's name."""
    recipes = {recipe.name: recipe for recipe in RECIPES}
    mvo = recipes["mvo"]
    trained = {name: (name, recipes[name]) for name in ("mvo", "mvo-unet", "mvo-vivim")}
    variants = [(f"mvo --without {part}", mvo.configured(without=[part])) for part in PARTS]
    variants += [
        (f"mvo --frames {count}", mvo.configured(frames=count)) for count in ASKED if count != MVO_COMPACT.frames
    ]
    trained |= {recipe.card().name: (words, recipe) for words, recipe in variants}
    return {
        name: f"medvos train {words} --steps {recipe.steps} --out runs/{name}"
        for name, (words, recipe) in trained.items()
    }


def _asked_besides(infos: Sequence[ModelInfo]) -> list[int]:
    """Return numbers of frames other than the usual one of ``mvo``, where its weights are here."""
    usual = [info.config["frames"] for info in infos if info.name == "mvo"]
    return [count for count in ASKED if usual and count not in usual]


def _row(
    info: ModelInfo, network: MvoNetwork, frames: int, held_out: HeldOut, where: torch.device
) -> tuple[NetworkMetrics, Judged]:
    """Score a network; probabilities and thresholds are cross-fitted, as for the card."""
    judged = cross_fitted(judge(network, held_out, where, frames))
    # One infarct of each heart tells enough of the parts.
    patients = (simulated(heart, held_out.cores, TERRITORIES[0], frames) for heart in held_out.hearts)
    beats = ((((patient.frames - 0.5) / 0.25).to(where), patient.wall.to(where)) for patient in patients)
    metrics = metrics_of(judged) | shares(network, beats)
    return NetworkMetrics(info.name, frames, metrics, dice_of_hearts(judged.obstructed)), judged


def _sheet(out: Path, row: NetworkMetrics, judged: Judged, held_out: HeldOut) -> str:
    """Draw the worst and the median patient, and return the caption."""
    overlaps = [dice(patient.found, patient.core) for patient in judged.obstructed]
    order = np.argsort(overlaps, kind="stable")
    shown, names = [], []
    for title, index in (("worst", order[0]), ("middle", order[len(order) // 2])):
        heart, territory = held_out.obstructed[index]
        shown.append((simulated(heart, held_out.cores, territory, row.frames), judged.obstructed[index]))
        names.append(f"{title} {heart[0].patient} {territory} (Dice {overlaps[index]:.3f})")
    write_sheet(out / f"{row.model}.png", obstruction_sheet(shown))
    return f"`{row.model}.png`: {', below it '.join(names)}."


def _write(
    out: Path,
    rows: Sequence[NetworkMetrics],
    captions: Sequence[str],
    held_out: HeldOut,
    data: Path | None,
    grey: str,
) -> None:
    how = commands()
    hearts = (
        f"{len(held_out.hearts)} ACDC validation hearts, each with a simulated infarct and core in the territory of "
        "every artery, with an infarct without a core, and as it is; and "
        f"{len(held_out.infarcted)} with a real infarct, whose truth is unknown. Metrics are of whole hearts."
    )
    parts = in_small_components(data, FRACTIONS[-1])
    shapes = (
        f"Of the real obstruction of EMIDEC's {len(parts)} patients {100 * np.mean(parts):.1f} % lies in components of "
        f"less than {FRACTIONS[-1]:g} of the largest by size, mean over patients."
    )
    (out / "mvo.csv").write_text(csv_of(rows, how), encoding="utf-8")
    (out / "mvo.md").write_text(markdown_of(rows, how, [NOTICE, hearts, shapes, grey], captions), encoding="utf-8")
