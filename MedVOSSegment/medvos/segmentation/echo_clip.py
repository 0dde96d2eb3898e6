"""Segment every frame of an apical clip without a drawing, in memory that does not grow with its length."""

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
from medvos.propagation.region import Region
from medvos.propagation.small_components import remove_small_components
from medvos.provenance import provenance_of
from medvos.segmentation.clip_scan import ClipScan, grey_values
from medvos.segmentation.echo_labels import echo_labels
from medvos.segmentation.frame_result import FrameResult
from medvos.segmentation.mirrored_clip import EVERY, FRAMES, certainty_of_both, is_mirrored
from medvos.segmentation.sector_region import is_whole_view, region_of_sector
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
    clip: the frames.
    scan: what one pass over all frames has found: sector, flow colours, notes.
    cine: the clip's grid and times, without frames.
    region: of the image, the network's input.
    network: on ``device``.
    info: the network's entry in the manifest.
    scanned: the same before the sector was given a rim.
    mirrored: whether the network is given the mirror image.
    certainty: expected Dice of the LV in some frames.

    >>> inference = EchoInference.of(clip, scan_clip(clip), resolve("echo-lv", "echo"), torch.device("cpu"))
    >>> labels = [frame.labels for frame in inference.frames()]
    """

    clip: Clip
    scan: ClipScan
    cine: Cine
    region: Region
    network: EchoNetwork
    info: ModelInfo
    device: torch.device
    scanned: ClipScan
    mirrored: bool = False
    certainty: float = 0.0

    @staticmethod
    def of(clip: Clip, scan: ClipScan, info: ModelInfo, device: torch.device) -> EchoInference:
        """Load the network, choose the region and detect whether the clip is mirrored.

        Raises
        ------
        InputError: the weights cannot be loaded.
        """
        cine = clip.grid(scan.frames, scan.notes)
        network = load_echo(info, device)
        region = region_of_sector(scan.sector, cine.spacing[1:], network.config.side, clip.box)
        whole = is_whole_view(region, clip.shape, clip.box)
        rimmed = replace(scan, sector=_whole(clip) if whole else _with_rim(scan.sector))
        inference = EchoInference(clip, rimmed, cine, region, network, info, device, scan)
        sample = torch.stack(list(islice(inference._images(), 0, FRAMES * EVERY, EVERY))).to(device)
        both = certainty_of_both(network, sample)
        return replace(inference, mirrored=is_mirrored(both), certainty=max(both))

    @property
    def provenance(self) -> dict[str, Any]:
        """As of `medvos.result.Result`."""
        return provenance_of(self.info, self.device, [*self.cine.source.notes, *([MIRRORED] if self.mirrored else [])])

    def frames(self) -> Iterator[FrameResult]:
        """Yield the result of every frame in order, soon after the frame was read."""
        for probabilities in stream(self.network, self._chunks()):
            yield from self._results((probabilities.flip(-1) if self.mirrored else probabilities).cpu())

    def _chunks(self) -> Iterator[Tensor]:
        """(N, side, side) grey values in [0, 1] of consecutive frames."""
        frames = self._images()
        while chunk := list(islice(frames, CHUNK)):
            images = torch.stack(chunk).to(self.device)
            yield images.flip(-1) if self.mirrored else images

    def _images(self) -> Iterator[Tensor]:
        """(side, side) grey values in [0, 1] of each frame."""
        return (
            self.region.extract(
                torch.from_numpy(grey_values(image, self.clip, self.scan.flow) * self.scan.sector)[None, None]
            )[0, 0]
            for image in self.clip.steady()
        )

    def _results(self, probabilities: Tensor) -> Iterator[FrameResult]:
        """Probabilities (N, S, side, side) of the structures -> results on the clip's grid."""
        calibration = Calibration.of(self.info.calibration)
        structures = self.network.config.structures
        # Uncertainty, score and plausibility are those of the LV, from which the volumes are measured.
        lv = probabilities[:, structures.index(LV)]
        both = torch.stack([1 - lv, lv], 1)
        # One network predicts each frame once: there is no variance between predictions.
        uncertainty = voxel_uncertainty(both, torch.zeros_like(lv), calibration)
        # Without a mask, the probability that there is an LV is that of the most probable pixel.
        presence = torch.where((lv > 0.5).flatten(1).any(1), 1.0, lv.flatten(1).amax(1))
        scores = slice_scores(both, presence[:, None], calibration)
        for frame, cavity, unsure, score in zip(probabilities, lv, uncertainty, scores, strict=True):
            labels = echo_labels(self._on_the_grid(frame), structures) * self.scan.sector
            fraction, middle = _place(cavity > 0.5)
            yield FrameResult(
                remove_small_components(labels),
                self._on_the_grid(unsure[None])[0] * self.scan.sector,
                float(score),
                fraction,
                middle,
            )

    def _on_the_grid(self, maps: Tensor) -> NDArray[np.float32]:
        """Maps (S, side, side) -> (S, Y, X), 0 outside the region."""
        return self.region.restore(maps[None], self.clip.shape)[0].numpy()


def _whole(clip: Clip) -> NDArray[np.bool_]:
    view = np.zeros(clip.shape, bool)
    view[clip.box or ...] = True
    return view


def _with_rim(sector: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Add the sector's dim edge, which changes too little to be detected; the network was not trained on a cut edge."""
    rim = RIM * np.ptp(np.flatnonzero(sector.any(axis=1)))
    return np.asarray(ndimage.distance_transform_edt(~sector) <= rim)


def _place(mask: Tensor) -> tuple[float, tuple[float, float]]:
    """Fraction and centroid of a mask (side, side), as of `FrameResult`."""
    middle = mask.nonzero().float().mean(0) / len(mask)
    return float(mask.float().mean()), (float(middle[0]), float(middle[1]))
