"""Speed of CSTM's propagation: the whole command, the network against the paper's, and growth of the cost."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from medvos.cine.seed import Seed
from medvos.cine.write import write_nifti
from medvos.models.cstm.config import CSTM_PAPER
from medvos.models.cstm.network import Cstm
from medvos.models.device import choose_device
from medvos.models.fold import fold_batchnorm
from medvos.models.networks import load_cstm
from medvos.models.store import resolve
from medvos.propagation.propagator import Propagator, SeedMasks
from medvos.propagation.settings import PropagationSettings
from medvos.synth.heart import synthetic_heart
from medvos_lab.bench.output import make_folder, markdown_table
from medvos_lab.bench.timed_command import timed_command, write_speed

if TYPE_CHECKING:
    from rich.console import Console

FULL_SHAPE = (25, 12, 256, 256)
PHASE_COUNTS = (5, 10, 20, 40)
SLICE_COUNTS = (3, 6, 12, 24)
FIXED_SLICES, FIXED_PHASES = 4, 8


def run(out: Path, device: str = "auto", *, model: str = "cstm", console: Console | None = None) -> dict[str, Any]:
    """Time everything and writes ``speed.json``, ``speed.md`` and ``growth.png``.

    Parameters
    ----------
    out: folder for the results.
    device: as in `medvos.propagate`.
    model: the model whose speed is measured.

    Returns
    -------
    What ``speed.json`` holds: seconds of wall-clock time, peak memory in MB, frames per second.

    Raises
    ------
    InputError: no such model or device, or ``out`` cannot be written.
    """
    from rich.console import Console

    console = console or Console()
    where = choose_device(device)
    network = load_cstm(resolve(model), where)
    make_folder(out)
    found: dict[str, Any] = {"device": str(where), "threads": torch.get_num_threads(), "model": resolve(model).name}
    console.print("The whole command, from start to written files ...")
    found["command"] = _whole_command(model, where)
    console.print("Frames per second, this network and dense matching with the paper's encoders at 384 ...")
    found["frames_per_second"] = _rates(network, where)
    console.print("Growth with phases and slices ...")
    found["growth"] = _growth(network, where)
    _write(out, found)
    console.print((out / "speed.md").read_text(encoding="utf-8"), markup=False)
    return found


def _whole_command(model: str, where: torch.device) -> dict[str, float]:
    with full_size_arguments(model) as arguments:
        return timed_command("propagate", *arguments, device=where)


@contextmanager
def full_size_arguments(model: str) -> Iterator[list[str | Path]]:
    """Yield the arguments with which ``medvos propagate`` segments a synthetic patient of typical size."""
    heart = synthetic_heart(1, shape=FULL_SHAPE, spacing=(8.0, 1.4, 1.4))
    with tempfile.TemporaryDirectory() as folder:
        cine, seed = Path(folder) / "cine.nii.gz", Path(folder) / "seed.nii.gz"
        write_nifti(cine, np.rint(heart.cine.array).astype(np.int16), heart.cine)
        write_nifti(seed, _seed_of(heart.labels).labels, heart.cine)
        yield [cine, "--seed", seed, "--out", Path(folder) / "out", "--model", model]


def _seed_of(labels: np.ndarray) -> Seed:
    """Return the middle slice of those with the most structures at the first phase."""
    kinds = np.array([len(np.unique(plane)) for plane in labels[0]])
    z = int(np.median(np.flatnonzero(kinds == kinds.max())))
    seed = np.zeros_like(labels)
    seed[0, z] = labels[0, z]
    return Seed(seed, np.asarray(seed.any(axis=(2, 3))))


def _random_job(phases: int, slices: int, side: int) -> tuple[torch.Tensor, SeedMasks]:
    """Return random frames and a seed of three structures: their content does not change the time."""
    frames = torch.randn(phases, slices, side, side)
    masks = torch.zeros(phases, slices, 3, side, side)
    third = side // 4
    for s in range(3):
        masks[0, slices // 2, s, third : 2 * third, s * third : (s + 1) * third] = 1
    drawn = np.zeros((phases, slices), bool)
    drawn[0, slices // 2] = True
    return frames, SeedMasks(masks, drawn, (0, slices // 2))


def _seconds(network: Cstm, phases: int, slices: int, settings: PropagationSettings, where: torch.device) -> float:
    """Time one propagation, after one of the same size that is not counted."""
    frames, seeds = _random_job(phases, slices, network.config.region)
    frames, seeds = frames.to(where), replace(seeds, masks=seeds.masks.to(where))
    for _ in range(2):
        _finish(where)
        began = time.perf_counter()
        Propagator(network, frames, seeds, settings).run()
        _finish(where)
        seconds = time.perf_counter() - began
    return seconds


def _finish(where: torch.device) -> None:
    if where.type == "cuda":
        torch.cuda.synchronize()


def _rates(network: Cstm, where: torch.device) -> dict[str, float]:
    """Return frames per second of one plain pass (no mirrored heart, no neighbours in time) of both networks."""
    plain = PropagationSettings(mirrored=False, outer_fraction=0.0)
    phases, slices = (25, 12) if where.type == "cuda" else (25, 4)
    own = phases * slices / _seconds(network, phases, slices, plain, where)
    paper = Cstm(replace(CSTM_PAPER, matching="dense")).eval()
    fold_batchnorm(paper)  # as `load_cstm` does, so that both networks are timed alike
    paper = paper.to(where, memory_format=torch.channels_last)  # type: ignore[call-overload]
    phases, slices = (25, 4) if where.type == "cuda" else (2, 2)
    dense = phases * slices / _seconds(paper, phases, slices, replace(plain, batch=4), where)
    return {
        "this network": round(own, 1),
        "dense, paper's encoders at 384": round(dense, 2),
        "ratio": round(own / dense, 1),
    }


def _growth(network: Cstm, where: torch.device) -> dict[str, list[float]]:
    settings = PropagationSettings()
    return {
        "phases": list(PHASE_COUNTS),
        "seconds by phases": [round(_seconds(network, n, FIXED_SLICES, settings, where), 2) for n in PHASE_COUNTS],
        "slices": list(SLICE_COUNTS),
        "seconds by slices": [round(_seconds(network, FIXED_PHASES, n, settings, where), 2) for n in SLICE_COUNTS],
    }


def _write(out: Path, found: dict[str, Any]) -> None:
    rates, growth, command = found["frames_per_second"], found["growth"], found["command"]
    shape = "{} phases x {} slices x {} x {}".format(*FULL_SHAPE)
    measured = [
        (f"`medvos propagate`, {shape}, three structures, start to written files", f"{command['seconds']} s"),
        ("its peak memory", f"{command['peak_mb']} MB"),
        *((name if name == "ratio" else f"{name}, frames per second", value) for name, value in rates.items()),
    ]
    header = (f"phases ({FIXED_SLICES} slices)", "s", f"slices ({FIXED_PHASES} phases)", "s")
    write_speed(
        out,
        found,
        f"Model {found['model']} on {found['device']}, {found['threads']} threads.",
        markdown_table(("what", "measured"), measured),
        markdown_table(header, zip(*growth.values(), strict=True)),
    )
    _plot(out / "growth.png", growth)


def _plot(path: Path, growth: dict[str, list[float]]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.2), layout="constrained")
    for axis, name in zip(figure.subplots(1, 2), ("phases", "slices"), strict=True):
        axis.plot(growth[name], growth[f"seconds by {name}"], "o-")
        axis.set(xlabel=name, ylabel="seconds", xlim=(0, None), ylim=(0, None))
    figure.savefig(path, dpi=120)
