"""Segment LV, myocardium and RV in every slice and phase of a short-axis cine, without a drawing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.cine.cine import Cine
from medvos.cine.find import SeedPlace, find_seed_place
from medvos.cine.guard import checked
from medvos.errors import InputError
from medvos.models.device import choose_device
from medvos.models.flip import mean_over_flip
from medvos.models.networks import load_vivim
from medvos.models.store import ModelInfo
from medvos.models.vivim.network import Vivim
from medvos.progress import Progress, Report
from medvos.propagation.heart_region import region_of_seed, region_of_typical_heart
from medvos.propagation.intensity import above_darkest, grey_window, normalise
from medvos.propagation.region import Region
from medvos.propagation.small_components import remove_small_components
from medvos.provenance import provenance_of
from medvos.result import Result
from medvos.structures import LV, MYO, RV
from medvos.uncertainty.borders import UNFITTED
from medvos.uncertainty.calibration import Calibration
from medvos.uncertainty.likeliest import likeliest
from medvos.uncertainty.slices import slice_scores
from medvos.uncertainty.voxels import voxel_uncertainty

# The region is moved again, at most _ATTEMPTS times, while the heart's centre is off by this fraction of its side.
_OFF_CENTRE, _ATTEMPTS = 0.1, 3
SMALLEST_HEART_MM2 = 600.0


@dataclass(frozen=True)
class SlicePrediction:
    """The network's prediction for all phases of one slice, in the region.

    Attributes
    ----------
    z: slice index.
    probabilities: (T, 4, H, W), mean over the image and its mirror image.
    spread: (T, H, W), variance between the two.
    """

    z: int
    probabilities: Tensor
    spread: Tensor

    @property
    def presence(self) -> Tensor:
        """(T, 3) probability that a structure is in the image; without a mask, that of the most probable pixel."""
        structures = self.probabilities[:, 1:].flatten(2)
        labels = likeliest(self.probabilities).flatten(1)[:, None]
        drawn = (labels == torch.arange(1, 4, device=labels.device)[:, None]).any(2)
        return torch.where(drawn, 1.0, structures.amax(2))


def segment_heart(cine: Cine, info: ModelInfo, device: str = "auto", progress: Report | None = None) -> Result:
    """Segment every slice and phase of a cine.

    Parameters
    ----------
    cine: two phases or more.
    info: a Vivim model.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    progress: called after each slice; an exception that it raises stops the work and passes through.

    Raises
    ------
    InputError: the cine is an ultrasound clip or a video file, has one phase or pixels whose size fits no human heart
        or whose values are not finite, no heart is found, or there is no such device.

    >>> segment_heart(cine, resolve("vivim", "vivim")).labels  # (T, Z, Y, X)
    """
    began = time.monotonic()
    checked(cine)
    if cine.is_echo:
        raise InputError(f"{info.name} segments short-axis cine MRI, and this is a clip: segment that with echo-lv.")
    where = choose_device(device)
    inference = VivimInference.of(cine, load_vivim(info, where), where)
    labels = np.zeros(cine.shape, np.uint8)
    uncertainty = np.zeros(cine.shape, np.float32)
    scores = np.zeros(cine.shape[:2], np.float32)
    calibration = Calibration.of(info.calibration)
    phases, slices = cine.shape[:2]
    for prediction in inference.slices():
        z = prediction.z
        labels[:, z] = inference.labels(prediction)
        unsure = voxel_uncertainty(prediction.probabilities, prediction.spread, calibration)
        uncertainty[:, z] = inference.on_the_grid(unsure[:, None])[:, 0].numpy().clip(0, 1)
        scores[:, z] = slice_scores(prediction.probabilities, prediction.presence, calibration).numpy()
        if progress is not None:
            progress(Progress((z + 1) * phases, slices * phases, f"segmenting slice {z + 1} of {slices}"))
    provenance = provenance_of(info, where, cine.source.notes, began=began, intervals=info.intervals or UNFITTED)
    return Result(cine, labels, uncertainty, scores, np.zeros(cine.shape[:2], bool), provenance)


@dataclass(frozen=True)
class VivimInference:
    """A cine and the region around its heart, ready for the network.

    Attributes
    ----------
    cine: the cine to segment.
    network: on ``device``.
    place: end-diastole and a mid-ventricular slice.
    region: around the heart.
    window: intensities that become black and white.
    """

    cine: Cine
    network: Vivim
    device: torch.device
    place: SeedPlace
    region: Region
    window: tuple[float, float]

    @staticmethod
    def of(cine: Cine, network: Vivim, device: torch.device) -> VivimInference:
        """Find the heart: start where most moves, else in the image's middle, then follow the network's own masks.

        Raises
        ------
        InputError: no heart is found, or the pixel size fits no human heart.
        """
        place = find_seed_place(cine)
        middle = cine.shape[2] / 2, cine.shape[3] / 2
        config = network.config
        for centre in (place.centre, middle):
            region = region_of_typical_heart(centre, cine.spacing[1:], config.pixel_mm, config.side)
            start = VivimInference(cine, network, device, place, region, _window(cine, place.phase, region))
            found = start._centred()
            if found is not None:
                return found
        raise InputError(
            "No heart was found in the middle of the stack: give a short-axis cine, or draw one slice and propagate it."
        )

    def _centred(self) -> VivimInference | None:
        """Move the region until the heart is in its middle; None where there is no heart."""
        inference = self
        for _ in range(_ATTEMPTS):
            closer = inference._around_prediction()
            if closer is None:
                return None
            moved = np.abs(_middle(closer.region) - _middle(inference.region)).max()
            inference = closer
            if moved < _OFF_CENTRE * closer.region.height:
                break
        return inference

    def _around_prediction(self) -> VivimInference | None:
        """Take the region that the predicted masks would get as a seed; None where they are too small for a heart."""
        cine, config = self.cine, self.network.config
        labels = self.labels(self.predict(self.place.slice))[self.place.phase]
        if np.count_nonzero(labels) * cine.spacing[1] * cine.spacing[2] < SMALLEST_HEART_MM2:
            return None
        stack_mm = cine.shape[1] * cine.spacing[0]
        region = region_of_seed(labels, cine.spacing[1:], config.pixel_mm, config.side, stack_mm)
        return replace(self, region=region, window=_window(cine, self.place.phase, region))

    def slices(self) -> Iterator[SlicePrediction]:
        """Predict every slice, one after the other."""
        return (self.predict(z) for z in range(self.cine.shape[1]))

    @torch.inference_mode()
    def predict(self, z: int) -> SlicePrediction:
        """Predict all phases of one slice, and of its mirror image."""
        clip = normalise(self._frames(z), self.window).to(self.device)  # (T, 3, H, W)
        mean, variance = mean_over_flip(lambda frames: self.network(frames[None]).logits[0].softmax(1), clip)
        return SlicePrediction(z, mean.cpu(), variance.sum(1).cpu())

    def labels(self, prediction: SlicePrediction) -> NDArray[np.uint8]:
        """Return the labels of a slice, (T, Y, X) on the cine's grid."""
        numbers = np.array([0, RV, MYO, LV], np.uint8)
        boxes = torch.cat([likeliest(self.region.to_box(phase[None])) for phase in prediction.probabilities])
        slots = self.region.place(boxes, self.cine.shape[2:]).numpy()
        return np.stack([remove_small_components(frame) for frame in numbers[slots]])

    def on_the_grid(self, maps: Tensor) -> Tensor:
        """Restore (T, C, H, W) of the region -> (T, C, Y, X) of the images."""
        return self.region.restore(maps, self.cine.shape[2:])

    def _frames(self, z: int) -> Tensor:
        """(T, 3, H, W): the slices below, at and above; outside the image is its darkest grey."""
        last = self.cine.shape[1] - 1
        neighbours = [min(max(z + step, 0), last) for step in (-1, 0, 1)]
        return self.region.extract(above_darkest(self.cine, self.cine.array[:, neighbours]))


def _window(cine: Cine, phase: int, region: Region) -> tuple[float, float]:
    """The grey window of all slices at one phase."""
    return grey_window(region.extract(above_darkest(cine, cine.array[phase][:, None])).numpy())


def _middle(region: Region) -> NDArray[np.float64]:
    """(y, x) in voxels."""
    return np.array([region.y + region.height / 2, region.x + region.width / 2])
