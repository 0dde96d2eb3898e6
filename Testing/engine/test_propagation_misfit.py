"""A drawing that lies beside the heart does not come back, and no verdict rests on its result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_network import TINY, a_cine, a_seed

from medvos.cine.seed import Seed
from medvos.measure.measure import measure
from medvos.measure.misfit import misfit_doubts
from medvos.measure.subject import Subject
from medvos.propagation.correction_plan import CorrectionPlan
from medvos.propagation.drawing_back import Back
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.misfit import LEAST_DICE, misfits
from medvos.propagation.propagate import propagate
from medvos.result import Result
from medvos.structures import MYO, RV
from medvos.synth.heart import SyntheticHeart, synthetic_heart

PLACE = (1, 2)


@pytest.fixture(scope="module")
def heart() -> SyntheticHeart:
    return synthetic_heart(3, shape=(8, 5, 96, 96), spacing=(12.0, 1.8, 1.8), kind="healthy")


def propagated(heart: SyntheticHeart, drawn: np.ndarray) -> Result:
    labels = np.zeros_like(heart.labels)
    labels[0, 2] = drawn
    return propagate(heart.cine, Seed(labels, labels.any((2, 3))), device="cpu")


def test_a_drawing_on_the_heart_comes_back(heart):
    result = propagated(heart, heart.labels[0, 2])
    assert "misfit" not in result.provenance
    assert not any("come back" in doubt for doubt in measure(result).doubts)


@pytest.mark.parametrize("misplaced", [lambda image: np.roll(image, 10, 1), lambda image: image[::-1]])
def test_a_drawing_beside_the_heart_is_doubted_and_gets_no_verdict(heart, misplaced):
    result = propagated(heart, misplaced(heart.labels[0, 2]))
    (found,) = result.provenance["misfit"]
    assert (found["phase"], found["slice"]) == (0, 2)
    measures = measure(result, subject=Subject(sex="F", age_years=50))
    assert "drawing of slice 3 at phase 1 does not come back" in measures.doubts[0]
    assert all(name in measures.held for name in measures if measures[name].value is not None)


def a_back(inputs: PropagationInputs, kept: dict[int, float]) -> Back:
    """The drawing, of each structure such a part that comes back."""
    masks = inputs.masks[inputs.start]
    numbers = inputs.numbers.tolist()
    maps = masks.clone()
    for label, part in kept.items():
        mask = maps[numbers.index(label) - 1]
        rows = mask.any(1).nonzero().flatten()
        mask[rows[round(part * len(rows)) :]] = 0
    return Back(masks, torch.cat([1 - maps.sum(0, keepdim=True), maps]))


def test_each_structure_has_its_limit():
    cine = a_cine()
    inputs = PropagationInputs.of(cine, a_seed(cine, PLACE), TINY)
    assert misfits(inputs, [a_back(inputs, {})]) == []
    (found,) = misfits(inputs, [a_back(inputs, {RV: 0.4})])
    assert list(found["dice"]) == ["RV"] and found["dice"]["RV"] < LEAST_DICE[RV]
    both = [a_back(inputs, {}), a_back(inputs, {MYO: 0.3})]
    assert misfits(inputs, both[1:])
    assert misfits(inputs, both) == misfits(inputs, both[::-1]) == []  # the mean of both counts


def test_a_small_structure_is_not_judged(monkeypatch):
    cine = a_cine()
    inputs = PropagationInputs.of(cine, a_seed(cine, PLACE), TINY)
    backs = [a_back(inputs, {RV: 0.4})]
    drawn = int(backs[0].masks(1)[0].sum())
    monkeypatch.setattr("medvos.propagation.misfit.FEWEST_PIXELS", drawn)
    assert misfits(inputs, backs)
    monkeypatch.setattr("medvos.propagation.misfit.FEWEST_PIXELS", drawn + 1)
    assert misfits(inputs, backs) == []


def test_corrections_are_not_judged_and_keep_what_is_known_of_the_main_drawing():
    """A reader corrects what the network does not follow."""
    cine = a_cine()
    inputs = PropagationInputs.of(cine, a_seed(cine, (0, 0), PLACE), TINY)
    corrected = replace(inputs, plan=CorrectionPlan((0, 0), {PLACE: 1}, {}))
    lost = [a_back(replace(inputs, start=PLACE), {RV: 0, MYO: 0})]
    before = [{"phase": 0, "slice": 0, "dice": {"LV": 0.5}}]
    assert misfits(corrected, lost, before) == before
    assert misfits(corrected, lost) == []
    assert misfits(replace(inputs, start=PLACE), lost, before) == [
        {"phase": PLACE[0], "slice": PLACE[1], "dice": {"RV": 0.0, "Myo": 0.0}}
    ]


def test_an_rv_alone_holds_the_rv_alone(a_result):
    measures = measure(a_result)
    (of_rv,) = misfit_doubts(measures, {"misfit": [{"phase": 0, "slice": 3, "dice": {"RV": 0.4}}]})
    assert of_rv.holds and all(name.startswith("RV") for name in of_rv.holds)
    (of_wall,) = misfit_doubts(measures, {"misfit": [{"phase": 0, "slice": 3, "dice": {"RV": 0.4, "Myo": 0.3}}]})
    assert "LVEF" in of_wall.holds and "RVEF" in of_wall.holds
