"""Speed of propagating through or segmenting a clip, and the memory that a long one takes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from medvos.cine.cine import Cine
from medvos.cine.seed import Seed
from medvos.cine.write import write_nifti
from medvos.models.device import choose_device
from medvos.models.echo.stream import stream
from medvos.models.networks import load_echo, load_tcmn
from medvos.models.store import ModelInfo, resolve
from medvos.propagation.clip_propagation import ClipPropagation
from medvos.segmentation.echo_clip import CHUNK
from medvos.structures import LV
from medvos_lab.bench.output import make_folder, markdown_table
from medvos_lab.bench.timed_command import timed_command, write_speed

FRAMES = 300
SIDES = (112, 256)
LENGTHS = (1_000, 10_000)


def run(out: Path, device: str, model: str) -> dict[str, Any]:
    """Time everything and writes ``speed.json`` and ``speed.md``.

    Parameters
    ----------
    out: folder for the results.
    device: as in `medvos.propagate`.
    model: one whose network is TCMN or an echo network.

    Returns
    -------
    What ``speed.json`` holds: frames per second, seconds of wall-clock time, peak memory in MB.

    Raises
    ------
    InputError: no such model or device, or ``out`` cannot be written.
    """
    where, info = choose_device(device), resolve(model, "tcmn", "echo")
    make_folder(out)
    found: dict[str, Any] = {"device": str(where), "threads": torch.get_num_threads(), "model": info.name}
    if info.network == "echo":
        side = load_echo(info, where).config.side  # whatever the clip's size, the network sees this one
        found["frames_per_second"] = {side: round(_rate(_segmenting(info, side, where)), 1)}
    else:
        found["frames_per_second"] = {side: round(_rate(_following(info, side, where)), 1) for side in SIDES}
    found["command_name"] = _command(info)
    found["command"] = {length: _whole_command(info, length, where) for length in LENGTHS}
    title = f"Model {found['model']} on {found['device']}, {found['threads']} threads."
    write_speed(out, found, title, _table(found))
    return found


def _noise(frames: int, side: int) -> tuple[Cine, Seed]:
    """Return a clip of noise with a seed: its content does not change the time."""
    array = np.random.default_rng(0).integers(0, 256, (frames, 1, side, side), np.uint8).astype(np.float32)
    labels = np.zeros(array.shape, np.uint8)
    labels[0, 0, side // 4 : 3 * side // 4, side // 3 : side // 2] = LV
    cine = Cine(array, np.diag([-1.0, -1.0, 1.0, 1.0]), np.arange(frames, dtype=np.float64) * 20.0, frames * 20.0)
    return cine, Seed(labels, np.asarray(labels.any((2, 3))))


def _rate(whole: Callable[[], int]) -> float:
    """Return the frames per second from grey values to probabilities, after one run that is not counted."""
    for _ in range(2):
        began = time.perf_counter()
        count = whole()
        seconds = time.perf_counter() - began
    return count / seconds


def _following(info: ModelInfo, side: int, where: torch.device) -> Callable[[], int]:
    cine, seed = _noise(FRAMES, side)
    clip = ClipPropagation.of(cine, seed, load_tcmn(info, where), where)
    return lambda: sum(1 for _ in clip.segmented())


def _segmenting(info: ModelInfo, side: int, where: torch.device) -> Callable[[], int]:
    frames = torch.from_numpy(_noise(FRAMES, side)[0].array[:, 0] / 255)
    network = load_echo(info, where)
    return lambda: sum(len(masks.cpu()) for masks in stream(network, (part.to(where) for part in frames.split(CHUNK))))


def _whole_command(info: ModelInfo, frames: int, where: torch.device) -> dict[str, float]:
    cine, seed = _noise(1, SIDES[0])
    with tempfile.TemporaryDirectory() as folder:
        video, drawing = Path(folder) / "clip.avi", Path(folder) / "seed.nii.gz"
        _write_video(video, frames, SIDES[0])
        write_nifti(drawing, seed.labels[0], cine)
        paths = (video, "--out", Path(folder) / "out", "--model", info.name)
        seeded = () if info.network == "echo" else ("--seed", drawing, "--phase", "0")
        return timed_command(_command(info), *paths, *seeded, device=where)


def _command(info: ModelInfo) -> str:
    return "segment" if info.network == "echo" else "propagate"


def _write_video(path: Path, frames: int, side: int) -> None:
    """Write a video of large grains, which compresses well."""
    import av

    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as video:
        stream: Any = video.add_stream("mpeg4", rate=50)
        stream.width = stream.height = side
        for _ in range(frames):
            grains = rng.integers(0, 256, (side // 16, side // 16, 1), np.uint8)
            image = np.kron(grains, np.ones((16, 16, 3), np.uint8))
            video.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        video.mux(stream.encode())


def _table(found: dict[str, Any]) -> list[str]:
    rows = [
        (f"frames of {side} x {side} a second, one structure", rate)
        for side, rate in found["frames_per_second"].items()
    ]
    for length, cost in found["command"].items():
        what = f"`medvos {found['command_name']}`, {length} frames of {SIDES[0]} x {SIDES[0]}, start to written files"
        rows += [(what, f"{cost['seconds']} s"), ("its peak memory", f"{cost['peak_mb']} MB")]
    return markdown_table(("what", "measured"), rows)
