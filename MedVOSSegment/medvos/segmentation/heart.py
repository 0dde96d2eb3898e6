"""LV, myocardium and RV in every slice and phase of a short-axis cine, without a drawing."""

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
from medvos.measure.echo import is_echo
from medvos.models.device import choose_device
from medvos.models.networks import load_vivim
from medvos.models.store import ModelInfo
from medvos.models.vivim.network import Vivim
from medvos.progress import Progress, Report
from medvos.propagation.region import Region, grey_window, normalise, region_round
from medvos.propagation.tidy import remove_small_components
from medvos.result import Result
from medvos.structures import LV, MYO, RV
from medvos.uncertainty.borders import UNFITTED
from medvos.uncertainty.calibration import Calibration
from medvos.uncertainty.slices import slice_scores
from medvos.uncertainty.voxels import voxel_uncertainty

# How far the middle of what was found may lie from the middle of the picture, as a part of its side, before the
# network looks once more.
_OFF_CENTRE, _LOOKS = 0.1, 3
_SMALLEST_HEART_MM2 = 600.0


@dataclass(frozen=True)
class SliceFound:
    """What the network says of all phases of one slice in the region.

    Attributes
    ----------
    z: of the slice.
    probabilities: (T, 4, H, W), mean of the heart and its mirror image.
    spread: (T, H, W), variance between them.
    """

    z: int
    probabilities: Tensor
    spread: Tensor

    @property
    def presence(self) -> Tensor:
        """(T, 3) chance that a structure is in the picture; where none is drawn, that of its likeliest pixel."""
        structures = self.probabilities[:, 1:].flatten(2)
        labels = self.probabilities.argmax(1).flatten(1)[:, None]
        drawn = (labels == torch.arange(1, 4, device=labels.device)[:, None]).any(2)
        return torch.where(drawn, 1.0, structures.amax(2))


def segment_heart(cine: Cine, info: ModelInfo, device: str = "auto", progress: Report | None = None) -> Result:
    """Segments every slice and phase.

    Parameters
    ----------
    cine: two phases or more.
    info: a Vivim model.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    progress: told of each slice; an exception that it raises stops the work and passes through.

    Raises
    ------
    InputError: the cine is an ultrasound clip or film, has one phase or pixels that are of no human heart or not
        finite, no heart is found, or there is no such device.
    """
    began = time.monotonic()
    checked(cine)
    if is_echo(cine):
        raise InputError(f"{info.name} segments short-axis cine MRI, and this is a clip: segment that with echo-lv.")
    where = choose_device(device)
    found = VivimInference.of(cine, load_vivim(info, where), where)
    labels = np.zeros(cine.shape, np.uint8)
    uncertainty = np.zeros(cine.shape, np.float32)
    scores = np.zeros(cine.shape[:2], np.float32)
    calibration = Calibration.of(info.calibration)
    for one in found.slices():
        z = one.z
        labels[:, z] = found.labels(one)
        doubt = voxel_uncertainty(one.probabilities, one.spread, calibration)
        uncertainty[:, z] = found.on_the_grid(doubt[:, None])[:, 0].numpy().clip(0, 1)
        scores[:, z] = slice_scores(one.probabilities, one.presence, calibration).numpy()
        if progress is not None:
            phases, n_slices = cine.shape[:2]
            progress(Progress((z + 1) * phases, n_slices * phases, f"slice {z + 1} of {n_slices}"))
    provenance = {
        "model": info.name,
        "weights_sha256": info.sha256,
        "terms": info.terms,
        "intervals": info.intervals or UNFITTED,
        "device": str(where),
        "seconds": round(time.monotonic() - began, 2),
        "notes": list(cine.source.notes),
    }
    return Result(cine, labels, uncertainty, scores, np.zeros(cine.shape[:2], bool), provenance)


@dataclass(frozen=True)
class VivimInference:
    """A cine in whose pictures the heart was found.

    Attributes
    ----------
    cine: what is segmented.
    network: on ``device``.
    place: end-diastole and a mid-ventricular slice.
    region: round the heart.
    window: the grey values that become black and white.
    """

    cine: Cine
    network: Vivim
    device: torch.device
    place: SeedPlace
    region: Region
    window: tuple[float, float]

    @staticmethod
    def of(cine: Cine, network: Vivim, device: torch.device) -> VivimInference:
        """Finds the heart: first where most moves or else in the middle, then round what the network saw there.

        Raises
        ------
        InputError: no heart is found, or the pixels are of no human heart.
        """
        place = find_seed_place(cine)
        middle = cine.shape[2] / 2, cine.shape[3] / 2
        for centre in (place.centre, middle):
            region = _region_at(cine, centre, network)
            run = VivimInference(cine, network, device, place, region, _window(cine, place.phase, region))
            found = run._approached()
            if found is not None:
                return found
        raise InputError(
            "No heart was found in the middle of the stack: give a short-axis cine, or draw one slice and propagate it."
        )

    def _approached(self) -> VivimInference | None:
        """Looks until the heart is in the middle of the picture; None where there is none."""
        run = self
        for _ in range(_LOOKS):
            closer = run._closer()
            if closer is None:
                return None
            moved = np.abs(_middle(closer.region) - _middle(run.region)).max()
            run = closer
            if moved < _OFF_CENTRE * closer.region.height:
                break
        return run

    def _closer(self) -> VivimInference | None:
        """The same with the region that a seed gets which is drawn as the network sees it; None without a heart."""
        cine, config = self.cine, self.network.config
        labels = self.labels(self.look(self.place.slice))[self.place.phase]
        if np.count_nonzero(labels) * cine.spacing[1] * cine.spacing[2] < _SMALLEST_HEART_MM2:
            return None
        stack_mm = cine.shape[1] * cine.spacing[0]
        region = region_round(labels, cine.spacing[1:], config.pixel_mm, config.side, stack_mm)
        return replace(self, region=region, window=_window(cine, self.place.phase, region))

    def slices(self) -> Iterator[SliceFound]:
        """Every slice, one after the other."""
        return (self.look(z) for z in range(self.cine.shape[1]))

    @torch.inference_mode()
    def look(self, z: int) -> SliceFound:
        """One slice through all of its phases, and its mirror image."""
        clip = normalise(self._frames(z), self.window).to(self.device)  # (T, 3, H, W)
        straight = self.network(clip[None]).logits[0].softmax(1)
        mirrored = self.network(clip.flip(-1)[None]).logits[0].softmax(1).flip(-1)
        both = torch.stack([straight, mirrored])
        spread = both.var(0, correction=0).sum(1)
        return SliceFound(z, both.mean(0).cpu(), spread.cpu())

    def labels(self, found: SliceFound) -> NDArray[np.uint8]:
        """(T, Y, X) on the cine's grid."""
        numbers = np.array([0, RV, MYO, LV], np.uint8)
        # The structures go last for argmax, which is several times faster along contiguous memory.
        maps = (self.region.to_box(one[None])[0] for one in found.probabilities)
        boxes = torch.stack([box.movedim(0, -1).contiguous().argmax(-1) for box in maps])
        slots = self.region.place(boxes, self.cine.shape[2:]).numpy()
        return np.stack([remove_small_components(frame) for frame in numbers[slots]])

    def on_the_grid(self, maps: Tensor) -> Tensor:
        """(T, C, H, W) of the region -> (T, C, Y, X)."""
        return self.region.place(self.region.to_box(maps), self.cine.shape[2:])

    def _frames(self, z: int) -> Tensor:
        """(T, 3, H, W): the slices below, at and above; outside the image is its darkest grey."""
        last = self.cine.shape[1] - 1
        n_slices = [min(max(z + step, 0), last) for step in (-1, 0, 1)]
        return self.region.extract(_above_darkest(self.cine, self.cine.array[:, n_slices]))


def _region_at(cine: Cine, centre: tuple[float, float], network: Vivim) -> Region:
    """The region of a heart of typical size."""
    config = network.config
    field = config.side * config.pixel_mm
    height, width = (round(field / mm) for mm in cine.spacing[1:])
    return Region(round(centre[0] - height / 2), round(centre[1] - width / 2), height, width, config.side)


def _window(cine: Cine, phase: int, region: Region) -> tuple[float, float]:
    """Of all slices at one phase."""
    return grey_window(region.extract(_above_darkest(cine, cine.array[phase][:, None])).numpy())


def _above_darkest(cine: Cine, images: NDArray[np.float32]) -> Tensor:
    """Outside the image the region is 0, which must be the darkest grey of this cine."""
    return torch.from_numpy(np.subtract(images, cine.array.min(), dtype=np.float32))


def _middle(region: Region) -> NDArray[np.float64]:
    """(y, x) in voxels."""
    return np.array([region.y + region.height / 2, region.x + region.width / 2])
