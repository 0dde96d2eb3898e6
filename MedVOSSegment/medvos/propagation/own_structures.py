"""Structures of the reader's own that the network of a cine does not know: carried through their slice by motion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch

from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.lost_structures import is_lost
from medvos.propagation.slice_motion import SliceMotion
from medvos.propagation.slice_result import SliceResult
from medvos.structures import LV, MYO, RV, name_of
from medvos.uncertainty.likeliest import likeliest

WEIGHT = 0.85  # of the carried masks: that of a structure of a clip that is not followed (`clip_trust`)


def carry_lost(
    results: Sequence[SliceResult], inputs: PropagationInputs, motion: SliceMotion
) -> tuple[list[SliceResult], dict[int, tuple[int, ...]]]:
    """Carry the reader's own structures in each slice where they were drawn and the network loses them.

    A structure that is lost in every slice where it was drawn is unknown to the network: what the network takes for it
    in other slices is removed.

    Returns
    -------
    The slices, and the labels that were carried, by slice.

    >>> carry_lost(results, inputs, motion)[1]
    {3: (7,)}
    """
    pairs = [carried_where_lost(result, inputs, motion) for result in results]
    carried = {result.z: labels for result, labels in pairs if labels}
    drawn_in = {result.z: {*inputs.numbers[1:][_drawn_slots(inputs, result.z)].tolist()} for result, _ in pairs}
    unknown = [
        label
        for label in sorted({label for labels in carried.values() for label in labels})
        if all(label in carried.get(z, ()) for z, labels in drawn_in.items() if label in labels)
    ]
    slots = {label: inputs.numbers.tolist().index(label) for label in unknown}
    kept = [
        _without(result, [slot for label, slot in slots.items() if label not in drawn_in[result.z]])
        for result, _ in pairs
    ]
    return kept, carried


def _drawn_slots(inputs: PropagationInputs, z: int) -> np.ndarray:
    """Return which structures (S,) are drawn in a slice at any phase."""
    return np.asarray((inputs.masks[:, z] > 0.5).amax((0, 2, 3)).numpy())


def _without(result: SliceResult, slots: Sequence[int]) -> SliceResult:
    """Return the slice without some structures, whose place the others and the background take in proportion."""
    if not slots:
        return result
    probabilities = result.probabilities.clone()
    probabilities[:, slots] = 0
    left = probabilities.sum(1, keepdim=True)
    probabilities /= left.clamp(min=1e-6)
    probabilities[:, 0] += (1 - probabilities.sum(1)).clamp(min=0)
    return replace(result, probabilities=probabilities)


def carried_where_lost(
    result: SliceResult, inputs: PropagationInputs, motion: SliceMotion
) -> tuple[SliceResult, tuple[int, ...]]:
    """Carry drawn structures beside RV, myocardium and LV through the beat where the network loses them.

    Each phase gets the drawing of the nearest phase at which the structure was drawn in this slice. Slices without such
    a drawing stay as they are: between slices there is no motion to go by.

    Parameters
    ----------
    result: the slice.
    inputs: of the propagation.
    motion: of the slices.

    Returns
    -------
    The slice, and the labels that were carried.

    >>> carried_where_lost(result, inputs, motion)[1]
    (7,)
    """
    drawn = inputs.drawn[:, result.z]
    masks = inputs.masks[:, result.z] > 0.5  # (T, S, H, W)
    found = likeliest(result.probabilities).cpu()
    lost = []
    for slot, label in enumerate(inputs.numbers.tolist()):
        areas = np.where(drawn, masks[:, slot - 1].sum((1, 2)), (found == slot).sum((1, 2)))
        if label not in (0, RV, MYO, LV) and is_lost(areas, drawn).sum():
            lost.append(slot)
    if not lost:
        return result, ()
    probabilities = result.probabilities.clone()
    presence = result.presence.clone()
    for slot in lost:
        phases = np.flatnonzero(drawn & masks[:, slot - 1].flatten(1).any(1).numpy())
        carried = _from_nearest(result.z, slot, phases, inputs, motion).to(probabilities)
        before = probabilities[:, slot]
        after = before + WEIGHT * (carried - before)
        # What the structure gains, the others and the background lose in proportion, and the other way round; where
        # nothing else was probable, the background gets what it loses.
        probabilities *= ((1 - after) / (1 - before).clamp(min=1e-6))[:, None]
        probabilities[:, slot] = after
        probabilities[:, 0] += (1 - probabilities.sum(1)).clamp(min=0)
        presence[:, slot - 1] = presence[:, slot - 1].clamp(min=WEIGHT)
    return replace(result, probabilities=probabilities, presence=presence), tuple(int(inputs.numbers[s]) for s in lost)


def carried_sentences(carried: Mapping[int, Sequence[int]]) -> list[str]:
    """Return a sentence on each label that was carried, from the labels by slice from 0; it counts slices from 1.

    >>> carried_sentences({3: [7], 4: [7]})
    ['The network does not know structure 7 as it was drawn in slices 4 and 5: the motion of the images carries it ...']
    """
    slices: dict[int, list[int]] = {}
    for z, labels in sorted(carried.items()):
        for label in labels:
            slices.setdefault(label, []).append(z + 1)
    return [
        f"The network does not know {name_of(label)} as it was drawn in {_listed(numbers)}: the motion of the images "
        f"carries it through {'this slice' if len(numbers) == 1 else 'these slices'} alone. Check it at all phases, "
        "and draw it in the slices where it is missing."
        for label, numbers in sorted(slices.items())
    ]


def _listed(numbers: Sequence[int]) -> str:
    """Return 'slice 2', or 'slices 2, 3 and 5'."""
    if len(numbers) == 1:
        return f"slice {numbers[0]}"
    return f"slices {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _from_nearest(
    z: int, slot: int, phases: np.ndarray, inputs: PropagationInputs, motion: SliceMotion
) -> torch.Tensor:
    """Return a structure (T, H, W), carried to each phase from the nearest of ``phases`` round the beat."""
    count = len(inputs.drawn)
    away = np.abs(np.arange(count)[:, None] - phases[None])
    nearest = np.minimum(away, count - away).argmin(1)
    found = torch.zeros(count, *inputs.masks.shape[-2:])
    for number, phase in enumerate(phases.tolist()):
        mask = inputs.masks[phase, z, slot - 1 : slot]
        here = torch.from_numpy(nearest == number)
        found[here] = motion.carry(z, phase, mask)[:, 0].float().cpu()[here]
    return found
