"""Growth of Vivim's memory and time with the frames of a clip, beside full attention over all tokens."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from medvos.models.vivim.config import VivimConfig
from medvos.models.vivim.layer import TemporalMambaLayer
from medvos.models.vivim.network import Vivim

FRAMES = (5, 10, 20, 40, 80, 150)
SIDE = 256
LIMIT_S = 120.0


@dataclass(frozen=True)
class Cost:
    """Of one clip: its frames, the greatest memory of the process in MB (None: not run) and seconds (else expected)."""

    frames: int
    megabytes: float | None
    seconds: float


class FullAttention(nn.Module):
    """(B, T, H, W, C) -> the same: each token looks at every token of the clip (what ST-Mamba is to save).

    The weights of the attention are never in memory at once, so that memory grows linearly and only time does not.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.enter = nn.Linear(channels, 3 * channels)
        self.leave = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        query, key, value = self.enter(x).flatten(1, 3)[:, None].chunk(3, -1)  # (B, 1 head, T * H * W, C)
        read = F.scaled_dot_product_attention(query, key, value)
        return self.leave(read[:, 0]).reshape(x.shape)


def costs(config: VivimConfig, attention: bool, frames: Sequence[int] = FRAMES, side: int = SIDE) -> list[Cost]:
    """Measure each clip in a process of its own on the CPU, so that peak memories do not mix.

    Parameters
    ----------
    config: of the network, whose weights are random.
    attention: full attention in place of ST-Mamba. Where it would take longer than `LIMIT_S`, judging by the clip
        before it and the square of the frames, nothing is run.
    frames: of the clips, in rising order.
    side: pixels of the square image.
    """
    found: list[Cost] = []
    for count in frames:
        expected = found[-1].seconds * (count / found[-1].frames) ** 2 if attention and found else 0.0
        if expected > LIMIT_S:
            found.append(Cost(count, None, expected))
            continue
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            found.append(pool.submit(_run, config, attention, count, side, torch.get_num_threads()).result())
    return found


def peak_megabytes() -> float:
    """Return the peak memory of this process since its program began."""
    import resource

    status = Path("/proc/self/status")
    if status.exists():
        # `getrusage` also counts the memory of the process that started this one.
        return (
            next(float(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1e3
        )
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _run(config: VivimConfig, attention: bool, frames: int, side: int, threads: int) -> Cost:
    torch.set_num_threads(threads)
    network = Vivim(config).eval()
    if attention:
        for layer in network.modules():
            if isinstance(layer, TemporalMambaLayer):
                layer.mamba = FullAttention(layer.norm1.normalized_shape[0])  # type: ignore[assignment]
    clip = torch.randn(1, frames, 3, side, side)
    began = time.perf_counter()
    with torch.inference_mode():
        network(clip)
    seconds = time.perf_counter() - began
    return Cost(frames, peak_megabytes(), seconds)
