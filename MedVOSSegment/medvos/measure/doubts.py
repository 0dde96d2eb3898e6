"""Doubt measures that contradict the labels, the volume curve or the header; every limit stands here."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.measure.catalogue import CATALOGUE, Needs, names_resting_on
from medvos.measure.doubt import Doubt, with_doubts
from medvos.measure.measures import Measure, Measures
from medvos.structures import LV, RV

FEWEST_PHASES = 8  # of a beat; ED and ES alone, or single phases, are no curve of which a part could be missing
# Part of the frames, or of the slices with the heart, that must be labelled. Of 100 ACDC patients none has less than
# 70 % of the slices at ED labelled at ES.
LEAST_LABELLED = 0.6
# The RV's slices at ES and ED: five of 100 ACDC patients have less than 60 %, none less than 43 %.
LEAST_RV_SLICES = 0.4
# At the base a heart may lose as many slices when it contracts, in a stack of few thick slices too.
LOST_AT_THE_BASE = 2
# Of the largest volume. What is left of an LV that was lost is smaller; an EF of 92 % is not.
LOST = 0.08
# No human LV empties faster: systole lasts 250 to 400 ms at rest and 150 ms at 200 beats a minute.
FASTEST_CONTRACTION_MS = 40.0
# Phases of a beat that is sampled finely enough to tell how long it contracts, if its times are stated.
FINE = 10
# Beats a minute of a person: trained sleepers reach 30, newborns 200.
HEART_RATES = (30.0, 200.0)
# mL. A heart with less at ED is that of an animal: newborns have 5 to 8 mL, rabbits 3, rats 0.4.
SMALL_EDV = 5.0
# Between the rate of the beats in a clip and that of the header, which is a mean over seconds before it.
RATES_AGREE = 1.4
# %. The EF of ACDC's 100 patients, half of them with heart failure or hypertrophy, is 10 to 82.
LEAST_EF, LARGEST_EF = 5.0, 90.0
# g of wall for each mL of cavity at ED; 0.4 to 2.0 in ACDC, 1.7 in mice.
MASS_TO_VOLUME = (0.2, 5.0)
# mL and g at ED. ACDC: from 49 mL and 34 g. Less is an infant, an animal, or a wrong pixel size.
SMALL_ADULT_EDV, SMALL_ADULT_MASS = 20.0, 20.0
# mL and g at ED: rare beyond the first pair (ACDC: up to 374 mL and 272 g), impossible beyond the second.
LARGE_EDV, LARGE_MASS = 600.0, 700.0
IMPOSSIBLE_EDV, IMPOSSIBLE_MASS = 1500.0, 1500.0
# mm. Infants and animals are imaged with smaller pixels.
ADULT_PIXEL = 0.9
# L/min of a heart of an adult's size, with so many mL at ED at least.
OUTPUTS, OUTPUT_EDV = (0.7, 20.0), 50.0

LEFT, RIGHT = names_resting_on(LV), names_resting_on(RV)
SCALED = tuple(row.name for row in CATALOGUE if row.unit.split("/")[0] in ("mL", "L", "g"))
PER_BEAT = ("CO", "LVPER", "LVPFR", "RVPER", "RVPFR")


def clip_doubts(measures: Measures, volumes: NDArray[np.float64], cine: Cine, complete: bool) -> list[Doubt]:
    """Return the doubts about an echo clip.

    Parameters
    ----------
    measures: of the clip, with its beats.
    volumes: (T,) mL of the LV in every frame, nan where none is labelled.
    complete: whether every frame was segmented; in a drawing most have no label.
    """
    frames = len(volumes)
    known = np.nan_to_num(volumes)
    labelled = int(np.count_nonzero(known > LOST * known.max())) if known.max() > 0 else 0
    doubts = []
    if 0 < labelled < LEAST_LABELLED * frames and (complete or labelled > 2):
        lost = f"the LV is labelled in {labelled} of {frames} frames only, so that a whole beat is not seen"
        doubts.append(Doubt(lost, (*LEFT, "HR", "LAA") if complete else ()))
    small = _is_small(measures, cine)
    if measures.ed is not None and measures.es is not None and frames >= FINE and not small:
        # The ES that was drawn may be that of the beat before.
        doubts += _on_contraction(abs(float(cine.times[measures.es] - cine.times[measures.ed])), LEFT)
    seen, stated = measures["HR"].value, cine.source.heart_rate
    if seen is not None and not small and not HEART_RATES[0] <= seen <= HEART_RATES[1]:
        doubts.append(Doubt(f"the beats in the clip would follow each other {seen:.0f} times a minute", ("HR", "CO")))
    elif seen is not None and stated and not 1 / RATES_AGREE <= seen / stated <= RATES_AGREE:
        reason = f"the beats in the clip follow each other {seen:.0f} times a minute and the file states {stated:.0f}"
        doubts.append(Doubt(reason, ("HR", "CO")))
    return [*doubts, *_on_ejection(measures, ("LVEF",)), *_on_size(measures, cine)]


def stack_doubts(
    measures: Measures, slice_counts: NDArray[np.int64], cine: Cine, heart_rate: float | None, complete: bool
) -> list[Doubt]:
    """Return the doubts about a short-axis stack.

    Parameters
    ----------
    measures: of the stack.
    slice_counts: (T, Z, 256) voxels of each label in each slice.
    heart_rate: in 1/min, that cardiac output was computed with.
    complete: whether every phase was segmented; in a drawing most have no label.
    """
    phases = len(slice_counts)
    labelled = int(np.count_nonzero(slice_counts.any(axis=(1, 2))))
    doubts = []
    if complete and phases >= FEWEST_PHASES and 0 < labelled < LEAST_LABELLED * phases:
        everything = tuple(row.name for row in CATALOGUE if row.needs is not Needs.OBSTRUCTION)
        doubts.append(
            Doubt(f"{labelled} of {phases} phases only are labelled, so that a whole beat is not seen", everything)
        )
    for label, name, names in ((LV, "LV", (*LEFT, "LVM")), (RV, "RV", RIGHT)):
        doubts += _on_slices(slice_counts[..., label], name, names, (measures.ed, measures.es))
    small = _is_small(measures, cine)
    if measures.ed is not None and measures.es is not None and phases >= FINE and not small and cine.source.heart_rate:
        apart = abs(float(cine.times[measures.es] - cine.times[measures.ed]))
        doubts += _on_contraction(min(apart, cine.period - apart), (*LEFT, *RIGHT))
    if heart_rate is not None and not small and not HEART_RATES[0] <= heart_rate <= HEART_RATES[1]:
        given = cine.source.rate_given or heart_rate != cine.source.heart_rate  # by the user
        reason = f"the heart rate is {heart_rate:.0f} beats a minute, which no person at rest has"
        doubts.append(Doubt(reason, () if given else PER_BEAT))
    return [*doubts, *_on_ejection(measures, ("LVEF", "RVEF")), *_on_size(measures, cine)]


def _on_slices(
    counts: NDArray[np.int64], name: str, names: tuple[str, ...], phases: tuple[int | None, int | None]
) -> list[Doubt]:
    """Doubt a ventricle (T, Z) that is labelled in far fewer slices at ED or ES than at another phase."""
    slices = (counts > 0).sum(axis=1)
    most = int(slices.max(initial=0))
    least = LEAST_RV_SLICES if name == "RV" else LEAST_LABELLED
    return [
        Doubt(f"the {name} is labelled in {slices[phase]} slices at {when} and in {most} at another phase", names)
        for when, phase in zip(("ED", "ES"), phases, strict=True)
        if phase is not None and 0 < slices[phase] < min(least * most, most - LOST_AT_THE_BASE)
    ]


def _on_contraction(milliseconds: float, names: tuple[str, ...]) -> list[Doubt]:
    if milliseconds > FASTEST_CONTRACTION_MS * 1.001:
        return []
    return [Doubt(f"the heart would contract within {milliseconds:.0f} ms, from ED to ES", names)]


def with_no_ejection(measures: Measures, why: str) -> Measures:
    """Return the measures without those of the LV's ejection where EF is hardly possible and the LV is doubted anyway.

    ``why`` is the sentence on the latter.
    """
    if not _on_ejection(measures, ("LVEF",)):
        return measures
    return with_doubts(measures, [Doubt(why[:1].lower() + why[1:].removesuffix("."), LEFT)])


def _on_ejection(measures: Mapping[str, Measure], names: tuple[str, ...]) -> list[Doubt]:
    doubts = []
    for name in names:
        value = measures[name].value
        if value is not None and value < 0:
            side = name.removesuffix("EF")
            larger = f"the {side} is larger at ES than at ED: look at its contours in all slices at both"
            doubts.append(Doubt(larger, (f"{side}SV", name)))
        # A failing RV may eject hardly anything at the phases of the LV.
        elif value is not None and (value > LARGEST_EF or (name == "LVEF" and value < LEAST_EF)):
            doubts.append(Doubt(f"an {name} of {value:.0f} % is hardly possible: look at the contours at ED and ES"))
    return doubts


def _on_size(measures: Mapping[str, Measure], cine: Cine) -> list[Doubt]:
    """Doubt a heart larger than any, an adult's as small as an infant's, and a wall that does not suit its cavity."""
    volume, mass = measures["LVEDV"].value, measures["LVM"].value
    doubts = _on_large(measures)
    small = [
        f"an {name} of {value:.1f} {measures[name].unit}"
        for name, value, least in (("LVEDV", volume, SMALL_ADULT_EDV), ("LVM", mass, SMALL_ADULT_MASS))
        if value is not None and value < least
    ]
    if small and _is_of_an_adult(cine):
        reason = f"{' and '.join(small)} would be an infant's or an animal's: look at the contours and the pixel size"
        doubts.append(Doubt(reason, holds=SCALED, verdict="no verdict is given on volumes and masses"))
    elif volume and mass and not MASS_TO_VOLUME[0] <= mass / volume <= MASS_TO_VOLUME[1]:
        reason = f"an LVM of {mass:.1f} g does not suit an LVEDV of {volume:.1f} mL: look at the contours of the wall"
        doubts.append(Doubt(reason))
    output = measures["CO"].value
    large = volume is not None and volume >= OUTPUT_EDV
    if output is not None and large and not OUTPUTS[0] <= output <= OUTPUTS[1]:
        doubts.append(Doubt(f"a CO of {output:.1f} L/min is hardly possible: look at the contours and the heart rate"))
    return doubts


def _on_large(measures: Mapping[str, Measure]) -> list[Doubt]:
    """Doubt a size that the rarest hearts have, and void what is in mL, g or mm where no heart has it."""
    doubts = []
    for name, usual, possible in (("LVEDV", LARGE_EDV, IMPOSSIBLE_EDV), ("LVM", LARGE_MASS, IMPOSSIBLE_MASS)):
        value, unit = measures[name].value, measures[name].unit
        if value is None or value <= usual:
            continue
        if value <= possible:
            reason = f"an {name} of {value:.0f} {unit} is very large: look at the contours and the pixel size"
            doubts.append(Doubt(reason))
        else:
            reason = f"an {name} of {value:.0f} {unit} is larger than any person's: the pixel size must be wrong"
            doubts.append(Doubt(reason, SCALED))
    return doubts


def _is_small(measures: Mapping[str, Measure], cine: Cine) -> bool:
    """Whether the heart is that of an animal, which beats faster."""
    volume = measures["LVEDV"].value
    return volume is not None and cine.source.spacing_known and volume < SMALL_EDV and not _is_of_an_adult(cine)


def _is_of_an_adult(cine: Cine) -> bool:
    """Whether pixel size, weight and age, as far as they are known, are those of an adult."""
    source = cine.source
    child = (source.weight_kg is not None and source.weight_kg < 30) or (
        source.age_years is not None and source.age_years < 10
    )
    return source.spacing_known and not child and (cine.is_echo or max(cine.spacing[1:]) >= ADULT_PIXEL)
