"""Structures that are missing in a slice between slices that have them."""

from __future__ import annotations

import numpy as np
import pytest
from test_measure_doubts import a_heart, a_stack

from medvos.cine.cine import Cine
from medvos.measure.measure import measure
from medvos.structures import LV, MYO, RV

ES = 8


def without(label: int, phase: int, z: int = 3) -> np.ndarray:
    labels = a_heart()
    labels[phase, z][labels[phase, z] == label] = 0
    return labels


@pytest.mark.parametrize(
    ("label", "phase", "void", "kept"),
    [
        (LV, ES, ("LVESV", "LVSV", "LVEF", "CO", "LVPER"), ("LVEDV", "LVM", "RVEF")),
        (LV, 0, ("LVEDV", "LVSV", "LVEF", "LVMVR"), ("LVESV", "LVM", "RVEF")),
        (MYO, 0, ("LVM", "LVMVR"), ("LVEDV", "LVEF", "RVEF")),
        (RV, ES, ("RVESV", "RVSV", "RVEF"), ("RVEDV", "LVEF")),
    ],
)
def test_a_structure_that_is_missing_in_an_inner_slice_has_no_volume(
    label: int, phase: int, void: tuple[str, ...], kept: tuple[str, ...]
):
    measures = measure(without(label, phase), a_stack(), ed=0, es=ES)
    for name in void:
        assert measures[name].value is None and "in slice 4 at" in measures[name].reason, name
    assert all(measures[name].value is not None for name in kept)


@pytest.mark.parametrize(("label", "name"), [(LV, "LV"), (RV, "RV")])
def test_a_structure_that_is_missing_in_an_inner_slice_at_another_phase_leaves_it_out_of_the_rates(
    label: int, name: str
):
    labels = without(label, 4)
    labels[12, 3][labels[12, 3] == label] = 0
    measures, complete = measure(labels, a_stack()), measure(a_heart(), a_stack())
    assert (measures.ed, measures.es) == (0, ES)
    for rate in (f"{name}PER", f"{name}PFR"):
        assert measures[rate].value == pytest.approx(complete[rate].value, rel=0.1)
    assert any("slice 4 at 2 phases, of which the first is phase 5" in doubt for doubt in measures.doubts)


def test_a_hole_that_hides_ed_leaves_nothing_measured_there():
    labels = np.stack([a_heart()[phase] for phase in (0, 6, ES)])
    whole = measure(labels, a_stack(phases=3))
    labels[0, 2:6][labels[0, 2:6] == LV] = 0
    measures = measure(labels, a_stack(phases=3))
    assert whole.ed == 0 and measures.ed != 0
    for name in ("LVEDV", "LVSV", "LVEF", "RVEDV", "LVM"):
        assert measures[name].value is None and "draw it there, or choose ED" in measures[name].reason, name
    assert measures["LVEDV"].reason.startswith("the LV has no label in slices 3, 4, 5, 6 at phase 1")

    chosen = measure(labels, a_stack(phases=3), ed=measures.ed, es=measures.es)
    assert chosen["LVEDV"].value is not None and chosen["LVEF"].value is not None


def test_a_hole_at_a_phase_that_is_no_larger_than_ed_leaves_the_volume_at_ed():
    measures, whole = measure(without(LV, 0), a_stack()), measure(a_heart(), a_stack())
    assert whole.ed == 0 and measures.ed != 0
    assert measures["LVEDV"].value == pytest.approx(whole["LVEDV"].value, rel=0.05)


def test_a_few_stray_voxels_beyond_the_end_are_told_and_void_nothing():
    labels = a_heart(slices=10)
    labels[:, 8:] = 0
    labels[0, 9, 30, 30:32] = LV
    labels[0, 8, 10, 10] = RV
    measures = measure(labels, a_stack(slices=10), ed=0, es=ES)
    assert measures["LVEDV"].value is not None
    assert any(doubt.startswith("The LV has no label in slice 9 at ED") for doubt in measures.doubts)


def test_a_structure_of_the_readers_own_neither_hides_a_missing_slice_nor_makes_one():
    labels = a_heart()
    labels[ES, 3] = 0
    labels[ES, 3, 5, 5] = 7
    assert measure(labels, a_stack(), ed=0, es=ES)["LVEF"].value is None
    apart = np.concatenate([a_heart(), np.zeros((20, 3, 64, 64), np.uint8)], axis=1)
    apart[:, 10, 5, 5] = 7
    assert measure(apart, a_stack(slices=11))["LVEF"].value is not None


def test_no_experts_contours_have_a_hole(data_folder):
    files = sorted((data_folder / "acdc").glob("patient0[0-2]?.npz"))
    for file in files:
        labels = np.load(file)["label"]
        blank = np.broadcast_to(np.float32(0), labels.shape)
        cine = Cine(blank, np.diag([1.5, 1.5, 10.0, 1.0]), np.array([0.0, 300.0]), 900.0)
        assert not any("on both sides" in doubt for doubt in measure(labels, cine, wall=False).doubts), file.name
