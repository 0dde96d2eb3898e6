"""Handing a heart's labels to a propagation, and taking its result in as the next state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from medvos.measure.correction import FORMER, FORMER_BANDS
from medvos.measure.intervals import constants_of
from medvos.measure.misfit import misfit_sentences
from medvos.result import OF_SLICES
from MedVOSSegmentLib.job.tasks import PreviousResult, PropagationTask
from MedVOSSegmentLib.session.background import Background
from MedVOSSegmentLib.session.correction_input import CorrectionCost, cost_of, previous_of, seed_of
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.session.label_cache import fingerprint
from MedVOSSegmentLib.session.label_writer import LabelWriter
from MedVOSSegmentLib.session.model_choice import NEED_NO_DRAWING, fitting
from MedVOSSegmentLib.session.own_segments import (
    all_left_out,
    examine,
    is_complete,
    own_names,
    take_along,
    with_own_names,
)
from MedVOSSegmentLib.session.pending_propagation import PendingPropagation, PropagationRequest
from MedVOSSegmentLib.session.state import Findings
from MedVOSSegmentLib.session.step import Step
from MedVOSSegmentLib.text import tr

# No checksum: the user's labels differ from those that were propagated, so the model's measures do not describe them.
NOT_AS_FOUND = -1
PHASES_LOST = tr("ED and ES are found from the new volumes: those that you chose were of the segments before.")
OBSTRUCTION_LOST = tr("The obstruction was that of the heart as it was before: predict it again.")


def start_propagation(background: Background, edit: HeartEdit, model: str | None, device: str) -> PendingPropagation:
    """Propagate the user's slices through the whole cine with ``model``, by default the one that fits.

    A clip without a drawing is segmented by a model that needs none, and such a model is given none.

    Raises InputError where the runner is busy.
    """
    return _start(background, edit, model, device, None)


def start_corrections(background: Background, edit: HeartEdit, findings: Findings) -> PendingPropagation:
    """Propagate the corrections of the result ``findings`` through the frames that depend on them.

    Device and model are those of the result, unless that model needs no drawing.
    """
    keeps_model = edit.state.drawn.any() and findings.model not in NEED_NO_DRAWING
    return _start(background, edit, findings.model if keeps_model else None, findings.device, findings)


def cost_of_corrections(edit: HeartEdit, findings: Findings) -> CorrectionCost:
    """Return the cost of propagating the corrections of the result ``findings``."""
    seed = seed_of(edit.cache.labels, edit.own | edit.state.accepted)
    if not seed.drawn.any():
        return CorrectionCost(0, 0.0, 0.0)
    if edit.cine.is_echo:  # its networks follow all frames again; how long another one takes is not known
        keeps_model = findings.model not in NEED_NO_DRAWING
        return CorrectionCost(edit.cine.shape[0], 1.0, findings.full_seconds if keeps_model else 0.0)
    return cost_of(edit.cine, seed, previous_result(edit, findings), findings.full_seconds)


def previous_result(edit: HeartEdit, findings: Findings) -> PreviousResult:
    """Return the result ``findings`` in the form that the engine corrects."""
    previous = previous_of(edit.cache.labels, edit.uncertainty(), findings.scores, edit.state.drawn, edit.changed)
    former = {name: each["interval"] for name, each in findings.measures.items() if each.get("interval")}
    bands = findings.provenance.get(FORMER_BANDS, {})
    provenance = {"intervals": constants_of(findings.provenance), FORMER: former, FORMER_BANDS: bands}
    provenance |= {key: findings.provenance[key] for key in OF_SLICES if key in findings.provenance}
    return replace(previous, provenance=provenance)


def accept_propagation(edit: HeartEdit, job: PendingPropagation) -> Iterator[None]:
    """Make a result whose labels are in the scene the new state, in parts of some milliseconds each."""
    request, outcome = job.request, job.outcome
    if outcome is None:
        return
    edit.hold_uncertainty()
    yield from edit.nodes.showing_uncertainty(outcome.uncertainty)
    edit.nodes.set_provenance(outcome.provenance)
    yield
    is_as_found = bool((outcome.labels == edit.cache.labels).all())
    measured = fingerprint(edit.cache.marks) if is_as_found else NOT_AS_FOUND
    yield
    seconds = float(outcome.provenance.get("seconds", 0.0))
    before = edit.state.findings
    marks = edit.written.copy()
    marks[request.own] = request.marks[request.own]
    findings = Findings(
        scores=outcome.slice_scores,
        measures=outcome.measures,
        measured=measured,
        phases=outcome.phases,
        provenance=outcome.provenance,
        model=request.model,
        device=request.device,
        full_seconds=seconds if request.whole or before is None else before.full_seconds,
        uncertainty=outcome.uncertainty,
    )
    state = replace(edit.state, drawn=request.own, marks=marks, step=Step.REVIEW, findings=findings, obstruction=None)
    if request.whole:  # ED and ES were chosen for the segments before
        state = replace(state, chosen=(None, None))
    edit.do("propagation" if request.whole else "corrections", state, job.writer.patch())
    yield from edit.show_obstruction()


def _start(
    background: Background, edit: HeartEdit, model: str | None, device: str, corrected: Findings | None
) -> PendingPropagation:
    """Start a propagation through the whole cine, or of corrections of the result ``corrected``."""
    background.require_idle()
    left_out = _take_own_segments(edit) if model not in NEED_NO_DRAWING else all_left_out(edit)
    own, accepted = edit.own, edit.state.accepted
    seed = seed_of(edit.cache.labels, own if corrected is None else own | accepted)
    model = model or fitting(edit.cine, drawn=bool(seed.drawn.any()))
    if model in NEED_NO_DRAWING:
        left_out = all_left_out(edit)
    given = None if model in NEED_NO_DRAWING else seed.labels
    request = PropagationRequest(own, edit.cache.marks.copy(), model, device, corrected is None)
    previous = None if corrected is None else previous_result(edit, corrected)
    task = PropagationTask(edit.cine, given, model, device, previous, edit.unconfirmed)
    # The first version of a slice must not appear where the user has one.
    writer = LabelWriter(edit.nodes, edit.cache, edit.written, own | accepted)
    there = () if given is None else np.unique(seed.labels[seed.drawn])
    names = {label: name for label, name in own_names(edit.nodes).items() if label in there}
    return background.start_propagation(
        edit, task, request, writer, lambda job: _accept_and_say(background, edit, job, names, left_out)
    )


def _take_own_segments(edit: HeartEdit) -> tuple[str, ...]:
    """Take the reader's own segments along as far as they can be; return sentences on the others."""
    found = examine(edit)
    if found.fit or not is_complete(edit):
        take_along(edit, found.fit)
    return found.sentences


def _accept_and_say(
    background: Background, edit: HeartEdit, job: PendingPropagation, own: Mapping[int, str], left_out: Sequence[str]
) -> Iterator[None]:
    if job.outcome is not None:
        provenance = with_own_names(job.outcome.provenance, own)
        job.outcome = replace(job.outcome, provenance=provenance)
    had_obstruction, had_phases = edit.state.obstruction is not None, edit.state.chosen != (None, None)
    yield from accept_propagation(edit, job)
    sentences = [
        tr("The heart is segmented: look at the frames that the model is least sure of.")
        if edit.cine.is_echo
        else tr("The heart is segmented: look at the slices that the model is least sure of.")
    ]
    if job.outcome is not None:
        stated = job.outcome.provenance
        sentences = [*misfit_sentences(stated), *stated.get("doubts", ()), *left_out, *sentences]
    if had_obstruction:
        sentences.append(OBSTRUCTION_LOST)
    if had_phases and edit.state.chosen == (None, None):
        sentences.append(PHASES_LOST)
    background.say("\n".join(sentences))
