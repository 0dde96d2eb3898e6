"""A user's whole story with a real scene, a real second process and a tiny network."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine.tiny_network import a_network, store_network
from second_process import is_running, sabotage, until
from segment_editor import SegmentEditor

from medvos.cine.read import read
from medvos.cine.write import write_nifti
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.runner import Runner
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.history import ONE_STROKE_S
from MedVOSSegmentLib.session.session import Session
from MedVOSSegmentLib.session.step import Step

MODEL = "tiny"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    store_network(folder, a_network(), MODEL)
    return folder


@pytest.fixture
def forked_commands() -> None:
    """Here Python starts from nothing, as a user has it."""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where hand-over folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


class User:
    """One person at one scene."""

    def __init__(self, logics: Logics, truth: SyntheticHeart, models: Path, **environment: str) -> None:
        self.truth, self.logics = truth, logics
        environment = {**os.environ, "MEDVOS_MODELS": str(models), "OMP_NUM_THREADS": "1", **environment}
        self.session = Session(logics, Runner(environment=environment))
        self.messages: list[str] = []
        self.session.message.connect(self.messages.append)

    @property
    def labels(self) -> np.ndarray:
        return self.session.nodes.labels()

    def open(self, folder: Path) -> None:
        path = folder / "cine.nii.gz"
        write_nifti(path, self.truth.cine.array, self.truth.cine)
        self.session.cines.open_path(path)
        self.session.seed.make_segments()

    def draw(self, place: tuple[int, int], shift: int = 0) -> None:
        self.session.go_to(*place)
        editor = SegmentEditor(self.session.nodes)
        labels = np.roll(self.truth.labels[place], shift, axis=0)
        for label, name in ((1, "RV"), (2, "Myo"), (3, "LV")):
            mask = np.zeros(self.truth.labels.shape[1:], bool)
            mask[place[1]] = labels == label
            editor.paint(name, mask)
        mask = np.zeros(self.truth.labels.shape[1:], bool)
        mask[place[1]] = labels == 0
        for name in ("RV", "Myo", "LV"):
            editor.erase(name, mask)
        time.sleep(1.2 * ONE_STROKE_S)

    def wait(self, condition: Any = None) -> None:
        """Poll as the shell does, until the session is at rest, or the condition holds."""
        until(lambda: self.session.poll() or not self.session.busy or (condition is not None and condition()))

    def wait_for_a_slice(self) -> None:
        before = self.labels
        self.wait(lambda: (self.session.heart.edit.cache.labels != before).any())
        assert self.session.busy, self.messages


@pytest.fixture
def reopen(small_heart: SyntheticHeart, models: Path, tmp_path: Path) -> Iterator[Callable[[Session], User]]:
    """Saves the scene of a session and opens it in another Slicer."""
    logics = Logics.standalone(tmp_path / "another")

    def reopened(session: Session) -> User:
        path = str(tmp_path / "scene.mrb")
        assert session.browser.GetScene().WriteToMRB(path)
        assert logics.scene.ReadFromMRB(path)
        user = User(logics, small_heart, models)
        user.session.cines.open(logics.scene.GetFirstNodeByClass("vtkMRMLSequenceBrowserNode"))
        return user

    yield reopened
    logics.scene.Clear(1)


def pid_of_the_process(session: Session) -> int:
    return session._workspace.background._running.job._job._process._popen.pid


def test_from_a_file_to_the_exports_and_back(
    logics: Logics,
    small_heart: SyntheticHeart,
    models: Path,
    tmp_path: Path,
    temporary: Path,
    reopen: Callable[[Session], User],
):
    user = User(logics, small_heart, models)
    user.open(tmp_path)
    session = user.session

    place = session.seed.find_place()
    user.draw(place)
    drawn = user.labels
    assert session.seed.faults() == []

    session.propagation.propagate(MODEL, "cpu")
    user.wait_for_a_slice()
    session.cancel()
    user.wait()
    np.testing.assert_array_equal(user.labels, drawn)
    assert session.step is Step.SEED
    until(lambda: not any(temporary.iterdir()))

    session.propagation.propagate(MODEL, "cpu")
    user.wait()
    first = user.labels
    assert session.step is Step.REVIEW, user.messages
    assert first.any((1, 2, 3)).all()
    np.testing.assert_array_equal(first[place], drawn[place])
    assert session.nodes.provenance()["model"] == MODEL

    phase, z, _ = next(worst for worst in session.review.uncertain_slices() if abs(worst[1] - place[1]) == 2)
    accepted = (phase, z + (1 if z < place[1] else -1))
    session.review.accept(*accepted)
    user.draw((phase, z), shift=3)
    corrected = user.labels[phase, z]
    assert session.review.corrections() == [(phase, z)]
    assert session.review.cost_of_corrections().fraction < 1
    session.review.propagate_corrections()
    user.wait()
    second = user.labels
    assert session.review.corrections() == [], user.messages
    np.testing.assert_array_equal(second[phase, z], corrected)
    np.testing.assert_array_equal(second[accepted], first[accepted])
    changed = (second != first).any((0, 2, 3))
    assert changed[z] and not changed[place[1]]

    session.undo()
    user.wait()
    np.testing.assert_array_equal(user.labels[:, place[1]], first[:, place[1]])
    assert session.review.corrections() == [(phase, z)]
    session.redo()
    user.wait()
    np.testing.assert_array_equal(user.labels, second)

    session.go(Step.EXPORT)
    exports = tmp_path / "exports"
    exports.mkdir()
    session.export.export("results", exports)
    np.testing.assert_array_equal(read(exports / "segmentation.nii.gz").array, second)

    reopened = reopen(session)
    np.testing.assert_array_equal(reopened.labels, second)
    again = reopened.session
    assert again.step is Step.EXPORT and again.heart.state.accepted[accepted]
    assert again.measurement.measures() == session.measurement.measures()
    np.testing.assert_allclose(again.review.scores, session.review.scores, atol=1e-4)
    reopened.draw((phase, place[1] + (2 if z < place[1] else -2)), shift=-3)
    assert len(again.review.corrections()) == 1
    again.review.propagate_corrections()
    reopened.wait()
    assert again.review.corrections() == [] and again.step is Step.REVIEW, reopened.messages
    np.testing.assert_array_equal(reopened.labels[phase, z], corrected)


def test_a_process_that_is_killed_leaves_the_scene_alone(
    logics: Logics, small_heart: SyntheticHeart, models: Path, tmp_path: Path, temporary: Path
):
    act = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    user = User(logics, small_heart, models, **sabotage(tmp_path, act, at_the_first_slice=True))
    user.open(tmp_path)
    user.draw((0, 3))
    before = user.labels
    user.session.propagation.propagate(MODEL, "cpu")
    user.wait()
    np.testing.assert_array_equal(user.labels, before)
    assert user.session.heart.state.findings is None and user.session.step is Step.SEED
    assert "killed" in user.messages[-1]
    until(lambda: not any(temporary.iterdir()))


@pytest.mark.parametrize("direction", ["session", "scene"])
def test_closing_halfway_leaves_nothing_behind(
    logics: Logics, small_heart: SyntheticHeart, models: Path, tmp_path: Path, temporary: Path, direction: str
):
    user = User(logics, small_heart, models)
    user.open(tmp_path)
    user.draw((0, 3))
    before, heart = user.labels, user.session.nodes
    user.session.propagation.propagate(MODEL, "cpu")
    user.wait_for_a_slice()
    pid = pid_of_the_process(user.session)
    if direction == "session":
        user.session.close()
        np.testing.assert_array_equal(heart.labels(), before)
    else:
        logics.scene.Clear(0)
    assert user.session.cine is None and not user.session.busy
    until(lambda: not is_running(pid))
    until(lambda: not any(temporary.iterdir()))


def test_a_scene_saved_halfway_knows_what_was_drawn(
    logics: Logics, small_heart: SyntheticHeart, models: Path, tmp_path: Path, reopen: Callable[[Session], User]
):
    user = User(logics, small_heart, models, **sabotage(tmp_path, "time.sleep(600)", at_the_first_slice=True))
    user.open(tmp_path)
    user.draw((0, 3))
    user.session.propagation.propagate(MODEL, "cpu")
    user.wait_for_a_slice()
    reopened = reopen(user.session)
    assert reopened.labels.any((2, 3)).sum() > 1
    assert np.argwhere(reopened.session.heart.edit.own).tolist() == [[0, 3]]
    user.session.close()
    assert np.argwhere(user.truth.labels[0, 3]).tolist() == np.argwhere(reopened.labels[0, 3]).tolist()
