"""Methods that segment echo, by name: from one drawn frame, or without a drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.models.device import choose_device
from medvos.models.echo.network import EchoNetwork
from medvos.models.echo.stream import stream
from medvos.models.networks import load_echo
from medvos.models.store import available, resolve
from medvos.segmentation.echo_labels import echo_labels
from medvos.structures import LV
from medvos_lab.bench.camus_scores import Labels, network_labels
from medvos_lab.bench.drawn import Drawn, Frames, Masks
from medvos_lab.bench.methods import method
from medvos_lab.datasets.camus import CamusStudy

NAMES = ("copy", "flow", "cstm+dense", "tcmn-plain", "tcmn", "echo-lv-k1", "echo-vivim", "echo-lv")
CHUNK = 16


class EchoMethod(Protocol):
    """How the structures get into frames."""

    @property
    def drawn(self) -> bool:
        """Whether the expert's mask of one frame is needed; it then comes back as it was drawn."""

    @property
    def structures(self) -> tuple[int, ...]:
        """Labels that can be found in a study."""

    def study(self, study: CamusStudy) -> Labels:
        """Segment a study, whose ED may be drawn; return labels (2, Y, X)."""

    def pair(self, frames: Frames, mask: NDArray[np.bool_]) -> Masks:
        """Segment frames (2, Y, X) at ED and ES, of which the first may be drawn; return masks (2, Y, X)."""

    def clip(self, frames: Frames, rate: float, at: int, mask: NDArray[np.bool_]) -> Masks:
        """Segment frames (T, Y, X), ``rate`` a second, of which number ``at`` may be drawn; return masks (T, Y, X)."""


def echo_method(name: str, device: str = "auto") -> EchoMethod:
    """Return the method of a name as for `medvos_lab.bench.methods.method`, or an echo network, which needs no drawing.

    Raises
    ------
    InputError: there is no such method or device.
    """
    if any(info.name == name and info.network == "echo" for info in available()):
        where = choose_device(device)
        return Undrawn(load_echo(resolve(name, "echo"), where), where)
    return Drawn(method(name, device))


@dataclass(frozen=True)
class Undrawn:
    """Finds the structures by itself."""

    network: EchoNetwork
    device: torch.device
    drawn: bool = False

    @property
    def structures(self) -> tuple[int, ...]:
        return self.network.config.structures

    def study(self, study: CamusStudy) -> Labels:
        return network_labels(self.network, study, self.device)

    def pair(self, frames: Frames, mask: NDArray[np.bool_]) -> Masks:
        return np.concatenate([self._found(frame[None]) for frame in frames])

    def clip(self, frames: Frames, rate: float, at: int, mask: NDArray[np.bool_]) -> Masks:
        return self._found(frames)

    def _found(self, frames: Frames) -> Masks:
        seen = (torch.from_numpy(frames).float() / 255).to(self.device)
        found = torch.cat(list(stream(self.network, seen.split(CHUNK)))).cpu().numpy()
        return echo_labels(np.moveaxis(found, 1, 0), self.structures) == LV
