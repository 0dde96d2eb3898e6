"""Intervals after a correction."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import binary_dilation
from uncertain_heart import a_result

from medvos.cine.find import find_seed_place
from medvos.cine.read import read
from medvos.cine.seed import seed_from_array
from medvos.measure.correction import FORMER, FORMER_BANDS, with_limits
from medvos.measure.intervals import BEFORE, constants_of
from medvos.measure.measure import measure
from medvos.measure.measures import Measures
from medvos.measure.subject import Subject
from medvos.measure.verdict import verdict_of
from medvos.propagation.propagate import propagate
from medvos.result import Result
from medvos.segmentation.seed_proposal import propose_by_matching
from medvos.structures import LV, MYO, RV
from medvos.uncertainty.unreliable import unreliable


def widths(measures: Measures) -> dict[str, float]:
    return {name: each.interval[1] - each.interval[0] for name, each in measures.items() if each.interval}


def corrected(previous: Result, error: float, drawn: list[tuple[int, int]]) -> Result:
    """A second run with two drawn slices, all others with another uncertainty."""
    again = a_result(error)
    seeds, uncertainty = again.seeds.copy(), again.uncertainty.copy()
    for place in drawn:
        seeds[place], uncertainty[place] = True, 0
    return replace(again, seeds=seeds, uncertainty=uncertainty, provenance=previous.provenance)


def test_two_corrections_make_every_interval_narrower_even_where_the_model_is_less_certain():
    first = a_result(1.5)
    before = widths(measure(first))
    second = corrected(first, 3.0, [(0, 2), (1, 2)])
    assert widths(measure(second))["LVEF"] > before["LVEF"]
    after = widths(measure(with_limits(second, first)))
    assert all(after[name] < width for name, width in before.items())


def test_a_correction_makes_no_band_wider():
    first = a_result(1.5)
    second = corrected(first, 3.0, [(0, 2)])
    free, limited = measure(second), measure(with_limits(second, first))
    for name, before in measure(first).bands_ml.items():
        now = limited.bands_ml[name]
        assert (free.bands_ml[name][1] - free.bands_ml[name][0] > before[1] - before[0]).any()
        assert (now[1] - now[0] <= before[1] - before[0] + 1e-9).all()
        assert now[1][0] - now[0][0] < before[1][0] - before[0][0]  # the drawn slice has no error of the model
        assert (now[0] <= limited.volumes_ml[name]).all() and (limited.volumes_ml[name] <= now[1]).all()


def test_a_narrower_interval_is_kept_as_it_is():
    first = a_result(1.5)
    second = corrected(first, 0.5, [(0, 2), (1, 2)])
    assert widths(measure(with_limits(second, first))) == pytest.approx(widths(measure(second)))


def test_each_correction_starts_from_the_one_before():
    first = a_result(1.5)
    second = with_limits(corrected(first, 3.0, [(0, 2), (1, 2)]), first)
    third = with_limits(corrected(first, 3.0, [(0, 2), (1, 2), (0, 4), (1, 4)]), second)
    before = widths(measure(second))
    assert all(width <= before[name] + 1e-9 for name, width in widths(measure(third)).items())


def test_an_interval_holds_its_value_after_a_correction():
    first = a_result(1.5)
    for each in measure(with_limits(corrected(first, 3.0, [(0, 2), (1, 2)]), first)).values():
        if each.interval:
            assert each.interval[0] <= each.value <= each.interval[1]


def test_a_measure_that_left_its_former_interval_is_doubted():
    first = a_result(0.5)
    labels = first.labels.copy()
    labels[0][:, :] = np.where((labels[0] == MYO), LV, labels[0])
    second = replace(corrected(first, 0.5, [(0, z) for z in range(6)]), labels=labels)
    doubts = measure(with_limits(second, first)).doubts
    assert any("LVEDV" in doubt and "former interval" in doubt for doubt in doubts)


def test_the_limits_are_kept_with_the_constants():
    first = a_result(1.5)
    limits = constants_of(with_limits(corrected(first, 3.0, [(0, 2)]), first).provenance)[BEFORE]
    low, high, width = limits["LVEF"]
    assert (low, high) == pytest.approx(measure(first)["LVEF"].interval) and width <= high - low


def test_other_facts_of_the_person_after_a_correction_are_no_reason_to_doubt_and_scale_the_limits():
    first = a_result(1.5)
    second = with_limits(corrected(first, 3.0, [(0, 2), (1, 2)]), first)
    slow, fast = (measure(second, subject=Subject(None, None, 170.0, 70.0, rate)) for rate in (50.0, 100.0))
    assert not any("former interval" in doubt for each in (slow, fast) for doubt in each.doubts)
    for name, factor in (("CO", 2), ("CI", 2), ("LVEDVI", 1)):
        assert widths(fast)[name] == pytest.approx(factor * widths(slow)[name]), name
    area = Subject(None, None, 170.0, 70.0).body_surface_area
    assert widths(fast)["LVEDVI"] == pytest.approx(widths(fast)["LVEDV"] / area)


def test_phases_that_were_chosen_are_not_compared_with_those_of_the_former_interval():
    first = a_result(0.5)
    three = replace(
        first,
        cine=replace(first.cine, array=first.cine.array[[0, 1, 0]], times=np.array([0.0, 300.0, 600.0])),
        **{name: getattr(first, name)[[0, 1, 0]] for name in ("labels", "uncertainty", "slice_scores", "seeds")},
    )
    labels = three.labels.copy()
    labels[2] = np.where(labels[1] > 0, labels[1], labels[0])  # between ED and ES
    labels[2, :3] = labels[0, :3]
    three = with_limits(replace(three, labels=labels), replace(three, labels=labels))
    assert not any("former interval" in doubt for doubt in measure(three).doubts)
    assert not any("former interval" in doubt for doubt in measure(three, es=2).doubts)


def test_former_intervals_are_taken_where_corrected_slices_are_handed_over_as_empty():
    first = a_result(1.5)
    drawn = [(0, 2), (1, 2)]
    second, emptied = corrected(first, 3.0, drawn), first.labels.copy()
    emptied[:, 2] = 0
    former = {name: list(each.interval) for name, each in measure(first).items() if each.interval}
    bands = {name: band.tolist() for name, band in measure(first).bands_ml.items()}
    previous = replace(first, labels=emptied, provenance={**first.provenance, FORMER: former, FORMER_BANDS: bands})
    measures = measure(with_limits(second, previous))
    for name, band in measure(first).bands_ml.items():
        assert (np.diff(measures.bands_ml[name], axis=0) <= np.diff(band, axis=0) + 1e-9).all()
    assert not any("former interval" in doubt for doubt in measures.doubts)
    assert widths(measures) == pytest.approx(widths(measure(with_limits(second, first))), rel=1e-6)


def test_a_ratio_that_left_its_former_interval_is_written_with_its_decimals():
    first = a_result(0.5)
    labels = first.labels.copy()
    labels[0] = np.where(labels[0] == MYO, LV, labels[0])
    second = replace(corrected(first, 0.5, [(0, z) for z in range(5)]), labels=labels)
    labels[0, 5] = first.labels[0, 5]
    doubt = next(doubt for doubt in measure(with_limits(second, first)).doubts if "former interval" in doubt)
    assert re.search(r"LVMVR \(0\.\d\d g/mL, before \d\.\d\d to \d\.\d\d\)", doubt), doubt


PHASES = [0, 4, 7, 10, 14, 18]  # of a real cine, the expert's ES and ED among them
ED, ES = PHASES.index(18), PHASES.index(7)


@pytest.fixture(scope="module")
def proposed(data_folder: Path) -> Result:
    """A heart failure patient, propagated from a proposal that nobody has corrected."""
    cine = read(data_folder / "sunnybrook_4d" / "SCD0000101" / "dicom")
    cine = replace(cine, array=cine.array[PHASES], times=cine.times[PHASES])
    place = replace(find_seed_place(cine), phase=ED)
    labels = np.zeros(cine.shape, np.uint8)
    labels[ED, place.slice] = propose_by_matching(cine, place, device="cpu")
    return propagate(cine, seed_from_array(labels, cine), device="cpu")


def test_an_uncorrected_proposal_of_a_real_patient_has_no_verdict_on_failed_rv_slices(proposed: Result):
    measures = measure(proposed, subject=Subject("M", 60, 175.0, 80.0))
    assert unreliable(proposed.slice_scores[ED]).any()
    rights = [name for name in measures.normal if name.startswith("RV")]
    assert rights and all(verdict_of(name, measures) is None for name in rights)
    assert any("differ by" in doubt or "unreliable contours" in doubt for doubt in measures.doubts)


def test_two_corrections_of_a_real_patient_make_the_intervals_narrower(proposed: Result, data_folder: Path):
    stored = np.load(data_folder / "sunnybrook_4d" / "SCD0000101" / "labels.npz")
    seed = np.where(proposed.seeds[..., None, None], proposed.labels, 0).astype(np.uint8)
    for phase, z in ((ED, 9), (ES, 9)):
        cavity = stored["endo"][PHASES[phase], z] == 1
        wall = binary_dilation(cavity, iterations=6)
        seed[phase, z] = np.where(cavity, LV, np.where(wall, MYO, proposed.labels[phase, z] == RV))
    again = propagate(proposed.cine, seed_from_array(seed, proposed.cine), device="cpu", previous=proposed)
    before, after = widths(measure(proposed)), widths(measure(with_limits(again, proposed)))
    for name in ("LVEDV", "LVESV", "LVSV", "LVEF", "LVM"):
        assert after[name] < before[name], name
