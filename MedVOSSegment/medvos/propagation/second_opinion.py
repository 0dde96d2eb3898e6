"""A second opinion: a network that sees no drawing is blended in, as far as it agrees with what the reader drew.

The weights were chosen on ACDC's validation patients (`Docs/beats.md`). A reader who draws another style than that
network learnt lowers its weight, structure by structure, down to 0, so that the result keeps the drawing's style. Where
the two networks differ, the mean is less certain, and with it the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.cine.cine import Cine
from medvos.errors import InputError
from medvos.models.cstm.config import CstmConfig
from medvos.models.networks import load_vivim
from medvos.models.store import ModelInfo, resolve
from medvos.models.vivim.config import VivimConfig
from medvos.models.vivim.network import Vivim
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.slice_result import SliceResult
from medvos.structures import LV, MYO, RV, name_of
from medvos.uncertainty.likeliest import likeliest

KEY, LV_MM2 = "second_opinion", "lv_mm2"  # of the provenance
CLASSES = (RV, MYO, LV)  # of Vivim, after the background; the first slots of a propagation are the same
FRAMES_AT_ONCE = 120  # of all slices together, which keeps the memory small
WEIGHT = {RV: 0.2, MYO: 0.35, LV: 0.35}
# Dice with the drawing at and below which the weight is 0, and from which it is whole.
AGREEMENT = {RV: (0.8, 0.9), MYO: (0.8, 0.9), LV: (0.9, 0.96)}


@dataclass(frozen=True)
class SecondOpinion:
    """A Vivim network in evaluation mode that looks at the region of a propagation."""

    network: Vivim

    def to(self, device: torch.device) -> SecondOpinion:
        """Return it on another device."""
        return SecondOpinion(self.network.to(device))

    @torch.inference_mode()
    def predict(self, frames: Tensor, slices: Sequence[int]) -> Tensor:
        """Return the probabilities (N, T, 4, H, W) of N slices at all phases, from frames (T, Z, H, W), normalised."""
        last = frames.shape[1] - 1
        clips = [frames[:, [min(max(z + step, 0), last) for step in (-1, 0, 1)]] for z in slices]
        return self.network(torch.stack(clips)).logits.softmax(2)

    def predict_each(
        self, frames: Tensor, slices: Sequence[int], at_once: int = FRAMES_AT_ONCE
    ) -> Iterator[tuple[int, Tensor]]:
        """Yield each slice with its probabilities (T, 4, H, W).

        Several slices go through the network together, of ``at_once`` frames: its scans are many small operations,
        whose number does not grow with the slices.
        """
        count = max(at_once // len(frames), 1)
        for first in range(0, len(slices), count):
            group = slices[first : first + count]
            yield from zip(group, self.predict(frames, group), strict=True)


def second_opinion_of(info: ModelInfo, device: torch.device) -> SecondOpinion | None:
    """Load the companion of a CSTM model; None if it has none.

    Raises
    ------
    InputError: the companion's weights are missing, damaged, or made for another region of the image.

    >>> second_opinion_of(resolve("cstm-open"), torch.device("cpu")) is None
    True
    """
    if not info.companion:
        return None
    try:
        companion = resolve(info.companion, "vivim")
    except InputError as error:
        raise InputError(
            f"{info.name} asks {info.companion} for a second opinion, which is not here: add its weights to the folder "
            "of MEDVOS_MODELS, or use --model cstm-open."
        ) from error
    seen, region = VivimConfig.of(companion.config), CstmConfig.of(info.config)
    if (seen.side, seen.pixel_mm) != (region.region, region.pixel_mm):
        raise InputError(f"The weights {companion.name} do not fit those of {info.name}; reinstall medvos.")
    return SecondOpinion(load_vivim(companion, device))


@dataclass(frozen=True)
class Opinion:
    """A second opinion as it was heard.

    Attributes
    ----------
    weights: (S,) by structure; all 0 where it contradicts the drawing.
    cavity: (T, Z) pixels of the region that it takes for the LV; NaN in slices on which it was not asked.
    """

    weights: Tensor
    cavity: NDArray[np.float32]


def stated(
    info: ModelInfo, opinion: Opinion | None, inputs: PropagationInputs, cine: Cine, before: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the provenance of a second opinion; empty where none was asked.

    Parameters
    ----------
    info: the model of the propagation.
    before: provenance of the previous result; where only corrections were propagated, the rest of it stays.
    """
    earlier = before.get(KEY, {}) if inputs.plan is not None else {}
    if opinion is None:  # slices that were kept may still hold the earlier one
        return {KEY: {name: value for name, value in earlier.items() if name != LV_MM2}} if earlier else {}
    companion = resolve(info.companion, "vivim")
    by_name = {name_of(label): round(float(weight), 3) for label, weight in zip(CLASSES, opinion.weights, strict=False)}
    found: dict[str, Any] = {
        "model": companion.name,
        "weights_sha256": companion.sha256,
        "terms": companion.terms,
        "weight": by_name,
    }
    areas = opinion.cavity * inputs.region.pixel_mm2(cine.spacing[1:])
    if earlier.get("weights_sha256") == companion.sha256 and np.shape(earlier.get(LV_MM2, ())) == areas.shape:
        areas = np.where(np.isnan(areas), np.array(earlier[LV_MM2], np.float32), areas)
    if by_name.get(name_of(LV)) and not np.isnan(areas).any():
        found[LV_MM2] = areas.round().astype(int).tolist()
    return {KEY: found}


def trust(inputs: PropagationInputs, opinion: Tensor) -> Tensor:
    """Return the weight (S,) of each structure of a second opinion (4, H, W) of the main seed's slice and phase.

    A structure that is not drawn there has none.
    """
    drawn = inputs.masks[inputs.start].cpu() > 0.5
    labels = likeliest(opinion[None])[0].cpu()
    weights = torch.zeros(len(drawn))
    for slot, label in enumerate(CLASSES):
        if drawn[slot].any():
            none, whole = AGREEMENT[label]
            found = labels == slot + 1
            agreement = 2 * float((found & drawn[slot]).sum()) / float(found.sum() + drawn[slot].sum())  # Dice
            weights[slot] = WEIGHT[label] * min(max((agreement - none) / (whole - none), 0.0), 1.0)
    return weights


def cavity_of(opinion: Tensor) -> NDArray[np.float32]:
    """Return how many pixels an opinion (T, 4, H, W) takes for the LV, (T,)."""
    labels = likeliest(opinion)
    return (labels == CLASSES.index(LV) + 1).sum((1, 2)).cpu().numpy().astype(np.float32)


def blend(result: SliceResult, opinion: Tensor, weights: Tensor) -> SliceResult:
    """Return the weighted mean of a slice and a second opinion on it; where they differ, it is less certain.

    Parameters
    ----------
    result: with probabilities (T, S + 1, H, W).
    opinion: (T, 4, H, W).
    weights: (S,) of the opinion, by structure.

    >>> blend(result, opinion, torch.zeros(3)).probabilities is result.probabilities
    True
    """
    if not weights.any():
        return result
    structures = result.probabilities[:, 1:]
    other = torch.zeros_like(structures)
    other[:, : len(CLASSES)] = opinion[:, 1:]
    part = weights.to(structures)[:, None, None]
    blended = structures + part * (other - structures)
    # Structures that are weighted differently can add up to more than 1.
    blended = blended / blended.sum(1, keepdim=True).clamp(min=1)
    probabilities = torch.cat([(1 - blended.sum(1, keepdim=True)).clamp(min=0), blended], 1)
    return replace(result, probabilities=probabilities)
