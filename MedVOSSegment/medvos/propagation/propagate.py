"""Propagate drawn slices through a cine: the engine's main function."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.clip_view import in_drawn_view
from medvos.cine.guard import checked
from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.models.device import choose_device
from medvos.models.networks import load_cstm
from medvos.models.store import ModelInfo, resolve
from medvos.progress import Progress, Report
from medvos.propagation.assemble import assemble, slice_labels
from medvos.propagation.clip_propagation import propagate_clip
from medvos.propagation.correction_plan import plan_corrections
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.lost_structures import lost_in_slices
from medvos.propagation.memory_fallback import run_with_fallback
from medvos.propagation.misfit import misfits
from medvos.propagation.own_structures import carried_sentences
from medvos.propagation.second_opinion import KEY, second_opinion_of, stated
from medvos.propagation.settings import PropagationSettings
from medvos.propagation.slice_result import SliceResult
from medvos.propagation.suited_model import DRAWN_NETWORKS, suited_model
from medvos.propagation.unconfirmed import proposed_in
from medvos.provenance import provenance_of
from medvos.result import CARRIED, MISFIT, REMOVED_RV, STYLE_DRIFT, Result
from medvos.structures import MVO, heart_of
from medvos.uncertainty.borders import UNFITTED
from medvos.uncertainty.calibration import Calibration

OnSlice = Callable[[int, NDArray[np.uint8]], None]


def propagate(
    cine: Cine,
    seed: Seed,
    *,
    model: str | None = None,
    device: str = "auto",
    progress: Report | None = None,
    settings: PropagationSettings | None = None,
    previous: Result | None = None,
    on_slice: OnSlice | None = None,
) -> Result:
    """Propagate the drawn slices to every slice and phase.

    A model whose network is TCMN segments a clip of one slice (`medvos.propagation.clip_propagation`); it has no
    settings, and segments all frames again where there is a previous result.

    Parameters
    ----------
    cine: two phases or more.
    seed: one drawn slice or more, at any phase. Drawn slices are returned as drawn, except that obstruction is
        replaced by the myocardium that it lies in.
    model: a name that ``medvos models`` lists; None takes the one that suits the cine (`suited_model`).
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``. Out of GPU memory, smaller batches and then the CPU are tried.
    progress: called after each pass; an exception that it raises stops the work and passes through.
    settings: see `PropagationSettings`.
    previous: a result of this cine that the seed corrects: only slices that depend on new drawings are predicted again
        (`medvos.propagation.correction_plan`), or all where that is no dearer and keeps none; a drawn slice identical
        to the result counts as accepted.
    on_slice: called with the index and the labels (T, Y, X) of each slice as soon as there is a first version of it.

    Raises
    ------
    InputError: the cine has one phase or pixels that are not finite, the seed is empty or not on the cine's grid, or
        there is no such model or device, or the previous result is of another cine.

    >>> result = propagate(cine, seed, model="cstm", device="cpu")
    >>> result.labels  # (T, Z, Y, X) uint8
    """
    began = time.monotonic()
    checked(cine)
    if seed.labels.shape != cine.shape:
        raise InputError(f"The seed's shape {seed.labels.shape} is not the cine's {cine.shape}; draw it on this cine.")
    if not seed.drawn.any():
        raise InputError("The seed is empty; draw at least one structure on one slice.")
    cine = in_drawn_view(cine, seed.labels)
    given = [seed.labels] if previous is None else [seed.labels, previous.labels]
    notes = [*seed.notes, *([WITHOUT_OBSTRUCTION] if any((labels == MVO).any() for labels in given) else [])]
    seed = replace(seed, labels=heart_of(seed.labels))
    previous = previous and replace(previous, labels=heart_of(previous.labels))
    info = resolve(model or suited_model(cine), *DRAWN_NETWORKS)
    if info.network == "tcmn":
        result = propagate_clip(cine, seed, info, device, progress)
        if on_slice is not None:
            on_slice(0, result.labels[:, 0])
        return replace(result, provenance={**result.provenance, "notes": [*result.provenance["notes"], *notes]})
    where = choose_device(device)
    settings = settings or PropagationSettings()
    if progress is not None:
        progress(Progress(0, 0, "loading the network and finding the heart's region"))
    network = load_cstm(info, where)
    if settings.matching is not None:
        network.config = replace(network.config, matching=settings.matching)
    inputs = PropagationInputs.of(cine, seed, network.config, previous, settings)

    def show(result: SliceResult) -> None:
        if on_slice is not None:
            on_slice(result.z, slice_labels(seed, inputs, result))

    second = second_opinion_of(info, where) if settings.second_opinion else None
    shown = None if on_slice is None else show
    segmented = run_with_fallback(inputs, network, where, settings, progress, shown, second)
    maps = assemble(seed, inputs, segmented.slices, Calibration.of(info.calibration), previous)
    before = {} if previous is None else previous.provenance
    opinion = stated(info, segmented.opinion, inputs, cine, before)
    kept = set() if inputs.plan is None else {*before.get(REMOVED_RV, ())} - {*inputs.plan.slices}
    removed = sorted({*maps.without_far_rv} | kept)
    all_notes = [
        *cine.source.notes,
        *segmented.notes,
        *_beyond_the_region(seed, inputs),
        *_without_far_rv(removed),
        *_notes_on_previous(previous, seed, inputs, info, None if segmented.opinion is None else opinion),
        *notes,
    ]
    provenance = provenance_of(info, segmented.device, all_notes, began=began, intervals=info.intervals or UNFITTED)
    provenance |= proposed_in(seed, previous) | opinion | ({REMOVED_RV: removed} if removed else {})
    drift = segmented.drift.in_mm(inputs.region.pixel_mm2(cine.spacing[1:]) ** 0.5)
    if inputs.plan is not None:  # the drift of the main drawing still holds for the slices that are kept
        drift = before.get(STYLE_DRIFT, {})
    unlike = misfits(inputs, segmented.backs, before.get(MISFIT, ()))
    provenance |= ({STYLE_DRIFT: drift} if drift else {}) | ({MISFIT: unlike} if unlike else {})
    kept_carried = {} if inputs.plan is None else {int(z): labels for z, labels in before.get(CARRIED, {}).items()}
    again = range(cine.shape[1]) if inputs.plan is None else inputs.plan.slices
    carried = {z: labels for z, labels in kept_carried.items() if z not in again} | segmented.carried
    provenance |= {CARRIED: {str(z): list(labels) for z, labels in carried.items()}} if carried else {}
    lost = [*carried_sentences(carried), *lost_in_slices(maps.labels, seed.drawn)]
    provenance |= {"doubts": [*provenance.get("doubts", ()), *lost]} if lost else {}
    return Result(cine, maps.labels, maps.uncertainty, maps.scores, seed.drawn.copy(), provenance)


ANEW = (
    "All slices were predicted again: the drawings of the previous result are no longer in the seed, or the slice of "
    "its main drawing was drawn again."
)
NO_DEARER = (
    "All slices were predicted again: the corrections reach every slice, and to follow them alone would have taken at "
    "least as long."
)
OTHER_OPINION = "The slices that were predicted again have another second opinion than those that were kept."
WITHOUT_OBSTRUCTION = "Obstruction in the seed or the previous result was replaced by myocardium: predict it again."


def _notes_on_previous(
    previous: Result | None, seed: Seed, inputs: PropagationInputs, info: ModelInfo, opinion: dict[str, Any] | None
) -> list[str]:
    """A note where nothing of the previous result was kept, or where another model made the slices that were.

    ``opinion`` is the provenance of a second opinion, None without one.
    """
    if previous is not None and inputs.plan is None:
        return [ANEW if plan_corrections(seed, previous) is None else NO_DEARER]
    if previous is None or inputs.plan is None:
        return []
    if previous.provenance.get("weights_sha256", info.sha256) == info.sha256:
        before = previous.provenance.get(KEY, {}).get("weights_sha256")
        return [OTHER_OPINION] if opinion is not None and before != opinion[KEY]["weights_sha256"] else []
    again = ", ".join(str(z + 1) for z in inputs.plan.slices)
    what = f"slices {again} (counted from 1)" if again else "no slice"
    return [f"Predicted again by {info.name}: {what}; all others are by {previous.provenance.get('model')}."]


def _without_far_rv(slices: Sequence[int]) -> list[str]:
    """A note, in a list, on the slices in which a part of the RV was removed."""
    if not slices:
        return []
    numbers = ", ".join(str(z + 1) for z in slices)
    return [
        f"What the network took for RV on the other side of the LV was removed in slice{'s'[: len(slices) - 1]} "
        f"{numbers} (counted from 1), at some phases or all."
    ]


def _beyond_the_region(seed: Seed, inputs: PropagationInputs) -> list[str]:
    """A note on each drawn slice that is not completely inside the region."""
    return [
        f"The drawing of slice {z + 1} at phase {t + 1} (counted from 1) lies partly outside the region around the "
        "main seed and was not propagated there."
        for t, z in np.argwhere(seed.drawn)
        if not inputs.region.contains(seed.labels[t, z] > 0)
    ]
