from __future__ import annotations

import numpy as np
from session_fakes import FakeJob

from MedVOSSegmentLib.job.events import Failed, Finished, Logged
from MedVOSSegmentLib.session.proposing import Proposing

FOREVER = float("inf")


def told(*events: object) -> tuple[Proposing, list[str], bool]:
    job, lines = FakeJob(None), []
    proposing = Proposing(job, (0, 3), lines.append)
    job.events = list(events)
    return proposing, lines, proposing.poll(FOREVER, 0)


def test_it_waits_for_the_labels():
    labels = np.ones((4, 4), np.uint8)
    proposing, lines, is_over = told(Logged("a line"), Finished(labels))
    assert is_over and proposing.labels is labels and lines == ["a line"]
    proposing, _, is_over = told()
    assert not is_over and proposing.labels is None


def test_a_failure_says_why():
    proposing, _, is_over = told(Failed("It broke.", "log"))
    assert is_over and proposing.labels is None and proposing.sentence == "It broke."


def test_a_cancel_says_nothing():
    job = FakeJob(None)
    proposing = Proposing(job, (0, 3), print)
    proposing.cancel()
    assert proposing.poll(FOREVER, 0) and proposing.labels is None and proposing.sentence == ""
