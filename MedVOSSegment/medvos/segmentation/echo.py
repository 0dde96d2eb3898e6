"""The LV in every frame of an apical clip, without a drawing, in memory that does not grow with the clip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from medvos.cine.cine import Cine
from medvos.cine.clip import Clip
from medvos.models.echo.network import EchoNetwork
from medvos.models.echo.stream import stream
from medvos.models.networks import load_echo
from medvos.models.store import ModelInfo
from medvos.propagation.tidy import remove_small_components
from medvos.segmentation.frame import FrameResult
from medvos.segmentation.mirror import EVERY, FRAMES, looks_mirrored
from medvos.segmentation.survey import Survey, grey_levels
from medvos.segmentation.window import Window, window_round
from medvos.structures import LV
from medvos.uncertainty.calibration import Calibration
from medvos.uncertainty.slices import slice_scores
from medvos.uncertainty.voxels import voxel_uncertainty

CHUNK = 16
RIM = 0.04  # of the sector's height
MIRRORED = "The LV lies where others show the right side: the clip was segmented in its mirror image."


@dataclass(frozen=True)
class EchoInference:
    """One clip and the network that segments it.

    Attributes
    ----------
    clip, seen: what is segmented, and what it shows as a whole.
    cine: the clip's grid, without pictures.
    window: what the network sees of it.
    network: on ``device``.
    info: the network's entry in the manifest.
    mirrored: whether the network is shown the mirror image.
    """

    clip: Clip
    seen: Survey
    cine: Cine
    window: Window
    network: EchoNetwork
    info: ModelInfo
    device: torch.device
    mirrored: bool = False

    @staticmethod
    def of(clip: Clip, seen: Survey, info: ModelInfo, device: torch.device) -> EchoInference:
        """Ready to run.

        Raises
        ------
        InputError: the weights cannot be loaded.
        """
        cine = clip.grid(seen.frames, seen.notes)
        window = window_round(seen.sector, cine.spacing[1:])
        seen = replace(seen, sector=np.ones_like(seen.sector) if window.is_whole else _with_rim(seen.sector))
        run = EchoInference(clip, seen, cine, window, load_echo(info, device), info, device)
        some = torch.stack(list(islice(run._images(), 0, FRAMES * EVERY, EVERY))).to(device)
        return replace(run, mirrored=looks_mirrored(run.network, some))

    @property
    def provenance(self) -> dict[str, Any]:
        """As of `Result`."""
        return {
            "model": self.info.name,
            "weights_sha256": self.info.sha256,
            "terms": self.info.terms,
            "device": str(self.device),
            "notes": [*self.cine.source.notes, *([MIRRORED] if self.mirrored else [])],
        }

    def frames(self) -> Iterator[FrameResult]:
        """Every frame's result, in order, soon after the frame was read."""
        for probabilities in stream(self.network, self._chunks()):
            yield from self._results((probabilities.flip(-1) if self.mirrored else probabilities).cpu())

    def _chunks(self) -> Iterator[Tensor]:
        """(N, side, side) grey values in [0, 1] of consecutive frames."""
        frames = self._images()
        while chunk := list(islice(frames, CHUNK)):
            seen = torch.stack(chunk).to(self.device)
            yield seen.flip(-1) if self.mirrored else seen

    def _images(self) -> Iterator[Tensor]:
        """(side, side) grey values in [0, 1] of each frame."""
        side = self.network.config.side
        return (
            self.window.seen(grey_levels(image, self.clip, self.seen.flow) * self.seen.sector, side)
            for image in self.clip.steady()
        )

    def _results(self, lv: Tensor) -> Iterator[FrameResult]:
        """Probabilities (N, side, side) of the LV -> results on the clip's grid."""
        calibration = Calibration.of(self.info.calibration)
        both = torch.stack([1 - lv, lv], 1)
        # One network sees each frame once: there is no spread between ways by which it was reached.
        uncertainty = voxel_uncertainty(both, torch.zeros_like(lv), calibration)
        # Where no LV is drawn, the chance that there is one is that of the likeliest pixel.
        there = torch.where((lv > 0.5).flatten(1).any(1), 1.0, lv.flatten(1).amax(1))
        scores = slice_scores(both, there[:, None], calibration)
        for probability, unsure, score in zip(lv, uncertainty, scores, strict=True):
            inside = (self.window.back(probability) > 0.5) & self.seen.sector
            labels = remove_small_components(inside.astype(np.uint8) * np.uint8(LV))
            fraction, middle = _place(probability > 0.5)
            yield FrameResult(labels, self.window.back(unsure) * self.seen.sector, float(score), fraction, middle)


def _with_rim(sector: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With its dim edge, which does not change enough to be found: black in its place is nothing the network knows."""
    rim = RIM * np.ptp(np.flatnonzero(sector.any(axis=1)))
    return np.asarray(ndimage.distance_transform_edt(~sector) <= rim)


def _place(mask: Tensor) -> tuple[float, tuple[float, float]]:
    """Share and middle of a mask (side, side), as of `FrameResult`."""
    middle = mask.nonzero().float().mean(0) / len(mask)
    return float(mask.float().mean()), (float(middle[0]), float(middle[1]))
