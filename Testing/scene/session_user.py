"""A user who drives a session over a small heart, with a stand-in for the second process."""

from __future__ import annotations

from typing import Any

import numpy as np
from segment_editor import SegmentEditor
from session_fakes import FakeRunner, finished

from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.session import Session

SEED, CORRECTION = (0, 3), (2, 1)


class User:
    """Drives a session as a person does, and knows what a flawless second process would report."""

    def __init__(self, logics: Logics, browser: Any, heart: SyntheticHeart) -> None:
        self.runner = FakeRunner()
        self.session = Session(logics, self.runner)
        self.truth, self.cine = heart.labels, heart.cine
        self.messages: list[str] = []
        self.session.message.connect(self.messages.append)
        self.session.cines.open(browser)
        self.session.seed.make_segments()
        self.editor = SegmentEditor(self.session.nodes)

    @property
    def labels(self) -> np.ndarray:
        return self.session.nodes.labels()

    def draw(self, place: tuple[int, int], labels: np.ndarray | None = None) -> None:
        """All three structures, in strokes of their own."""
        self.session.go_to(*place)
        labels = self.truth[place] if labels is None else labels
        for label, name in ((1, "RV"), (2, "Myo"), (3, "LV")):
            mask = np.zeros(self.truth.shape[1:], bool)
            mask[place[1]] = labels == label
            self.editor.paint(name, mask)

    def erase(self, place: tuple[int, int]) -> None:
        self.session.go_to(*place)
        mask = np.zeros(self.truth.shape[1:], bool)
        mask[place[1]] = True
        for name in ("RV", "Myo", "LV"):
            self.editor.erase(name, mask)

    def hear(self, *events: object) -> None:
        """What the second process shows_errors, and polls until all is done that follows from it."""
        self.runner.job.events += events
        for _ in range(10):
            self.session.poll()

    def settle(self) -> None:
        while self.session.busy:
            self.session.poll()

    def segment(self, labels: np.ndarray | None = None) -> None:
        self.session.propagation.propagate()
        self.hear(finished(self.cine, self.truth if labels is None else labels))
        self.settle()
