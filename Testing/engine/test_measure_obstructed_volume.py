"""How much of the wall is obstructed."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_mvo import a_ring

from medvos.cine.cine import Cine
from medvos.measure.measure import measure, with_obstruction
from medvos.measure.obstructed_volume import obstructed_segments, obstruction
from medvos.result import Result
from medvos.structures import MVO, MYO, heart_of

AFFINE = np.diag([1.0, 1.0, 10.0, 1.0])


def a_stack(part: float) -> np.ndarray:
    """(6, 64, 64), base to apex, with so much of the lateral wall obstructed."""
    labels = np.stack([a_ring(64, 14 - z, 6) for z in range(6)])
    columns = np.arange(64) >= 64 - 56 * part
    labels[(labels == MYO) & columns] = MVO
    return labels


def test_obstruction_has_a_volume_and_a_part_of_the_mass():
    labels = a_stack(0.5)
    found = obstruction(labels, AFFINE)
    assert found["MVO"].value == pytest.approx((labels == MVO).sum() / 100)
    assert found["MVOM"].value == pytest.approx(100 * (labels == MVO).sum() / (heart_of(labels) == MYO).sum())
    assert found["MVO"].interval is None and "patients" in found["MVO"].reason


def test_segments_say_where():
    fractions = obstructed_segments(a_stack(0.5), AFFINE)
    assert set(fractions) == set(range(1, 17))
    assert min(fractions[5], fractions[6], fractions[16]) > 40  # lateral
    assert max(fractions[2], fractions[3], fractions[14]) == 0  # septal


def a_result(labels: np.ndarray, **provenance) -> Result:
    beat = np.stack([labels, labels])
    cine = Cine(np.zeros(beat.shape, np.float32), AFFINE, np.array([0.0, 400.0]), 800.0)
    scores = np.zeros(beat.shape[:2], np.float32)
    return Result(cine, beat, np.zeros(beat.shape, np.float32), scores, scores > 0, provenance)


def test_the_other_phases_tell_the_base_where_fragments_at_ed_mislead():
    whole = a_stack(0.0)
    at_ed = whole.copy()
    for z in (0, 1):  # what is left of the base is small, and all of its wall is obstructed
        left = a_ring(64, 4 + z, 3)
        at_ed[z] = np.where(left == MYO, MVO, left)
    result = a_result(whole)
    found = with_obstruction(measure(result), np.stack([at_ed, whole, whole]), result.cine).obstructed
    assert min(found[number] for number in range(1, 7)) > 90  # basal
    assert max(found[number] for number in range(13, 17)) == 0  # apical


def test_obstructed_wall_is_still_wall():
    with_it, without = measure(a_result(a_stack(0.5))), measure(a_result(a_stack(0)))
    assert with_it["LVM"].value == pytest.approx(without["LVM"].value)
    assert [one.ed_mm for one in with_it.wall] == [one.ed_mm for one in without.wall]
    assert with_it["MVO"].value > 0 and with_it["LVEDV"].interval is None


def test_none_found_is_no_obstruction_and_not_looked_for_is_unknown():
    assert measure(a_result(a_stack(0), notice="research only"))["MVO"].value == 0
    unknown = measure(a_result(a_stack(0)))
    assert unknown["MVO"].value is None and "MVOM" not in unknown and unknown.obstructed == {}


def test_a_heart_with_its_own_uncertainty_keeps_its_intervals():
    labels = a_stack(0.5)
    alone, laid = measure(a_result(labels, notice="x")), measure(a_result(labels, notice="x", obstruction={}))
    assert alone["LVM"].interval is None and laid["LVM"].interval is not None
    assert laid["LVM"].interval[0] <= laid["LVM"].value <= laid["LVM"].interval[1]
    assert laid["MVO"] == alone["MVO"] and laid["MVO"].interval is None
