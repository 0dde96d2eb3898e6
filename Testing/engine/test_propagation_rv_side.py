"""The RV lies on one side of the LV."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_network import TINY, a_cine, a_network, a_seed, heart_slice

from medvos.cine.seed import Seed
from medvos.measure.measure import measure
from medvos.measure.rv_parts import is_on_two_sides
from medvos.measure.subject import Subject
from medvos.measure.verdict import verdict_of
from medvos.propagation import propagate
from medvos.propagation.assemble import assemble
from medvos.propagation.correction_plan import plan_corrections
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.rv_side import side_of_rv, without_far_rv
from medvos.propagation.slice_result import SliceResult
from medvos.result import Result
from medvos.structures import LV, MYO, RV
from medvos.uncertainty.calibration import Calibration

DRAWN = heart_slice()  # the RV to the left of the LV


def with_far_part() -> np.ndarray:
    labels = DRAWN.copy()
    labels[28:44, 62:70] = RV
    return labels


def test_a_part_on_the_other_side_goes_and_the_rv_stays():
    np.testing.assert_array_equal(without_far_rv(with_far_part(), side_of_rv(DRAWN)), DRAWN)
    upright = with_far_part().T
    np.testing.assert_array_equal(without_far_rv(upright, side_of_rv(DRAWN.T)), DRAWN.T)


def test_two_parts_on_one_side_stay():
    labels = DRAWN.copy()
    labels[36, :40][labels[36, :40] == RV] = 0  # as at the outflow tract
    np.testing.assert_array_equal(without_far_rv(labels, side_of_rv(DRAWN)), labels)
    assert not is_on_two_sides(labels)


def test_the_only_rv_of_a_slice_and_the_larger_part_stay_wherever_they_are():
    alone = np.where(DRAWN == RV, 0, with_far_part())
    np.testing.assert_array_equal(without_far_rv(alone, side_of_rv(DRAWN)), alone)
    larger = with_far_part()
    larger[8:66, 58:72] = RV
    np.testing.assert_array_equal(without_far_rv(larger, side_of_rv(DRAWN)), larger)


def test_a_few_pixels_of_rv_do_not_tell_its_side():
    speck = np.where(DRAWN == RV, 0, DRAWN)
    speck[36, 62] = RV
    assert side_of_rv(speck) is None


@pytest.mark.parametrize("left_out", [(RV,), (LV, MYO)])
def test_without_both_ventricles_in_the_drawing_nothing_is_known(left_out: tuple[int, ...]):
    assert side_of_rv(np.where(np.isin(DRAWN, left_out), 0, DRAWN)) is None
    np.testing.assert_array_equal(without_far_rv(with_far_part(), None), with_far_part())


def test_an_rv_on_two_sides_has_no_verdict_and_is_not_called_reliable(a_result: Result):
    labels = a_result.labels.copy()
    es = measure(a_result).es
    z = int(np.argmax((labels[es] == RV).sum((1, 2))))
    plane = labels[es, z]
    left, right = (np.argwhere(mask).mean(0) for mask in (plane > RV, plane == RV))
    farther = 2 * left - right + (left - right) / 2  # beyond the lateral wall
    y, x = np.mgrid[: plane.shape[0], : plane.shape[1]]
    beyond = np.hypot(y - farther[0], x - farther[1]) < np.sqrt((plane == RV).sum() / np.pi)
    plane[beyond & (plane == 0)] = RV
    assert is_on_two_sides(labels[es, z])
    measures = measure(replace(a_result, labels=labels), subject=Subject("M", 50))
    (doubt,) = (doubt for doubt in measures.doubts if "two sides of the LV" in doubt)
    assert f"slice {z + 1} at ES (phase {es + 1})" in doubt
    assert verdict_of("RVEF", measures) is None and "RVEF" in measures.held
    assert not any("the RV does not" in each for each in measures.doubts)


def test_the_reader_is_told_in_which_slices_a_part_was_removed():
    cine = a_cine()
    seed = a_seed(cine, (1, 2))
    inputs = PropagationInputs.of(cine, seed, TINY)
    as_drawn = inputs.masks[inputs.start].clone()  # (S, H, W)
    with_part = as_drawn.clone()
    with_part[0, 20:44, 56:64] = 1  # right of the LV

    def predicted(z: int, masks: torch.Tensor) -> SliceResult:
        whole = torch.cat([1 - masks.sum(0, keepdim=True), masks]).expand(cine.shape[0], -1, -1, -1)
        return SliceResult(z, whole, torch.zeros(whole[:, 0].shape), torch.ones(cine.shape[0], 3))

    slices = [predicted(z, with_part if z in (0, 2) else as_drawn) for z in range(cine.shape[1])]
    maps = assemble(seed, inputs, slices, Calibration())
    assert maps.without_far_rv == (0, 2)  # of slice 2 one phase alone is drawn
    assert not is_on_two_sides(maps.labels[0, 0])
    assert assemble(seed, inputs, [predicted(0, as_drawn)], Calibration()).without_far_rv == ()


def test_a_result_notes_the_removal(monkeypatch: pytest.MonkeyPatch):
    cine = a_cine()
    monkeypatch.setattr(propagate, "assemble", lambda *given: assemble(*given)._replace(without_far_rv=(0, 2)))
    network = a_network()
    monkeypatch.setattr(propagate, "load_cstm", lambda *_: network)
    found = propagate.propagate(cine, a_seed(cine, (1, 2)), model="cstm-open", device="cpu")
    assert "removed in slices 1, 3 (counted from 1)" in " ".join(found.provenance["notes"])
    # Slices that a correction keeps are as they were.
    more = found.labels.copy()
    drawn = found.seeds.copy()
    drawn[0, 0] = True
    more[0, 0] = heart_slice(centre=(34, 34))
    monkeypatch.setattr(propagate, "assemble", lambda *given: assemble(*given)._replace(without_far_rv=(1,)))
    corrected = propagate.propagate(
        cine, Seed(np.where(drawn[..., None, None], more, 0).astype(np.uint8), drawn), model="cstm-open", device="cpu",
        previous=found,
    )  # fmt: skip
    kept = {0, 2} - set(plan_corrections(Seed(more, drawn), found).slices)
    assert corrected.provenance["rv_removed_in"] == sorted({1, *kept})
