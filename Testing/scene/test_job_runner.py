from __future__ import annotations

import gc
import time
import weakref
from pathlib import Path

import pytest
from second_process import events_of

from medvos.errors import InputError
from MedVOSSegmentLib.job.runner import Runner
from MedVOSSegmentLib.job.wording import SEGMENTATION


class Version:
    """A `Task` that ends at once."""

    wording, is_final = SEGMENTATION, False

    def hand_over(self, folder: Path) -> list[str]:
        return ["--version"]

    def collect(self, folder: Path) -> str:
        return "collected"


class Slow(Version):
    def hand_over(self, folder: Path) -> list[str]:
        time.sleep(0.3)
        return super().hand_over(folder)


class Broken(Version):
    def hand_over(self, folder: Path) -> list[str]:
        raise ValueError("a defect")


def test_two_jobs_at_once_are_refused_kindly():
    runner = Runner()
    first = runner.start(Slow())
    with pytest.raises(InputError, match="running already: wait"):
        runner.start(Version())
    assert events_of(first)[-1].outcome == "collected"


def test_after_the_end_there_may_be_another():
    runner = Runner()
    events_of(runner.start(Version()))
    assert events_of(runner.start(Version()))[-1].outcome == "collected"


def test_after_a_cancel_there_may_be_another_at_once():
    runner = Runner()
    runner.start(Slow()).cancel()
    assert events_of(runner.start(Version()))[-1].outcome == "collected"


@pytest.mark.parametrize("task", [Version, Broken])
def test_nothing_of_a_task_is_kept_after_its_end(task: type[Version]):
    runner, given = Runner(), task()
    kept = weakref.ref(given)
    job = runner.start(given)
    del given
    events_of(job)
    gc.collect()
    assert kept() is None


def test_the_program_is_that_of_the_given_python(tmp_path: Path):
    (end,) = events_of(Runner(tmp_path / "nowhere").start(Version()))
    assert "nowhere cannot be started" in end.sentence
