"""A first proposal of the three structures on one slice, for the reader to correct.

The network segments from memory, and memory need not be of the same heart: drawings of synthetic hearts stand in for
the reader's. What comes out has no reader's style; it is a start and no seed until somebody has looked at it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.cine.cine import Cine
from medvos.cine.find import SeedPlace, check_pixels
from medvos.cine.guard import checked
from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.models.cstm.network import Cstm, Entry, Memory
from medvos.models.device import choose_device
from medvos.models.networks import load_cstm
from medvos.models.store import ModelInfo, resolve
from medvos.propagation.job import Job
from medvos.propagation.region import Region, grey_window, normalise, region_round
from medvos.propagation.tidy import remove_small_components
from medvos.structures import LV, MYO, RV
from medvos.uncertainty.calibration import Calibration
from medvos.uncertainty.slices import slice_scores

# Six hearts of different sizes and contrasts; demo and tests use others.
_EXAMPLES = range(100, 106)
_EXAMPLE_SHAPE, _EXAMPLE_SPACING, _EXAMPLE_SLICE = (2, 10, 192, 192), (8.0, 1.5, 1.5), 5
_SMALLEST_HEART_MM2 = 600.0


def propose(cine: Cine, place: SeedPlace, *, model: str = "cstm", device: str = "auto") -> NDArray[np.uint8]:
    """(Y, X) labels 1 RV, 2 Myo, 3 LV of one slice, without any drawing.

    Parameters
    ----------
    cine: two phases or more.
    place: phase, slice and about the middle of the heart, as `medvos.cine.find.find_seed_place` gives them.
    model: a CSTM network that ``medvos models`` lists.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.

    Raises
    ------
    InputError: the place is not in the cine, no heart is found there, the pixels are of no human heart, or there is no
        such model or device.
    """
    checked(cine)
    check_pixels(cine)
    phases, slices = cine.shape[:2]
    if not (0 <= place.phase < phases and 0 <= place.slice < slices):
        raise InputError(
            f"There is no slice {place.slice} at phase {place.phase}: the cine has slices 0 to {slices - 1} "
            f"and phases 0 to {phases - 1}."
        )
    info = resolve(model)
    where = choose_device(device)
    network = load_cstm(info, where)
    examples = _examples(network, where)
    first = _look(cine, place, _region_at(cine, place.centre, network), network, examples, info)
    _refuse_nothing(first[0], cine, place)
    # The heart is now known better than from its motion: once more with the region that a seed of this size gets.
    config = network.config
    region = region_round(first[0], cine.spacing[1:], config.pixel_mm, config.region)
    second = _look(cine, place, region, network, examples, info)
    labels, _ = min(first, second, key=lambda found: found[1])
    _refuse_nothing(labels, cine, place)
    return labels


@lru_cache(maxsize=1)
def _example_hearts() -> tuple[tuple[Cine, Seed], ...]:
    """Synthetic hearts, each with the drawing of a mid-ventricular slice at end-diastole."""
    from medvos.synth.heart import synthetic_heart

    found = []
    for number in _EXAMPLES:
        heart = synthetic_heart(number, _EXAMPLE_SHAPE, _EXAMPLE_SPACING)
        labels = np.zeros_like(heart.labels)
        labels[0, _EXAMPLE_SLICE] = heart.labels[0, _EXAMPLE_SLICE]
        found.append((heart.cine, Seed(labels, np.asarray(labels.any((2, 3))))))
    return tuple(found)


@torch.inference_mode()
def _examples(network: Cstm, device: torch.device) -> list[Entry]:
    entries = []
    for cine, seed in _example_hearts():
        job = Job.of(cine, seed, network.config)
        frame = network.encode_frame(_images(network, job.frames[0], _EXAMPLE_SLICE).to(device))
        entries.append(Entry.of(frame, network.encode_masks(frame, job.masks[0, _EXAMPLE_SLICE][None].to(device))))
    return entries


def _images(network: Cstm, frames: Tensor, z: int) -> Tensor:
    """(1, 3, H, W) of (Z, H, W): the slice with those below and above it, or three times."""
    step = 1 if network.config.slice_context else 0
    return frames[[max(z - step, 0), z, min(z + step, len(frames) - 1)]][None]


def _region_at(cine: Cine, centre: tuple[float, float], network: Cstm) -> Region:
    """The region of a heart of typical size."""
    config = network.config
    field = config.region * config.pixel_mm
    height, width = (round(field / mm) for mm in cine.spacing[1:])
    return Region(round(centre[0] - height / 2), round(centre[1] - width / 2), height, width, config.region)


@torch.inference_mode()
def _look(
    cine: Cine, place: SeedPlace, region: Region, network: Cstm, examples: list[Entry], info: ModelInfo
) -> tuple[NDArray[np.uint8], float]:
    """Labels (Y, X), the mean of what each example leads to, and the chance that they are bad."""
    device = examples[0].k8.device
    array = torch.from_numpy(np.subtract(cine.array[place.phase], cine.array.min(), dtype=np.float32))
    frames = region.extract(array[:, None])[:, 0]
    frames = normalise(frames, grey_window(frames.numpy()))
    frame = network.encode_frame(_images(network, frames, place.slice).to(device))
    seeded = torch.ones(1, 3, dtype=torch.bool, device=device)
    seen = [network.segment(frame, Memory.of([example]), seeded) for example in examples]
    probabilities = torch.stack([one.logits.softmax(1) for one in seen]).mean(0).cpu()
    presence = torch.stack([one.presence.sigmoid() for one in seen]).mean(0).cpu()
    slots = region.place(region.to_box(probabilities)[0].argmax(0), cine.shape[2:]).numpy()
    labels = remove_small_components(np.array([0, RV, MYO, LV], np.uint8)[slots])
    return labels, float(slice_scores(probabilities, presence, Calibration.of(info.calibration))[0])


def _refuse_nothing(labels: NDArray[np.uint8], cine: Cine, place: SeedPlace) -> None:
    """Refuse too small a drawing, and one on a picture without any contrast."""
    _, y, x = cine.spacing
    too_small = np.count_nonzero(labels) * y * x < _SMALLEST_HEART_MM2
    if too_small or np.ptp(cine.array[place.phase, place.slice]) == 0:
        raise InputError("No heart was found on this slice: go to a slice in the middle of the ventricles, or draw it.")
