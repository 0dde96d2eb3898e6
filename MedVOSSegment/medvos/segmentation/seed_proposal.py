"""Propose a seed on one slice without a drawing, for the reader to correct.

Two ways: a CSTM network that matches the slice with the drawings of synthetic hearts, or one slice of a Vivim
segmentation. A proposal follows no reader's style; it becomes a seed only when somebody has looked at it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.cine.cine import Cine
from medvos.cine.find import SeedPlace, check_pixels, find_seed_place
from medvos.cine.guard import checked
from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.models.cstm.network import Cstm, Entry, Memory
from medvos.models.device import choose_device
from medvos.models.networks import load_cstm
from medvos.models.store import ModelInfo, resolve
from medvos.propagation.heart_region import region_of_seed, region_of_typical_heart
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.intensity import above_darkest, grey_window, normalise
from medvos.propagation.region import Region
from medvos.propagation.small_components import remove_small_components
from medvos.segmentation.short_axis import SMALLEST_HEART_MM2, segment_heart
from medvos.structures import LV, MYO, RV, STRUCTURES
from medvos.synth.heart import synthetic_heart
from medvos.uncertainty.calibration import Calibration
from medvos.uncertainty.likeliest import likeliest
from medvos.uncertainty.slices import slice_scores

# Six hearts of different sizes and contrasts; the demo and the tests use others.
_EXAMPLES = range(100, 106)
_EXAMPLE_SHAPE, _EXAMPLE_SPACING, _EXAMPLE_SLICE = (2, 10, 192, 192), (8.0, 1.5, 1.5), 5
_CLIP = "A first drawing is proposed on short-axis cine MRI; segment a clip without one (medvos segment)."
_NO_HEART = "No heart was found on this slice: go to a slice in the middle of the ventricles, or draw it."


def propose_seed(
    cine: Cine, model: str = "cstm", device: str = "auto", phase: int | None = None, z: int | None = None
) -> tuple[int, int, NDArray[np.uint8]]:
    """Return phase, slice and labels (Y, X) of a proposed drawing, by a CSTM or a Vivim model.

    Parameters
    ----------
    phase, z: default end-diastole and a mid-ventricular slice.

    Raises
    ------
    InputError: as of `propose_by_matching` and `propose_by_segmentation`, or the cine is a clip.

    >>> phase, z, labels = propose_seed(cine, phase=0)
    """
    info = resolve(model, "cstm", "vivim")
    if cine.is_echo:
        raise InputError(_CLIP)
    if info.network == "vivim":
        return propose_by_segmentation(cine, info, device, phase, z)
    place = find_seed_place(cine)
    phase, z = place.phase if phase is None else phase, place.slice if z is None else z
    return phase, z, propose_by_matching(cine, replace(place, phase=phase, slice=z), model=model, device=device)


def propose_by_matching(
    cine: Cine, place: SeedPlace, *, model: str = "cstm", device: str = "auto"
) -> NDArray[np.uint8]:
    """Return labels (Y, X), 1 RV, 2 Myo, 3 LV, of one slice, matched with drawings of synthetic hearts.

    Parameters
    ----------
    cine: two phases or more.
    place: phase, slice and approximate centre of the heart, as `medvos.cine.find.find_seed_place` returns them.
    model: a CSTM network that ``medvos models`` lists.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.

    Raises
    ------
    InputError: the place is not in the cine, no heart is found there, the pixel size fits no human heart, or there is
        no such model or device.

    >>> labels = propose_by_matching(cine, find_seed_place(cine))
    """
    checked(cine)
    check_pixels(cine)
    _check_place(cine, place.phase, place.slice)
    info = resolve(model)
    where = choose_device(device)
    network = load_cstm(info, where)
    config = network.config
    examples = _examples(network, where)
    region = region_of_typical_heart(place.centre, cine.spacing[1:], config.pixel_mm, config.region)
    first = _match(cine, place, region, network, examples, info)
    _refuse_no_heart(first[0], cine, place)
    # The size of the heart is now known: match again in the region that a seed of this size gets.
    region = region_of_seed(first[0], cine.spacing[1:], config.pixel_mm, config.region)
    second = _match(cine, place, region, network, examples, info)
    labels, _ = min(first, second, key=lambda found: found[1])
    _refuse_no_heart(labels, cine, place)
    return labels


def propose_by_segmentation(
    cine: Cine, info: ModelInfo, device: str = "auto", phase: int | None = None, z: int | None = None
) -> tuple[int, int, NDArray[np.uint8]]:
    """Return phase, slice and labels (Y, X) of one slice of a segmentation that needs no seed.

    Parameters
    ----------
    cine: two phases or more.
    info: a Vivim model.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    phase: default that of the largest LV.
    z: slice index; default the middle one of those that show all structures at this phase.

    Raises
    ------
    InputError: as `segment_heart`, or there is no such phase or slice, or no heart on it.

    >>> phase, z, labels = propose_by_segmentation(cine, resolve("vivim", "vivim"))
    """
    _check_place(cine, phase or 0, z or 0)
    labels = segment_heart(cine, info, device).labels
    if phase is None:
        phase = int((labels == LV).sum((1, 2, 3)).argmax())
    if z is None:
        shown = np.stack([(labels[phase] == s.label).any((1, 2)) for s in STRUCTURES])  # (structures, Z)
        most = np.flatnonzero(shown.sum(0) == shown.sum(0).max())
        z = int(most[len(most) // 2])
    if not labels[phase, z].any():
        raise InputError(_NO_HEART)
    return phase, z, labels[phase, z]


def _check_place(cine: Cine, phase: int, z: int) -> None:
    for what, number, count in zip(("Phase", "Slice"), (phase, z), cine.shape, strict=False):
        if not 0 <= number < count:
            raise InputError(f"{what} {number} is out of range: the cine has {what.lower()}s 0 to {count - 1}.")


@lru_cache(maxsize=1)
def _example_hearts() -> tuple[tuple[Cine, Seed], ...]:
    """Synthetic hearts, each with the drawing of a mid-ventricular slice at end-diastole."""
    found = []
    for number in _EXAMPLES:
        heart = synthetic_heart(number, _EXAMPLE_SHAPE, _EXAMPLE_SPACING)
        labels = np.zeros_like(heart.labels)
        labels[0, _EXAMPLE_SLICE] = heart.labels[0, _EXAMPLE_SLICE]
        found.append((heart.cine, Seed(labels, np.asarray(labels.any((2, 3))))))
    return tuple(found)


@torch.inference_mode()
def _examples(network: Cstm, device: torch.device) -> list[Entry]:
    """The memory entries of the synthetic hearts."""
    entries = []
    for cine, seed in _example_hearts():
        inputs = PropagationInputs.of(cine, seed, network.config)
        frame = network.encode_frame(_with_neighbours(network, inputs.frames[0], _EXAMPLE_SLICE).to(device))
        masks = inputs.masks[0, _EXAMPLE_SLICE][None].to(device)
        entries.append(Entry.of(frame, network.encode_masks(frame, masks)))
    return entries


def _with_neighbours(network: Cstm, frames: Tensor, z: int) -> Tensor:
    """(Z, H, W) -> (1, 3, H, W): the slices below, at and above ``z``, or the slice three times."""
    step = 1 if network.config.slice_context else 0
    return frames[[max(z - step, 0), z, min(z + step, len(frames) - 1)]][None]


@torch.inference_mode()
def _match(
    cine: Cine, place: SeedPlace, region: Region, network: Cstm, examples: list[Entry], info: ModelInfo
) -> tuple[NDArray[np.uint8], float]:
    """Labels (Y, X), from the mean of the predictions from each example, and the probability that they are bad."""
    device = examples[0].k8.device
    frames = region.extract(above_darkest(cine, cine.array[place.phase])[:, None])[:, 0]
    frames = normalise(frames, grey_window(frames.numpy()))
    frame = network.encode_frame(_with_neighbours(network, frames, place.slice).to(device))
    seeded = torch.ones(1, 3, dtype=torch.bool, device=device)
    predictions = [network.segment(frame, Memory.of([example]), seeded) for example in examples]
    probabilities = torch.stack([prediction.logits.softmax(1) for prediction in predictions]).mean(0).cpu()
    presence = torch.stack([prediction.presence.sigmoid() for prediction in predictions]).mean(0).cpu()
    slots = region.place(likeliest(region.to_box(probabilities))[0], cine.shape[2:]).numpy()
    labels = remove_small_components(np.array([0, RV, MYO, LV], np.uint8)[slots])
    return labels, float(slice_scores(probabilities, presence, Calibration.of(info.calibration))[0])


def _refuse_no_heart(labels: NDArray[np.uint8], cine: Cine, place: SeedPlace) -> None:
    """Refuse labels that are too small for a heart, and an image without any contrast."""
    _, y, x = cine.spacing
    too_small = np.count_nonzero(labels) * y * x < SMALLEST_HEART_MM2
    if too_small or np.ptp(cine.array[place.phase, place.slice]) == 0:
        raise InputError(_NO_HEART)
