"""Tiny weights of what needs no drawing, and a session whose heart is segmented already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from engine.tiny_mvo import an_mvo_network
from engine.tiny_vivim import a_vivim, store_vivim
from scene.session_fakes import FakeJob, FakeRunner, finished

from medvos.mvo_notice import NOTICE
from medvos.structures import MYO
from medvos.synth.heart import SyntheticHeart
from medvos_lab.release import update_manifest, write_weights
from MedVOSSegmentLib.job.outcome import PredictedObstruction
from MedVOSSegmentLib.scene.cine_nodes import show_cine
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.session import Session


def store(folder: Path) -> None:
    """A Vivim and an MVO network under the names that the module asks for."""
    store_vivim(folder, a_vivim(), "vivim")
    write_weights(an_mvo_network(), "mvo", folder, "for tests", "a tiny network")
    update_manifest(folder, "mvo", {"network": "mvo"})


def an_obstruction(labels: np.ndarray) -> PredictedObstruction:
    """A part of the wall of slices 2 and 3, and a probability that is predicted at phase 0."""
    mask = labels == MYO
    mask[:, [0, 1, 4, 5]] = False
    mask[..., : labels.shape[-1] // 2] = False
    probability = np.zeros(labels.shape, np.float32)
    probability[0][mask[0]] = 0.75
    provenance = {
        "model": "mvo",
        "weights_sha256": "ab" * 32,
        "terms": "for tests",
        "device": "cpu",
        "seconds": 2.0,
        "notice": NOTICE,
    }
    return PredictedObstruction(provenance, mask, probability)


class User:
    """Drives a session in which a stack is open; `agrees` is the answer to every question."""

    def __init__(self, logics: Logics, truth: SyntheticHeart, runner: Any = None) -> None:
        self.truth, self.runner = truth, runner or FakeRunner()
        self.session = Session(logics, self.runner)
        self.messages: list[str] = []
        self.questions: list[str] = []
        self.agrees = True
        self.session.message.connect(self.messages.append)
        self.session.cines.open(show_cine(logics, truth.cine, "Heart"))

    @property
    def job(self) -> FakeJob:
        return self.runner.job

    def answer(self, question: str) -> bool:
        self.questions.append(question)
        return self.agrees

    def hear(self, *events: Any) -> None:
        self.job.events += events
        self.pass_time()

    def pass_time(self) -> None:
        while self.session.busy:
            self.session.poll()

    def segment(self) -> None:
        """The heart as it is."""
        self.session.propagation.segment_undrawn("cpu")
        self.hear(finished(self.truth.cine, self.truth.labels))
