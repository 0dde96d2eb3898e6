from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from MedVOSSegmentLib.job.outcome import PredictedObstruction
from MedVOSSegmentLib.session.label_cache import LabelCache
from MedVOSSegmentLib.session.state import Findings, State
from MedVOSSegmentLib.session.step import Step

SHAPE = (5, 3, 8, 9)


def no_obstruction() -> tuple[np.ndarray, np.ndarray]:
    """Stands in for the nodes of a scene, which must not be read for a state without obstruction."""
    pytest.fail("nothing to read")


def a_state() -> State:
    rng = np.random.default_rng(0)
    findings = Findings(
        scores=rng.random(SHAPE[:2], np.float32),
        measures={"LVEF": {"value": 55.0, "interval": [50.0, 60.0], "unit": "%", "reason": None}},
        measured=12345,
        phases={"ED": 0, "ES": None},
        provenance={"model": "cstm", "notes": ["a: 1; \"b\" 'c' <d> é"]},
        model="cstm",
        device="cpu",
        full_seconds=12.5,
        uncertainty=np.zeros(SHAPE, np.float32),
    )
    marks = rng.integers(0, 2**32, SHAPE[:2], np.uint32)
    return State(rng.random(SHAPE[:2]) > 0.5, rng.random(SHAPE[:2]) > 0.5, marks, Step.REVIEW, findings)


def test_a_blank_state_knows_empty_slices():
    state = State.blank(SHAPE)
    np.testing.assert_array_equal(state.marks, LabelCache(np.zeros(SHAPE, np.uint8)).marks)
    assert state.step is Step.SEED and state.findings is None


def test_the_text_of_a_state_holds_all_but_the_uncertainty():
    state = a_state()
    read = State.of_text(state.text(), SHAPE, no_obstruction)
    for name in ("drawn", "accepted", "marks"):
        np.testing.assert_array_equal(getattr(read, name), getattr(state, name))
    assert read.step is Step.REVIEW
    np.testing.assert_allclose(read.findings.scores, state.findings.scores, atol=1e-4)
    assert read.findings.uncertainty is None
    same = replace(state.findings, scores=read.findings.scores, uncertainty=None)
    assert vars(read.findings) == vars(same)


def test_a_blank_state_has_a_text_too():
    read = State.of_text(State.blank(SHAPE).text(), SHAPE, no_obstruction)
    assert read.findings is None and not read.drawn.any()


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "{}", "null", '{"version": 99, "shape": [5, 3]}'])
def test_a_foreign_text_is_no_state(text: str):
    assert State.of_text(text, SHAPE, no_obstruction) is None


def test_a_damaged_text_is_no_state():
    text = a_state().text()
    assert State.of_text(text.replace('"marks":"', '"marks":"00'), SHAPE, no_obstruction) is None
    assert State.of_text(text.replace('"scores":[[', '"scores":[[1,'), SHAPE, no_obstruction) is None


def test_the_text_of_another_cine_is_no_state():
    assert State.of_text(a_state().text(), (6, 3, 8, 9), no_obstruction) is None


def test_accepting_leaves_the_old_state_alone():
    before = State.blank(SHAPE)
    after = before.accepting(1, 2, True)
    assert after.accepted[1, 2] and not before.accepted.any()
    assert not after.accepting(1, 2, False).accepted.any()


def test_a_predicted_obstruction_comes_from_the_scene_and_its_provenance_from_the_text():
    mask, probability = np.ones(SHAPE, bool), np.full(SHAPE, 0.5, np.float32)
    state = replace(a_state(), obstruction=PredictedObstruction({"notice": "Mind."}, mask, probability))
    read = State.of_text(state.text(), SHAPE, lambda: (mask, probability))
    assert read.obstruction.notice == "Mind." and read.step is state.step
    assert read.obstruction.mask is mask and read.obstruction.probability is probability
