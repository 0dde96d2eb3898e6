"""Methods that segment echo, by name: from one drawn frame, or without a drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.models.device import choose_device
from medvos.models.echo.config import ECHO_COMPACT
from medvos.models.echo.network import EchoNetwork
from medvos.models.echo.stream import stream
from medvos.models.networks import load_echo
from medvos.models.store import available, resolve
from medvos.segmentation.echo_labels import echo_labels
from medvos.structures import LV
from medvos_lab.bench.baselines import BASELINES
from medvos_lab.bench.methods import Method, method
from medvos_lab.datasets.camus import CamusStudy
from medvos_lab.echo.camus_scores import Labels, network_labels

NAMES = ("copy", "flow", "cstm+dense", "tcmn-plain", "tcmn", "echo-lv-k1", "echo-vivim", "echo-lv")
CHUNK = 16

Frames = NDArray[np.uint8]
Masks = NDArray[np.bool_]


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


def at_hand(name: str) -> bool:
    """Whether the weights that this method needs are there."""
    model = name.partition("+")[0]
    if model in BASELINES:
        return True
    try:
        resolve(model, "cstm", "tcmn", "echo")
    except InputError:
        return False
    return True


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
class Drawn:
    """Follows the expert's mask of one frame."""

    follow: Method
    drawn: bool = True
    structures: tuple[int, ...] = ECHO_COMPACT.structures

    def study(self, study: CamusStudy) -> Labels:
        return self.labels(study.images, 3.0, 0, study.labels[0])

    def pair(self, frames: Frames, mask: NDArray[np.bool_]) -> Masks:
        return self.clip(frames, 3.0, 0, mask)

    def clip(self, frames: Frames, rate: float, at: int, mask: NDArray[np.bool_]) -> Masks:
        return self.labels(frames, rate, at, np.where(mask, np.uint8(LV), np.uint8(0))) == LV

    def labels(
        self, frames: Frames, rate: float, at: int, drawn: Labels, pixel: tuple[float, float] = (1.0, 1.0)
    ) -> Labels:
        """Segment frames (T, Y, X), ``rate`` a second, of which number ``at`` is drawn; return labels (T, Y, X).

        Parameters
        ----------
        drawn: labels (Y, X) of the drawn frame.
        pixel: (y, x) in mm.
        """
        step = 1000 / rate
        source = Source(kind="video", spacing_known=False)
        times = np.arange(len(frames), dtype=np.float64) * step
        affine = np.diag([pixel[1], pixel[0], 1.0, 1.0])
        cine = Cine(frames[:, None].astype(np.float32), affine, times, len(frames) * step, source)
        labels = np.zeros(cine.shape, np.uint8)
        labels[at, 0] = drawn
        is_drawn = np.zeros(cine.shape[:2], bool)
        is_drawn[at, 0] = True
        return np.asarray(self.follow(cine, Seed(labels, is_drawn)).labels[:, 0])


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
