"""Measure cardiac function from a label map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.clip_view import in_labelled_view
from medvos.cine.fractions import from_steps, in_steps
from medvos.cine.labels import label_numbers
from medvos.errors import InputError
from medvos.measure.catalogue import in_order
from medvos.measure.doubt import Doubt, with_doubts
from medvos.measure.doubts import stack_doubts
from medvos.measure.echo import measure_echo
from medvos.measure.ed_es import choose_ed_and_es
from medvos.measure.function import Volumes, function, indexed, rates
from medvos.measure.holes import hole_doubts, without_holes
from medvos.measure.image_border import border_doubts
from medvos.measure.intervals import with_intervals
from medvos.measure.measures import Measures
from medvos.measure.misfit import unfollowed_doubts
from medvos.measure.obstructed_volume import obstructed_segments, obstruction
from medvos.measure.papillary_style import papillary_style
from medvos.measure.reference import normal_ranges
from medvos.measure.rv_parts import rv_doubts
from medvos.measure.sanity import sanity_doubts
from medvos.measure.segments import base_is_last
from medvos.measure.subject import Subject, subject_of
from medvos.measure.trust import judge, with_trust
from medvos.measure.volumes import filled_slices, label_counts, skipped_slices, volumes_of
from medvos.measure.wall import WallSegment, wall_segments
from medvos.result import CHOSEN_PHASES, Result, with_chosen_phases
from medvos.structures import LV, MVO, MYO, RV, heart_of

NOT_AS_CHOSEN = Doubt("the ED and ES that were chosen do not fit the labels any more: those of the volumes are used")


def measure(
    result_or_labels: Result | NDArray[np.integer],
    cine: Cine | None = None,
    *,
    subject: Subject | None = None,
    ed: int | None = None,
    es: int | None = None,
    wall: bool = True,
    complete: bool | None = None,
    judged: bool = True,
) -> Measures:
    """Measure volumes, function and mass of both ventricles; in an echo clip those of the LV by the method of disks.

    ED and ES are the phases of the largest and the smallest volume of the LV, or of the RV if no LV is labelled; the RV
    is measured at the phases of the LV.

    >>> measure(labels, cine)["LVEF"].value  # doctest: +SKIP
    58.3

    Parameters
    ----------
    result_or_labels: a `medvos.result.Result`, or a (T, Z, Y, X) label map (1 RV, 2 Myo, 3 LV).
    cine: geometry and time of a label map.
    subject: data of the person, in place of what the cine's files state.
    ed, es: phases to use instead of those that are found, or that were chosen when the result was written; counted
        from 0.
    wall: measure the wall of each segment too, which takes most of the time.
    complete: whether every phase was segmented, so that one without a label was lost; default: those of a result were.
    judged: False where the caller adds intervals and unreliable parts, which `judge` needs, and calls it.

    Raises
    ------
    InputError: the label map is not on the grid of the cine, or holds other values than 0 to 255, or the cine has no
        such phase.
    TypeError: a label map without a cine.
    """
    if isinstance(result_or_labels, Result):
        if ed is None and es is None and CHOSEN_PHASES in result_or_labels.provenance:
            return _at_chosen_phases(result_or_labels, subject, wall, complete, judged)
        labels, cine = result_or_labels.labels, result_or_labels.cine
    elif cine is None:
        raise TypeError("measure(labels, cine): a label map needs the cine for its geometry")
    else:
        labels = label_numbers(np.asarray(result_or_labels), "The label map")
    if labels.shape != cine.shape:
        raise InputError(
            f"The labels have the shape {labels.shape} but the cine {cine.shape} (phases, slices, rows, columns); "
            "give the labels of this cine."
        )
    if complete is None:
        complete = isinstance(result_or_labels, Result)
    if cine.is_echo:
        cine = cine if isinstance(result_or_labels, Result) else in_labelled_view(cine, labels)
        measures = measure_echo(labels, cine, subject=subject, ed=ed, es=es, complete=complete)
        stated = result_or_labels.provenance if isinstance(result_or_labels, Result) else {}
        return with_doubts(measures, unfollowed_doubts(stated))
    of_borders = isinstance(result_or_labels, Result) and is_of_borders(result_or_labels)
    scores = result_or_labels.slice_scores if isinstance(result_or_labels, Result) and of_borders else None
    measures = _short_axis(heart_of(labels), cine, subject_of(cine, subject), (ed, es), wall, complete, scores)
    if isinstance(result_or_labels, Result) and of_borders:
        measures = _with_uncertainty(measures, replace(result_or_labels, labels=heart_of(labels)))
    if judged:
        measures = judge(measures)
    if (labels == MVO).any() or (isinstance(result_or_labels, Result) and "notice" in result_or_labels.provenance):
        return with_obstruction(measures, labels, cine)
    return measures


def _at_chosen_phases(
    result: Result, subject: Subject | None, wall: bool, complete: bool | None, judged: bool
) -> Measures:
    """Measure a result at the phases that were chosen for it; at those found, where its labels do not allow these."""
    chosen = result.provenance[CHOSEN_PHASES]
    found = with_chosen_phases(result, None, None)
    try:
        return measure(
            found, subject=subject, ed=chosen["ED"], es=chosen["ES"], wall=wall, complete=complete, judged=judged
        )
    except InputError:
        measures = measure(found, subject=subject, wall=wall, complete=complete, judged=judged)
        return with_doubts(measures, [NOT_AS_CHOSEN])


def is_of_borders(result: Result) -> bool:
    """Return whether uncertainty and scores are those of the heart's borders, not those of predicted obstruction."""
    return "obstruction" in result.provenance or not (
        "notice" in result.provenance or bool((result.labels == MVO).any())
    )


def _with_uncertainty(measures: Measures, result: Result) -> Measures:
    """Add intervals, the parts that rest on unreliable contours, and how the drawings count papillary muscles."""
    # As it is stored, so that a result and its files have the same intervals.
    result = replace(result, uncertainty=from_steps(in_steps(result.uncertainty)))
    measures = with_intervals(measures, result)
    areas = {label: (result.labels == label).sum(axis=(2, 3)) for label in (RV, MYO, LV)}
    settled = result.seeds | (result.slice_scores <= 0)  # accepted slices, and those that the reader emptied, too
    measures = with_trust(measures, areas, result.slice_scores, settled, result.provenance, result.cine.spacing)
    style = result.provenance.get("papillary")
    if style is None and (result.cine.array.any() or not result.seeds.any()):
        style = papillary_style(result.cine.array, result.labels, result.seeds, result.cine.spacing[1:])
    return replace(measures, papillary=style)


def _short_axis(
    labels: NDArray[np.uint8],
    cine: Cine,
    subject: Subject,
    chosen: tuple[int | None, int | None],
    wall: bool,
    complete: bool,
    scores: NDArray[np.float32] | None,
) -> Measures:
    """Measure a short-axis stack by slice summation."""
    counts = label_counts(labels)
    curves = volumes_of(counts, cine.affine)
    ed, es = choose_ed_and_es(curves.get("LV", curves.get("RV", np.zeros(len(cine.times)))), *chosen)
    stack = cine.shape[1] > 1
    volumes = Volumes(curves, filled_slices(counts), skipped_slices(counts), stack)
    by_name, whole = function(volumes, ed, es, subject.heart_rate), without_holes(curves, counts, (ed, es))
    by_name = in_order({**by_name, **indexed(by_name, subject), **rates(volumes, whole, cine, subject.heart_rate)})
    normal, no_normal = normal_ranges(by_name, subject)
    measures = Measures(by_name, cine.times, curves if stack else {}, ed, es, subject=subject)
    segments = wall_segments(labels, cine.affine, ed, es, scores) if wall else measures.wall
    measures = replace(measures, wall=segments, normal=normal, no_normal=no_normal)
    holes = hole_doubts(measures, counts, chosen=chosen[0] is not None)
    doubted = with_doubts(measures, [*holes, *stack_doubts(measures, counts, cine, subject.heart_rate, complete)])
    seen = [*rv_doubts(doubted, labels), *border_doubts(doubted, labels)]
    doubted = with_doubts(doubted, [*sanity_doubts(doubted, counts, cine), *seen])
    return replace(doubted, wall=_wall_of(doubted, measures))


def _wall_of(doubted: Measures, measures: Measures) -> tuple[WallSegment, ...]:
    """Return the wall, without values where the volumes of the LV that it surrounds turned out to be void."""
    for name in ("LVEDV", "LVESV"):
        if measures[name].value is not None and doubted[name].value is None:
            return tuple(WallSegment(each.number, each.name, reason=doubted[name].reason) for each in measures.wall)
    return measures.wall


def with_obstruction(measures: Measures, labels: NDArray[np.uint8], cine: Cine) -> Measures:
    """Add the measures of the obstructed wall at ED in ``labels`` (T, Z, Y, X)."""
    if measures.ed is None:
        return measures
    found = obstruction(labels[measures.ed], cine.affine)
    segments = obstructed_segments(labels[measures.ed], cine.affine, base_is_last(labels))
    return replace(measures, by_name=in_order({**measures, **found}), obstructed=segments)
