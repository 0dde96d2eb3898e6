from __future__ import annotations

import numpy as np
from session_fakes import FakeJob

from MedVOSSegmentLib.job.events import Advanced, Failed, Finished, Logged
from MedVOSSegmentLib.session.pending_job import PendingJob

FOREVER = float("inf")


def polled(*events: object) -> tuple[PendingJob, list[str], bool]:
    job, lines = FakeJob(None), []
    pending = PendingJob(job, "Looking for the heart", lines.append)
    job.events = list(events)
    return pending, lines, pending.poll(FOREVER, 0)


def test_it_waits_for_the_outcome():
    labels = np.ones((4, 4), np.uint8)
    pending, lines, is_over = polled(Logged("a line"), Finished(labels))
    assert is_over and pending.outcome is labels and lines == ["a line"]
    pending, _, is_over = polled()
    assert not is_over and pending.outcome is None


def test_progress_is_the_activity_until_the_job_reports_one():
    pending, _, _ = polled()
    assert pending.progress == Advanced(0, 0, None, "Looking for the heart")
    pending, _, _ = polled(Advanced(1, 4, 3.0, "slice 1"))
    assert pending.progress == Advanced(1, 4, 3.0, "slice 1")


def test_a_failure_says_why():
    pending, _, is_over = polled(Failed("It broke.", "log"))
    assert is_over and pending.outcome is None and (pending.sentence, pending.log) == ("It broke.", "log")


def test_a_cancel_says_nothing():
    job = FakeJob(None)
    pending = PendingJob(job, "Looking for the heart", print)
    pending.cancel()
    assert pending.poll(FOREVER, 0) and pending.outcome is None and pending.sentence == ""
