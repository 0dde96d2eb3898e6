"""A scene that version 0.1.0 saved opens with its seeds, labels, results and state.

``data/heart_0.1.0.mrb`` is a heart of 3 phases x 4 slices x 32 x 32: slice 2 of phase 0 was drawn, the rest propagated,
obstruction predicted, slice 3 of phase 2 accepted, and slice 1 of phase 1 corrected. ``data/heart_0.1.0.npz`` holds its
labels and the mask of the obstruction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from segment_editor import SegmentEditor
from session_fakes import FakeRunner

from medvos.structures import MVO
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.session import Session
from MedVOSSegmentLib.session.step import Step

DATA = Path(__file__).parent / "data"
DRAWN, CORRECTED, ACCEPTED = (0, 2), (1, 1), (2, 3)


@pytest.fixture
def truth() -> dict[str, np.ndarray]:
    with np.load(DATA / "heart_0.1.0.npz") as arrays:
        return dict(arrays)


@pytest.fixture
def runner() -> FakeRunner:
    return FakeRunner()


@pytest.fixture
def session(logics: Logics, runner: FakeRunner) -> Iterator[Session]:
    """The scene of 0.1.0, opened."""
    assert logics.scene.ReadFromMRB(str(DATA / "heart_0.1.0.mrb"))
    session = Session(logics, runner)
    session.cines.open(logics.scene.GetFirstNodeByClass("vtkMRMLSequenceBrowserNode"))
    while session.busy:
        session.poll()
    yield session
    session.close()


def attributes(session: Session) -> dict[str, str]:
    node: Any = session.nodes.sequence
    return {name: node.GetAttribute(name) for name in node.GetAttributeNames()}


def test_the_labels_are_found(session: Session, truth: dict[str, np.ndarray]):
    np.testing.assert_array_equal(session.nodes.labels(), truth["labels"])
    np.testing.assert_array_equal(session.heart.edit.cache.labels, truth["labels"])


def test_the_drawing_the_correction_and_the_acceptance_are_found(session: Session):
    assert np.argwhere(session.heart.state.drawn).tolist() == [list(DRAWN)]
    assert session.review.corrections() == [CORRECTED]
    assert np.argwhere(session.heart.state.accepted).tolist() == [list(ACCEPTED)]
    assert session.step is Step.MEASURE and session.reachable() == set(Step)


def test_the_result_is_found(session: Session):
    findings = session.heart.findings
    assert (findings.model, findings.device, findings.full_seconds) == ("cstm", "cpu", 100.0)
    assert session.nodes.provenance()["seeds"] == [{"phase": 0, "slice": 3}]
    np.testing.assert_allclose(session.nodes.uncertainty(), 0.25)
    np.testing.assert_allclose(session.review.scores.ravel(), np.linspace(0, 0.9, 12), atol=1e-4)
    assert session.measurement.measures()["LVEF"]["value"] == pytest.approx(77.44, abs=0.01)
    assert session.measurement.table.GetNumberOfRows() == len(session.measurement.measures())
    settled = {DRAWN, CORRECTED, ACCEPTED}
    assert len(session.review.uncertain_slices()) == 12 - len(settled)


def test_the_obstruction_and_its_notice_are_found(session: Session, truth: dict[str, np.ndarray]):
    assert "not validated on patients, research only" in session.obstruction.notice
    np.testing.assert_array_equal(session.heart.state.obstruction.mask, truth["obstructed"])
    assert session.nodes.probability().max() == np.float32(0.75) and session.obstruction.probability_volume is not None
    assert (session.heart.edit.labelled() == MVO).any()
    assert session.measurement.measures()["MVO"]["value"] == pytest.approx(16.464, abs=0.01)


def test_nodes_keep_the_names_of_their_attributes(session: Session):
    session.heart.edit.save()
    saved = attributes(session)
    assert saved["MedVOS.Role"] == "segmentation" and json.loads(saved["MedVOS.Provenance.model"]) == "cstm"
    state = json.loads(saved["MedVOS.Session"])
    keys = {"version", "shape", "drawn", "accepted", "marks", "step", "obstruction", "findings"}
    assert set(state) == keys and state["version"] == 1 and state["step"] == "measure"
    keys = {"scores", "measures", "measured", "phases", "provenance", "model", "device", "full_seconds"}
    assert set(state["findings"]) == keys
    scene = session.nodes.logics.scene
    nodes = [scene.GetNthNode(number) for number in range(scene.GetNumberOfNodes())]
    roles = {node.GetAttribute("MedVOS.Role") for node in nodes} - {None}
    assert roles >= {"segmentation", "uncertainty", "chance of obstruction", "measures", "curves", "chart"}
    assert all(node.GetNodeReferenceID("MedVOS.Heart") for node in nodes if node.GetAttribute("MedVOS.Role") == "chart")


def test_saving_it_again_changes_nothing_in_its_state(session: Session):
    before = json.loads(attributes(session)["MedVOS.Session"])
    session.heart.edit.save()
    assert json.loads(attributes(session)["MedVOS.Session"]) == before


def test_the_user_goes_on_correcting(session: Session, runner: FakeRunner, truth: dict[str, np.ndarray]):
    session.go_to(2, 1)
    square = np.zeros(truth["labels"].shape[1:], bool)
    square[1, 4:9, 4:9] = True
    SegmentEditor(session.nodes).paint("RV", square)
    assert session.review.corrections() == [CORRECTED, (2, 1)]
    session.review.propagate_corrections()
    seeds = np.argwhere(runner.job.task.seed_labels.any((2, 3))).tolist()
    assert seeds == [list(DRAWN), list(CORRECTED), [2, 1], list(ACCEPTED)]
    assert np.argwhere(runner.job.task.previous.seeds).tolist() == [list(DRAWN)]


def test_its_entries_lie_in_one_folder_without_sequences_and_colours(session: Session):
    hierarchy, nodes = session._workspace.logics.hierarchy, session.nodes
    sequences = [nodes.sequence, nodes.uncertainty_volume.GetDisplayNode().GetColorNode()]
    assert [hierarchy.GetItemByDataNode(node) for node in sequences] == [hierarchy.GetInvalidItemID()] * 2
    shown = (nodes.volume, nodes.segmentation, nodes.uncertainty_volume, session.measurement.table)
    assert len({hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)) for node in shown}) == 1
    assert hierarchy.GetItemByName(f"{nodes.name} and results")
