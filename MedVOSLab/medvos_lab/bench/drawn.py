"""Methods that follow the expert's mask of one frame through a clip of one slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.models.echo.config import ECHO_COMPACT
from medvos.models.store import resolve
from medvos.structures import LV
from medvos_lab.bench.baselines import BASELINES
from medvos_lab.bench.camus_scores import Labels
from medvos_lab.bench.methods import Method
from medvos_lab.datasets.camus import CamusStudy

Frames = NDArray[np.uint8]
Masks = NDArray[np.bool_]


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
