"""Vivim benchmark: contribution of each scan, quality of the proposed seed, and memory against frames."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np

from medvos.errors import InputError
from medvos.evaluate.metrics import dice
from medvos.models.device import choose_device
from medvos.models.networks import load_vivim
from medvos.models.store import available, resolve
from medvos.models.vivim.config import VIVIM_COMPACT
from medvos.structures import STRUCTURES
from medvos_lab.bench.accuracy import run as bench_accuracy
from medvos_lab.bench.output import make_folder, markdown_table, write_markdown
from medvos_lab.bench.protocol import prepare
from medvos_lab.datasets import acdc_cases
from medvos_lab.datasets.acdc_beats import acdc_beats
from medvos_lab.datasets.root import dataset_folder
from medvos_lab.vivim.frames_dice import against_frames, frames_markdown
from medvos_lab.vivim.frames_memory import LIMIT_S, SIDE, Cost, costs

Seeds = list[tuple[str, float, float]]


def run(
    data: Path | None, out: Path, cases: int | None = None, *, network: str = "cstm", device: str = "auto"
) -> dict[str, float]:
    """Write ``accuracy.*``, ``seeds.md``, ``frames.md`` and ``memory.md`` into ``out``.

    Parameters
    ----------
    data: folder that holds the data sets; default as `data_root` has it.
    out: folder for the tables.
    cases: so many of each data set; default all.
    network: that propagates the proposed seeds and the expert's.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``; memory is measured on the CPU.

    Returns
    -------
    Mean Dice on the ACDC validation patients of every Vivim model at hand, by name.

    Raises
    ------
    InputError: there are no Vivim weights, no data, or ``out`` cannot be written.
    """
    models = [model.name for model in available() if model.network == "vivim"]
    if not models:
        raise InputError("There are no Vivim weights here; train them: medvos train vivim --out runs/vivim.")
    resolve(network)
    dataset_folder(data, "acdc")
    make_folder(out)
    tables = bench_accuracy(data, out, models, cases, device=device)
    seeds = seeds_compared(data, models[0], network, device, cases)
    write_markdown(out / "seeds.md", _seeds_markdown(seeds, network))
    where = choose_device(device)
    frames = {
        name: against_frames(load_vivim(resolve(name, "vivim"), where), islice(acdc_beats(data), cases), where)
        for name in models
    }
    write_markdown(out / "frames.md", frames_markdown(frames))
    curves = {name: costs(VIVIM_COMPACT, attention=name != "vivim") for name in ("vivim", "full attention")}
    write_markdown(out / "memory.md", memory_markdown(curves))
    return {name: row["Dice mean"] for name, row in tables["acdc"].items()}


def seeds_compared(data: Path | None, model: str, network: str, device: str, cases: int | None = None) -> Seeds:
    """Return for each ACDC validation patient the mean Dice from the expert's seed and from the proposed seed.

    Whole hearts are scored, without either of the two drawn slices.
    """
    from medvos.cine.seed import Seed
    from medvos.propagation.propagate import propagate
    from medvos.segmentation.seed_proposal import propose_by_segmentation

    found: Seeds = []
    for case in list(acdc_cases(data, "validation"))[:cases]:
        trial = prepare(case)
        phase, z, drawing = propose_by_segmentation(case.cine, resolve(model, "vivim"), device)
        labels = np.zeros_like(case.labels)
        labels[phase, z] = drawing
        counted = np.ones(labels.shape[:2], bool)
        counted[[trial.phase, phase], [trial.slice, z]] = False
        both = []
        for seed in (trial.seed, Seed(labels, np.asarray(labels.any((2, 3))))):
            result = propagate(case.cine, seed, model=network, device=device).labels
            both.append(
                np.mean(
                    [
                        dice(result[t][counted[t]] == s.label, case.labels[t][counted[t]] == s.label)
                        for s in STRUCTURES
                        for t in (trial.ed, trial.es)
                    ]
                )
            )
        found.append((case.name, float(both[0]), float(both[1])))
    return found


def _seeds_markdown(seeds: Seeds, network: str) -> list[str]:
    expert, proposed = np.mean([row[1:] for row in seeds], 0)
    rows = [(name, f"{a:.3f}", f"{b:.3f}", f"{b - a:+.3f}") for name, a, b in [*seeds, ("mean", expert, proposed)]]
    header = ("case", "mean Dice, expert's seed", "proposed seed", "difference")
    title = f"# The expert's seed and the proposed one, propagated by {network}"
    return [title, "", *markdown_table(header, rows)]


def memory_markdown(curves: dict[str, list[Cost]]) -> list[str]:
    """Return a table with one row for each number of frames and a pair of columns for each curve."""
    header = ["frames", *(column for name in curves for column in (f"{name}, MB", "s"))]
    rows = [
        [costs[0].frames, *(cell for cost in costs for cell in _cells(cost))]
        for costs in zip(*curves.values(), strict=True)
    ]
    return [
        f"# Memory and time against frames, {SIDE} x {SIDE} pixels on the CPU",
        "",
        *markdown_table(header, rows, left=0),
        "",
        f"What would take longer than {LIMIT_S:.0f} s is not run; its time is expected from the square of the frames.",
    ]


def _cells(cost: Cost) -> tuple[str, str]:
    if cost.megabytes is None:
        return "–", f"about {cost.seconds:.0f}"
    return f"{cost.megabytes:.0f}", f"{cost.seconds:.1f}"
