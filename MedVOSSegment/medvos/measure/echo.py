"""Measure the LV in apical echo clips, beat by beat, and the area of the left atrium."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.errors import InputError
from medvos.measure.beats import beat_rate, find_beats
from medvos.measure.catalogue import Needs, in_order, names_that_need
from medvos.measure.doubt import Doubt, with_doubts
from medvos.measure.doubts import clip_doubts
from medvos.measure.ed_es import choose_ed_and_es
from medvos.measure.function import NO_MVO, cardiac_output, indexed, known, ventricle
from medvos.measure.measures import Beat, Measure, Measures
from medvos.measure.simpson import LongAxis, biplane, long_axis, main_part, single_plane
from medvos.measure.subject import Subject, subject_of
from medvos.structures import LA, LV

CAVITY_ALONE = "in an apical echo view only the LV cavity and the left atrium are measured"
NO_SPACING = "the clip does not state its pixel size, so ratios are known but not volumes"
NO_ATRIUM = "no left atrium is labelled at end-systole"
NO_BEAT = "the clip shows no complete contraction of a labelled LV from ED to ES"
ONE_BEAT = "fewer than two complete beats were found"
OTHER_RATE = "the cardiac output is that of a stated rate of {rate:.0f} /min"
NO_INTERVAL = "no interval: voxel uncertainty is propagated to volumes of short-axis stacks only"
NO_RANGES = "the reference ranges apply to cine MRI, not to echo"
# Of the longer one. Views of one LV differ by less than a tenth where neither is foreshortened (Lang et al. 2015).
LENGTHS_DIFFER = 0.2
RATIOS = ("%", "")  # units of measures that do not depend on the pixel size

View = tuple[NDArray[np.uint8], Cine]


def measure_echo(
    labels: NDArray[np.uint8],
    cine: Cine,
    two_chamber: View | None = None,
    *,
    subject: Subject | None = None,
    ed: int | None = None,
    es: int | None = None,
    complete: bool = False,
) -> Measures:
    """Measure LV volumes and EF of the beat with the median EF, by Simpson's method of disks.

    >>> measure_echo(labels, cine)["LVEF"].value  # doctest: +SKIP
    58.3

    Parameters
    ----------
    labels: (T, 1, Y, X) of the 4-chamber view; the largest connected component of the LV is measured.
    cine: its geometry and time.
    two_chamber: labels and cine of the 2-chamber view, for the biplane method: its median beat is combined with that
        of the 4-chamber view, as the two clips are not of the same beats.
    subject: as in `medvos.measure`.
    ed, es: the only beat to measure in the 4-chamber view, instead of those that are detected.
    complete: whether every frame was segmented; an LV that is missing in many of them was lost.

    Raises
    ------
    InputError: more than one slice, or no such phase.
    """
    views = ((labels, cine), *((two_chamber,) if two_chamber else ()))
    for one, _ in views:
        if one.shape[1] != 1:
            raise InputError(f"An echo clip has one slice and these labels have {one.shape[1]}: give those of a clip.")
    volumes = np.array([lv_volume(plane[0], cine) for plane in labels])
    areas = np.array([atrial_area(plane[0], cine) for plane in labels])
    if two_chamber is None:
        return measure_volumes(volumes, cine, areas, subject=subject, ed=ed, es=es, complete=complete)
    spacing_known = all(view.source.spacing_known for _, view in views)
    beats = _chosen(volumes, cine, (ed, es), spacing_known)
    middle = median_beat(beats)
    both, doubts = (None, []) if middle is None else _biplane(labels, cine, middle, two_chamber)
    found = _measures(both, volumes, areas, beats, middle, cine, subject, spacing_known)
    return with_doubts(found, [*clip_doubts(found, volumes, cine, complete), *(doubts if spacing_known else ())])


def lv_volume(labels: NDArray[np.uint8], cine: Cine) -> float:
    """Return the single-plane volume in mL of the LV in one frame (Y, X); nan if it has no long axis."""
    volume = single_plane(main_part(labels == LV), cine.spacing[1:])
    return math.nan if volume is None else volume


def atrial_area(labels: NDArray[np.uint8], cine: Cine) -> float:
    """Return the area in cm² of the left atrium in one frame (Y, X), its largest connected component; 0 without one."""
    return float(main_part(labels == LA).sum()) * cine.spacing[1] * cine.spacing[2] / 100


def measure_volumes(
    volumes: NDArray[np.float64],
    cine: Cine,
    areas: NDArray[np.float64] | None = None,
    *,
    subject: Subject | None = None,
    ed: int | None = None,
    es: int | None = None,
    complete: bool = True,
) -> Measures:
    """Measure like `measure_echo`, from what `lv_volume` and, if given, `atrial_area` return for every frame, (T,)."""
    spacing_known = cine.source.spacing_known
    beats = _chosen(volumes, cine, (ed, es), spacing_known)
    middle = median_beat(beats)
    pair = None if middle is None else (float(volumes[middle.ed]), float(volumes[middle.es]))
    found = _measures(pair, volumes, areas, beats, middle, cine, subject, spacing_known)
    return with_doubts(found, clip_doubts(found, volumes, cine, complete))


def median_beat(beats: tuple[Beat, ...]) -> Beat | None:
    """Return the beat with the median EF; of an even number the lower of the two in the middle."""
    ordered = sorted(beats, key=lambda beat: beat.ef)
    return ordered[(len(ordered) - 1) // 2] if ordered else None


def _measures(
    pair: tuple[float | None, float | None] | None,
    volumes: NDArray[np.float64],
    areas: NDArray[np.float64] | None,
    beats: tuple[Beat, ...],
    middle: Beat | None,
    cine: Cine,
    subject: Subject | None,
    spacing_known: bool,
) -> Measures:
    """Return all measures, from EDV and ESV of the median beat if there is one."""
    edv, esv = pair or (None, None)
    left = ventricle("LV", (edv, None if pair else NO_BEAT), (esv, None if pair else NO_BEAT))
    if pair is not None and not spacing_known:
        # Ratios do not depend on the pixel size.
        left = {name: ratio if ratio.unit in RATIOS else known(name, None, NO_SPACING) for name, ratio in left.items()}
    person = subject_of(cine, subject)
    rate = beat_rate(cine.times, [beat.ed for beat in beats])
    by_name = {name: known(name, None, CAVITY_ALONE) for name in names_that_need(Needs.LABELS, Needs.CURVE)}
    by_name |= left
    by_name["CO"] = cardiac_output(left["LVSV"], person.heart_rate or rate)
    by_name["MVO"] = known("MVO", None, NO_MVO)
    by_name |= indexed(by_name, person)
    if areas is not None and areas.any():
        by_name["LAA"] = _atrium(areas, middle, spacing_known)
    stated = None if by_name["CO"].value is None else person.heart_rate
    unknown = f"{ONE_BEAT}; {OTHER_RATE.format(rate=stated)}" if stated else ONE_BEAT
    by_name["HR"] = known("HR", rate, None if rate else unknown)
    by_name = in_order(
        {name: each if each.value is None else replace(each, reason=NO_INTERVAL) for name, each in by_name.items()}
    )
    curves = {"LV": volumes} if spacing_known and np.isfinite(volumes).any() else {}
    found = Measures(by_name, cine.times, curves, no_normal=NO_RANGES, beats=beats, subject=person)
    if middle is None:
        return found
    return replace(found, ed=middle.ed, es=middle.es, percent={"LV": 100 * volumes / volumes[middle.ed]})


def _atrium(areas: NDArray[np.float64], middle: Beat | None, spacing_known: bool) -> Measure:
    """Return the area at the ES of a beat, when the atrium is fullest."""
    if middle is None:
        return known("LAA", None, NO_BEAT)
    if not areas[middle.es]:
        return known("LAA", None, NO_ATRIUM)
    return known("LAA", float(areas[middle.es]), None) if spacing_known else known("LAA", None, NO_SPACING)


def _chosen(
    volumes: NDArray[np.float64], cine: Cine, given: tuple[int | None, int | None], spacing_known: bool
) -> tuple[Beat, ...]:
    """Return the beats that are detected, or the given one."""
    if given == (None, None):
        return _beats(volumes, cine, spacing_known)
    return _given(volumes, *given, spacing_known)


def _beats(volumes: NDArray[np.float64], cine: Cine, spacing_known: bool) -> tuple[Beat, ...]:
    return tuple(_beat(volumes, ed, es, spacing_known) for ed, es in find_beats(cine.times, volumes))


def _given(volumes: NDArray[np.float64], ed: int | None, es: int | None, spacing_known: bool) -> tuple[Beat, ...]:
    first, last = choose_ed_and_es(volumes, ed, es)
    if first is None or last is None or not np.isfinite(volumes[[first, last]]).all():
        return ()
    return (_beat(volumes, first, last, spacing_known),)


def _beat(volumes: NDArray[np.float64], ed: int, es: int, spacing_known: bool) -> Beat:
    edv, esv = float(volumes[ed]), float(volumes[es])
    return Beat(ed, es, edv if spacing_known else None, esv if spacing_known else None, 100 * (edv - esv) / edv)


def _biplane(
    labels: NDArray[np.uint8], cine: Cine, middle: Beat, other: View
) -> tuple[tuple[float | None, float | None], list[Doubt]]:
    """Return EDV and ESV from the median beats of both views, and the doubt on views that cannot be of one LV."""
    other_labels, other_cine = other
    other_volumes = np.array([lv_volume(plane[0], other_cine) for plane in other_labels])
    other_middle = median_beat(_beats(other_volumes, other_cine, True))
    if other_middle is None:
        raise InputError("The 2-chamber view shows no complete contraction of a labelled LV: give another clip of it.")
    spacings = (cine.spacing[1:], other_cine.spacing[1:])
    frames = ((middle.ed, other_middle.ed), (middle.es, other_middle.es))
    masks = [
        [main_part(view[t, 0] == LV) for view, t in zip((labels, other_labels), pair, strict=True)] for pair in frames
    ]
    edv, esv = (biplane((own, others), spacings) for own, others in masks)
    return (edv, esv), _on_lengths([long_axis(*one) for one in zip(masks[0], spacings, strict=True)])


def _on_lengths(axes: Sequence[LongAxis | None]) -> list[Doubt]:
    """Doubt the volumes of an LV that is not as long at ED in the 2-chamber view as in the 4-chamber view."""
    four, two = (0.0 if axis is None else axis.length for axis in axes)
    if min(four, two) >= (1 - LENGTHS_DIFFER) * max(four, two):
        return []
    reason = (
        f"the LV is {four:.0f} mm long at ED in the 4-chamber view and {two:.0f} mm in the 2-chamber view: one of "
        "the two is foreshortened, or its pixel size is wrong; use a view of the whole length"
    )
    return [Doubt(reason)]
