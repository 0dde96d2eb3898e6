"""Sanity checks of a short-axis stack that hold verdicts back: the values stand, but are not called low or high."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.common_phases import LARGEST_GAP
from medvos.measure.catalogue import PER_AREA, names_resting_on
from medvos.measure.doubt import Doubt
from medvos.measure.measures import Measures
from medvos.measure.slice_distance import LARGEST_MM, error_of_distance, error_of_gap
from medvos.measure.strokes import LEFT_VOLUMES, RIGHT_VOLUMES
from medvos.structures import LV, MYO

# LV mass at ES over that at ED. The myocardium does not change its volume; contours of 98 of 100 ACDC patients lie
# between 0.89 and 1.37, since readers draw trabeculae and the base differently at ES.
MASS_RATIO = (0.8, 1.4)
# Of the largest area of the LV at ED: a stack whose last slice at the apex has more does not reach the apex. 8 of 100
# ACDC patients have more.
CUT_APEX = 0.3
# kg/m². The body mass index of premature infants is 7, the largest known ones are about 100.
BODY_MASS = (7.0, 100.0)
FEWEST_STEPS = 4  # a beat of so few phases has no part that is missing
WITHOUT_APEX = 0.6  # of the largest area: more than one slice is missing

WALL = names_resting_on(MYO, curve=False)
ON_LV = "no verdict is given on the LV"


def sanity_doubts(measures: Measures, slice_counts: NDArray[np.int64], cine: Cine) -> list[Doubt]:
    """Return the doubts that hold verdicts back.

    Parameters
    ----------
    measures: of the stack.
    slice_counts: (T, Z, 256) voxels of each label in each slice.
    """
    return [
        *_on_body(measures),
        *_on_masses(measures),
        *_on_gap(measures, cine),
        *_on_distance(measures, cine),
        *_on_missing_slices(measures, cine),
        *_on_apex(measures, slice_counts[..., LV], cine),
    ]


def _on_body(measures: Measures) -> list[Doubt]:
    height, weight = measures.subject.height_cm, measures.subject.weight_kg
    if height is None or weight is None or BODY_MASS[0] <= weight / (height / 100) ** 2 <= BODY_MASS[1]:
        return []
    reason = f"a height of {height:g} cm and a weight of {weight:g} kg are hardly those of one person: correct them"
    verdict = "no verdict is given on the measures per body surface area"
    return [Doubt(reason, holds=tuple(PER_AREA), verdict=verdict)]


def _on_masses(measures: Measures) -> list[Doubt]:
    wall = measures.volumes_ml.get("Myo")
    if wall is None or measures.ed is None or measures.es is None:
        return []
    at_ed, at_es = float(wall[measures.ed]), float(wall[measures.es])
    if not at_ed > 0 or not at_es > 0 or MASS_RATIO[0] <= at_es / at_ed <= MASS_RATIO[1]:
        return []
    more = "more" if at_es > at_ed else "less"
    reason = (
        f"the LV mass at ES is {abs(100 * (at_es / at_ed - 1)):.0f} % {more} than at ED, but muscle keeps its volume: "
        "look at the contours of the wall at both"
    )
    return [Doubt(reason, holds=(*LEFT_VOLUMES, *WALL), verdict=ON_LV)]


def _on_gap(measures: Measures, cine: Cine) -> list[Doubt]:
    """Doubt the volumes of a beat of which a part was not imaged, after the first phase and before the last."""
    steps = np.diff(cine.times)
    if len(steps) < FEWEST_STEPS or measures.ed is None:
        return []
    longest = int(steps.argmax())
    if steps[longest] <= LARGEST_GAP * cine.period:
        return []
    reason = (
        f"no image shows the heart between phase {longest + 1} and phase {longest + 2} (counted from 1), for "
        f"{steps[longest]:.0f} ms or {100 * steps[longest] / cine.period:.0f} % of the beat: its smallest or largest "
        "volume may lie there; add the missing images"
    )
    return [Doubt(reason, holds=(*LEFT_VOLUMES, *RIGHT_VOLUMES), verdict="no verdict is given on volumes")]


def _on_distance(measures: Measures, cine: Cine) -> list[Doubt]:
    distance = cine.spacing[0]
    if not cine.source.spacing_known or cine.shape[1] < 2 or distance <= LARGEST_MM or measures.ed is None:
        return []
    mean, worst = error_of_distance(distance)
    reason = (
        f"the slices are {distance:.1f} mm apart, which alone causes an error of the LVEF of {mean:.0f} points on "
        f"average and of up to {worst:.0f} in synthetic hearts"
    )
    return [Doubt(reason, holds=(*LEFT_VOLUMES, *RIGHT_VOLUMES, *WALL), verdict="no verdict is given")]


def _on_missing_slices(measures: Measures, cine: Cine) -> list[Doubt]:
    missing = cine.source.missing_slices
    if not missing or measures.ed is None:
        return []
    several, (mean, worst) = len(missing) > 1, error_of_gap("inner", cine.spacing[0])
    reason = (
        f"slice{'s' if several else ''} {', '.join(str(z + 1) for z in missing)} (counted from 1) "
        f"{'were' if several else 'was'} not acquired, which changes the LVEF by {mean:.1f} points on average and by "
        f"up to {worst:.1f} in synthetic hearts where one slice is missing"
    )
    return [Doubt(reason, holds=(*LEFT_VOLUMES, *RIGHT_VOLUMES, *WALL), verdict="no verdict is given")]


def _on_apex(measures: Measures, counts: NDArray[np.int64], cine: Cine) -> list[Doubt]:
    """Doubt a stack (T, Z) whose outermost slice at the apex still has a large cavity at ED."""
    if measures.ed is None:
        return []
    areas = counts[measures.ed]
    filled = np.flatnonzero(areas)
    if len(filled) < 3:
        return []
    apex = int(filled[0] if areas[filled[0]] < areas[filled[-1]] else filled[-1])
    part = float(areas[apex] / areas.max())
    if apex not in (0, len(areas) - 1) or part <= CUT_APEX:
        return []
    if part > WITHOUT_APEX:
        reason = (
            f"the LV has {100 * part:.0f} % of its largest area in the last slice of the stack at the apex: several "
            "slices are missing there, and the volumes, the mass and the LVEF are not those of the heart"
        )
        return [Doubt(reason, holds=(*LEFT_VOLUMES, *WALL), verdict=ON_LV)]
    mean, worst = error_of_gap("apex", cine.spacing[0])
    reason = (
        f"the LV has {100 * part:.0f} % of its largest area in the last slice of the stack at the apex, so that slices "
        f"are missing there; one missing slice at the apex changes the LVEF by {mean:.1f} points on average and by up "
        f"to {worst:.1f} in synthetic hearts, and the volumes and the mass are too small"
    )
    held = ("LVEDV", "LVESV", "LVSV", "CO", *WALL)
    return [Doubt(reason, holds=held, verdict="no verdict is given on them")]
