"""Speed of segmenting a cine without a drawing: the whole heart (Vivim), or obstruction in its wall (MVO)."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from medvos.cine.write import write_nifti
from medvos.models.device import choose_device
from medvos.models.networks import load_mvo, load_vivim
from medvos.models.store import ModelInfo, resolve
from medvos.segmentation.mvo import predict
from medvos.synth.heart import synthetic_heart
from medvos_lab.bench.output import make_folder, markdown_table
from medvos_lab.bench.timed_command import timed_command, write_speed

SHAPE = (30, 10, 256, 256)
SPACING = (8.0, 1.4, 1.4)


def run(out: Path, device: str, model: str) -> dict[str, Any]:
    """Time a synthetic patient of typical size and writes ``speed.json`` and ``speed.md``.

    Parameters
    ----------
    out: folder for the results.
    device: ``cpu``, ``cuda`` or ``mps``; ``auto`` times the CPU and, where there is one, the GPU beside it.
    model: one whose network is Vivim or MVO.

    Returns
    -------
    What ``speed.json`` holds: for each device seconds and peak memory in MB of the whole command and of the network
    alone (its memory where the device is CUDA).

    Raises
    ------
    InputError: no such model or device, ``out`` cannot be written, or the command finds no heart.
    """
    info = resolve(model, "mvo", "vivim")
    names = dict.fromkeys(("cpu", choose_device("auto").type) if device == "auto" else (device,))
    devices = [choose_device(name) for name in names]
    make_folder(out)
    found: dict[str, Any] = {"model": info.name, "shape": SHAPE, "threads": torch.get_num_threads(), "devices": {}}
    for where in devices:
        found["devices"][where.type] = {"command": _whole_command(info, where), "network": _network_alone(info, where)}
    shape = "{} phases x {} slices x {} x {}".format(*SHAPE)
    write_speed(out, found, f"Model {found['model']}, a synthetic patient of {shape}.", _table(found))
    return found


def _whole_command(info: ModelInfo, where: torch.device) -> dict[str, float]:
    heart = synthetic_heart(1, shape=SHAPE, spacing=SPACING)
    with tempfile.TemporaryDirectory() as folder:
        cine, drawn = Path(folder) / "cine.nii.gz", Path(folder) / "heart.nii.gz"
        write_nifti(cine, np.rint(heart.cine.array).astype(np.int16), heart.cine)
        write_nifti(drawn, heart.labels, heart.cine)
        needed = ("--myocardium", drawn) if info.network == "mvo" else ()
        options = ("--model", info.name, "--out", Path(folder) / "out")
        return timed_command("segment", cine, *needed, *options, device=where)


def _network_alone(info: ModelInfo, where: torch.device) -> dict[str, float]:
    """Time every slice and its mirror image, after one slice that is not counted."""
    one_slice = _obstruction(info, where) if info.network == "mvo" else _heart(info, where)
    on_gpu = where.type == "cuda"
    one_slice()
    if on_gpu:
        torch.cuda.reset_peak_memory_stats(where)
    began = time.perf_counter()
    for _ in range(SHAPE[1]):
        one_slice()
    seconds = time.perf_counter() - began
    memory = {"peak_mb": round(torch.cuda.max_memory_allocated(where) / 1e6)} if on_gpu else {}
    return {"seconds": round(seconds, 2), **memory}


def _heart(info: ModelInfo, where: torch.device) -> Callable[[], object]:
    network = load_vivim(info, where)
    side = network.config.side
    clip = torch.randn(1, SHAPE[0], 3, side, side, device=where)

    @torch.inference_mode()
    def both() -> list[torch.Tensor]:
        # To the CPU, as in use: a GPU has done its work only when the answer is there.
        return [network(image).logits.softmax(2).cpu() for image in (clip, clip.flip(-1))]

    return both


def _obstruction(info: ModelInfo, where: torch.device) -> Callable[[], object]:
    network = load_mvo(info, where)
    config = network.config
    frames = torch.randn(1, min(config.frames, SHAPE[0]), config.side, config.side, device=where)
    wall = torch.ones(1, config.side, config.side, dtype=torch.bool, device=where)
    return lambda: [result.cpu() for result in predict(network, frames, wall)]


def _table(found: dict[str, Any]) -> list[str]:
    devices = found["devices"]
    headings = (f"CPU, {found['threads']} threads" if name == "cpu" else name.upper() for name in devices)
    measured = {
        "`medvos segment`, start to written files": ("command", "seconds", "s"),
        "its peak memory": ("command", "peak_mb", "MB"),
        "network alone, all slices and their mirror images": ("network", "seconds", "s"),
        "its peak memory on the GPU": ("network", "peak_mb", "MB"),
    }
    rows = []
    for what, (part, name, unit) in measured.items():
        cells = [f"{costs[part][name]} {unit}" if name in costs[part] else "–" for costs in devices.values()]
        if any(cell != "–" for cell in cells):
            rows.append((what, *cells))
    return markdown_table(("what", *headings), rows)
