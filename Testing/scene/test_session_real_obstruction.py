"""What needs no drawing, with a real scene, a real second process and tiny networks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import undrawn_case
from second_process import until
from session_fakes import FakeRunner
from undrawn_case import User

from medvos.mvo_notice import NOTICE
from medvos.structures import MYO
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.runner import Runner
from MedVOSSegmentLib.job.tasks import ObstructionTask
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.step import Step


class Both:
    """A real process for obstruction, a stand-in for the heart, which tiny networks do not find."""

    def __init__(self, real: Runner) -> None:
        self.real, self.fake = real, FakeRunner()

    @property
    def job(self) -> Any:
        return self.fake.job

    def start(self, task: Any) -> Any:
        return (self.real if isinstance(task, ObstructionTask) else self.fake).start(task)


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    undrawn_case.store(tmp_path / "models")
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "models"))
    return Runner(environment={**os.environ, "OMP_NUM_THREADS": "1"})


def wait(user: User) -> None:
    until(lambda: user.session.poll() or not user.session.busy, 240)


def test_obstruction_is_looked_for_in_the_second_process(real: Runner, logics: Logics, small_heart: SyntheticHeart):
    user = User(logics, small_heart, Both(real))
    user.segment()
    user.session.obstruction.predict(user.answer, "cpu")
    emitted = set()
    user.session.changed.connect(lambda _: emitted.add(user.session.progress and user.session.progress.message))
    wait(user)
    session = user.session
    assert session.obstruction.notice == NOTICE and "predicted" in user.messages[-1], (user.messages, session.log)
    assert any("slice" in message for message in emitted if message)
    assert session.step is Step.MEASURE and session.measurement.measures()["MVO"]["value"] is not None
    probability = session.nodes.probability()
    assert probability.max() > 0 and not probability[small_heart.labels != MYO].any()
    np.testing.assert_array_equal(session.nodes.labels(), small_heart.labels)


def test_the_heart_is_segmented_in_the_second_process(real: Runner, logics: Logics, small_heart: SyntheticHeart):
    user = User(logics, small_heart, real)
    user.session.propagation.segment_undrawn("cpu")
    wait(user)
    assert user.session.review.scores is not None, (user.messages, user.session.log)
    assert user.session.nodes.provenance()["model"] == "vivim" and user.session.step is Step.REVIEW
