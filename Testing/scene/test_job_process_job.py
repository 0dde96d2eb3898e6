"""The job over the real engine in a real second process; some tests make that process misbehave."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import clip_case
import numpy as np
import pytest
from engine.tiny_echo import an_echo_network
from engine.tiny_network import a_network, store_network
from second_process import events_of, is_running, sabotage, until

import medvos
from medvos.synth.heart import SyntheticHeart
from medvos_lab.release import update_manifest, write_weights
from MedVOSSegmentLib.job.events import ENDS, Advanced, CancelledByUser, Failed, Finished, Logged, SliceDone
from MedVOSSegmentLib.job.exit_reason import OUT_OF_MEMORY
from MedVOSSegmentLib.job.outcome import PropagationOutcome
from MedVOSSegmentLib.job.process_job import ProcessJob
from MedVOSSegmentLib.job.tasks import PreviousResult, PropagationTask, ProposalTask
from MedVOSSegmentLib.job.wording import SEGMENTATION

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")

NOISE = r"""
import sys
sys.stdout.buffer.write(b"\xff\xfe no text\n{\"event\": \"slice\"}\nnull\n" + 200_000 * b"x" + b"\n")
sys.stdout.flush()
"""

# In the second process: these packages are not installed.
HIDING = """
import sys
class Missing:
    def find_spec(name, path, target=None):
        if name.partition(".")[0] in {names}:
            raise ModuleNotFoundError(f"No module named '{{name}}'", name=name)
sys.meta_path.insert(0, Missing)
"""
WITHOUT_TYPER = HIDING.format(names=("typer",))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    store_network(folder, a_network())
    return folder


@pytest.fixture
def environment(models: Path) -> dict[str, str]:
    return {**os.environ, "MEDVOS_MODELS": str(models), "OMP_NUM_THREADS": "1"}


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where hand-over folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(scope="module")
def request_(small_heart: SyntheticHeart) -> PropagationTask:
    """The synthetic heart with one slice drawn."""
    seed = np.zeros_like(small_heart.labels)
    seed[0, 3] = small_heart.labels[0, 3]
    return PropagationTask(small_heart.cine, seed, model="tiny", device="cpu")


@pytest.fixture(scope="module")
def done(request_: PropagationTask, models: Path, tmp_path_factory: pytest.TempPathFactory) -> list:
    """All events of a run that goes well although something else prints to its stdout."""
    noise = sabotage(tmp_path_factory.mktemp("noise"), NOISE)
    environment = {**os.environ, "MEDVOS_MODELS": str(models), "OMP_NUM_THREADS": "1", **noise}
    return events_of(ProcessJob.start(request_, environment=environment))


def outcome_of(events: list) -> PropagationOutcome:
    assert isinstance(events[-1], Finished), events[-1]
    return events[-1].outcome


def test_the_outcome_is_what_the_engine_gives(done: list, request_: PropagationTask, models: Path, monkeypatch):
    monkeypatch.setenv("MEDVOS_MODELS", str(models))
    seed = medvos.seed_from_array(request_.seed_labels, request_.cine)
    expected = medvos.propagate(request_.cine, seed, model="tiny", device="cpu")
    outcome = outcome_of(done)
    assert (outcome.labels != expected.labels).mean() < 1e-3
    np.testing.assert_allclose(outcome.uncertainty, expected.uncertainty, atol=1e-2)
    np.testing.assert_allclose(outcome.slice_scores, expected.slice_scores, atol=1e-2)
    assert outcome.measures["LVEDV"]["value"] == pytest.approx(medvos.measure(expected)["LVEDV"].value, rel=0.01)
    assert outcome.provenance["input"]["heart_rate"] == pytest.approx(request_.cine.source.heart_rate or 0, abs=1e-3)
    np.testing.assert_array_equal(outcome.labels[0, 3], request_.seed_labels[0, 3])


def test_a_clip_without_a_drawing_comes_back_segmented(tmp_path: Path, environment: dict[str, str]):
    write_weights(an_echo_network(), "echo-lv", tmp_path, "for tests", "a tiny network")
    update_manifest(tmp_path, "echo-lv", {"network": "echo"})
    clip = clip_case.clip()
    environment["MEDVOS_MODELS"] = str(tmp_path)
    events = events_of(ProcessJob.start(PropagationTask(clip, None, "echo-lv", "cpu"), environment=environment))
    outcome = outcome_of(events)
    assert outcome.labels.shape == outcome.uncertainty.shape == clip.shape
    assert outcome.provenance["model"] == "echo-lv" and outcome.slice_scores.shape == clip.shape[:2]
    assert any(isinstance(event, Advanced) and event.total == clip.shape[0] for event in events)


@pytest.mark.parametrize("drawn", [True, False])
def test_a_clip_needs_no_package_beyond_those_of_a_segmentation(
    tmp_path: Path, environment: dict[str, str], drawn: bool
):
    code = HIDING.format(names=("av", "highdicom", "reportlab", "arabic_reshaper", "bidi"))
    (tmp_path / "models").mkdir()
    if not drawn:
        environment["MEDVOS_MODELS"] = str(tmp_path / "models")
        write_weights(an_echo_network(), "echo-lv", tmp_path / "models", "for tests", "a tiny network")
        update_manifest(tmp_path / "models", "echo-lv", {"network": "echo"})
    clip, seed = clip_case.clip(), np.zeros_like(clip_case.labels())
    seed[0] = clip_case.labels()[0]
    task = PropagationTask(clip, seed, "tiny", "cpu") if drawn else PropagationTask(clip, None, "echo-lv", "cpu")
    outcome = outcome_of(events_of(ProcessJob.start(task, environment={**environment, **sabotage(tmp_path, code)})))
    assert outcome.labels.shape == clip.shape
    assert not [note for note in outcome.provenance["notes"] if "video" in note and "PyAV" in note]


def test_every_slice_comes_before_the_end(done: list, request_: PropagationTask):
    slices = [event for event in done if isinstance(event, SliceDone)]
    assert sorted(event.slice for event in slices) == list(range(request_.cine.shape[1]))
    first = slices[0]
    assert first.slice == 3
    np.testing.assert_array_equal(first.labels[0], request_.seed_labels[0, 3])


def test_progress_rises_to_its_total(done: list):
    advanced = [event for event in done if isinstance(event, Advanced)]
    counts = [event.done for event in advanced]
    assert counts == sorted(counts)
    assert counts[-1] == advanced[-1].total
    assert advanced[-1].eta_s == 0


def test_what_else_is_printed_goes_to_the_log(done: list):
    logged = [event.line for event in done if isinstance(event, Logged)]
    assert logged[:3] == ["\ufffd\ufffd no text", '{"event": "slice"}', "null"]
    assert sum(len(line) for line in logged[3:]) >= 200_000


def test_there_is_one_end(done: list):
    assert [isinstance(event, ENDS) for event in done].count(True) == 1


def test_a_correction_follows_the_previous_outcome(done: list, request_: PropagationTask, environment: dict[str, str]):
    first = outcome_of(done)
    corrected = request_.seed_labels.copy()
    corrected[2, 1] = np.roll(first.labels[2, 1], 5, 0)
    seeds = request_.seed_labels.any((2, 3))
    previous = PreviousResult(first.labels, first.uncertainty, first.slice_scores, seeds)
    events = events_of(
        ProcessJob.start(replace(request_, seed_labels=corrected, previous=previous), environment=environment)
    )
    second = outcome_of(events)
    np.testing.assert_array_equal(second.labels[2, 1], corrected[2, 1])
    np.testing.assert_array_equal(second.labels[:, 4:], first.labels[:, 4:])
    first_total, second_total = (
        next(event.total for event in reversed(run) if isinstance(event, Advanced)) for run in (done, events)
    )
    assert second_total < first_total


def test_a_proposal_is_one_drawing(small_heart: SyntheticHeart, environment: dict[str, str], temporary: Path):
    (*_, end) = events_of(
        ProcessJob.start(ProposalTask(small_heart.cine, 0, 3, "cstm", "cpu"), environment=_shipped(environment))
    )
    assert isinstance(end, Finished), end
    assert end.outcome.shape == small_heart.labels.shape[2:]
    assert list(temporary.iterdir()) == []


def _shipped(environment: dict[str, str]) -> dict[str, str]:
    """With the models of the extension."""
    return {name: value for name, value in environment.items() if name != "MEDVOS_MODELS"}


def test_a_fault_of_the_user_is_reported_in_the_words_of_the_engine(
    request_: PropagationTask, environment: dict[str, str], temporary: Path
):
    (*_, end) = events_of(ProcessJob.start(replace(request_, model="xyz"), environment=environment))
    assert isinstance(end, Failed)
    assert end.sentence == (
        "There are no weights of a model 'xyz' here; choose from tiny, or set MEDVOS_MODELS to a folder that has them."
    )
    assert list(temporary.iterdir()) == []


@linux
@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "(killed, out of memory?)"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGABRT)", "(crashed, SIGABRT)"),
        ("import os; os._exit(77)", "(exit code 77)"),
        ("import os; os._exit(0)", "without whole results"),
        (WITHOUT_TYPER, "the Python package typer, which is missing"),
        ("import os, sys; sys.stderr.write('x' * 300_000); os._exit(1)", "(exit code 1)"),
        ("import resource; resource.setrlimit(resource.RLIMIT_AS, (300 << 20,) * 2)", "close other programs"),
        ("import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 10,) * 2)", "make room"),
    ],
)
def test_a_process_that_ends_early_is_reported_in_a_sentence(
    request_: PropagationTask, environment: dict[str, str], temporary: Path, tmp_path: Path, code: str, sentence: str
):
    (*_, end) = events_of(ProcessJob.start(request_, environment={**environment, **sabotage(tmp_path, code)}))
    assert isinstance(end, Failed)
    assert sentence in end.sentence
    assert list(temporary.iterdir()) == []


@linux
@pytest.mark.parametrize(
    ("code", "sentence", "logged"),
    [
        ("import ctypes; ctypes.string_at(0)", "(crashed, SIGSEGV)", "Segmentation fault"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "(killed, out of memory?)", ""),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "stopped from outside", "Cancelled"),
        (
            """
            import pathlib, resource
            in_use = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (in_use, in_use))
            """,
            "close other programs",
            # Python, NumPy, PyTorch and oneDNN each say it in their words, and any of them may be the first.
            OUT_OF_MEMORY.pattern,
        ),
    ],
    ids=["segfault", "kill", "termination", "out of memory"],
)
def test_a_process_that_breaks_in_the_middle_is_reported_in_a_sentence(
    request_: PropagationTask,
    environment: dict[str, str],
    temporary: Path,
    tmp_path: Path,
    code: str,
    sentence: str,
    logged: str,
):
    breaking = sabotage(tmp_path, code, at_the_first_slice=True)
    *before, end = events_of(ProcessJob.start(request_, environment={**environment, **breaking}))
    assert any(isinstance(event, Advanced) for event in before)
    assert isinstance(end, Failed)
    assert sentence in end.sentence
    assert re.search(logged, end.log, re.IGNORECASE)
    assert list(temporary.iterdir()) == []


@linux
def test_a_cancel_ends_the_process_and_all_that_it_started(
    request_: PropagationTask, environment: dict[str, str], temporary: Path, tmp_path: Path
):
    code = f"""
    import os, pathlib, subprocess
    child = subprocess.Popen(["sleep", "1000"])
    pathlib.Path({str(tmp_path / "pids")!r}).write_text(f"{{os.getpid()}} {{child.pid}} .")
    """
    job = ProcessJob.start(request_, environment={**environment, **sabotage(tmp_path, code, at_the_first_slice=True)})
    until(lambda: (tmp_path / "pids").is_file() and (tmp_path / "pids").read_text().endswith("."))
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()[:2]]
    assert all(map(is_running, pids))
    job.cancel()
    assert job.poll() == [CancelledByUser()]
    assert job.poll() == []
    until(lambda: not any(map(is_running, pids)), seconds=10)
    until(lambda: not list(temporary.iterdir()), seconds=10)


def test_a_cancel_before_the_process_has_started(
    request_: PropagationTask, environment: dict[str, str], temporary: Path
):
    job = ProcessJob.start(request_, environment=environment)
    job.cancel()
    assert job.poll() == [CancelledByUser()]
    until(lambda: not list(temporary.iterdir()))


def test_an_end_that_nobody_has_seen_is_no_end_after_a_cancel(
    request_: PropagationTask, environment: dict[str, str], temporary: Path
):
    job = ProcessJob.start(replace(request_, model="xyz"), environment=environment)
    until(lambda: job.poll() and not list(temporary.iterdir()))
    job = ProcessJob.start(replace(request_, model="xyz"), environment=environment)
    until(lambda: list(temporary.iterdir()))
    until(lambda: not list(temporary.iterdir()))
    job.cancel()
    assert job.poll() == [CancelledByUser()]


def test_a_cancel_after_the_end_changes_nothing(request_: PropagationTask, environment: dict[str, str]):
    job = ProcessJob.start(replace(request_, model="xyz"), environment=environment)
    events_of(job)
    job.cancel()
    job.close()
    assert job.poll() == []


def test_a_python_that_is_not_there(request_: PropagationTask, tmp_path: Path, temporary: Path):
    (end,) = events_of(ProcessJob.start(request_, python=tmp_path / "PythonSlicer"))
    assert isinstance(end, Failed)
    assert "PythonSlicer cannot be started" in end.sentence
    assert list(temporary.iterdir()) == []


def test_a_full_disk_is_reported_before_the_process_starts(temporary: Path):
    class TooLarge:
        wording, is_final = SEGMENTATION, False

        def hand_over(self, folder: Path) -> list[str]:
            (folder / "cine.nrrd").write_text("the first half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (end,) = events_of(ProcessJob.start(TooLarge()))
    assert isinstance(end, Failed)
    assert "no space left" in end.sentence
    assert list(temporary.iterdir()) == []


def test_no_place_for_temporary_files(request_: PropagationTask, temporary: Path):
    temporary.rmdir()
    (end,) = events_of(ProcessJob.start(request_))
    assert isinstance(end, Failed)
    assert "no such file" in end.sentence


def test_a_defect_is_called_one_and_its_traceback_logged(temporary: Path):
    class Broken:
        wording, is_final = SEGMENTATION, False

        def hand_over(self, folder: Path) -> list[str]:
            raise ZeroDivisionError("a defect")

    *logged, end = events_of(ProcessJob.start(Broken()))
    assert isinstance(end, Failed)
    assert "a defect in MedVOSSegment" in end.sentence
    assert "ZeroDivisionError" in end.log and logged[-1] == Logged("ZeroDivisionError: a defect")
    assert list(temporary.iterdir()) == []


SLICER = """
import os, sys, time, tempfile
import numpy as np
from medvos.synth.heart import synthetic_heart
from MedVOSSegmentLib.job.events import SliceDone
from MedVOSSegmentLib.job.process_job import ProcessJob
from MedVOSSegmentLib.job.tasks import PropagationTask
heart = synthetic_heart(1, shape=(6, 6, 80, 80), spacing=(16.0, 3.0, 3.0), kind="healthy")
seed = np.zeros_like(heart.labels)
seed[0, 3] = heart.labels[0, 3]
job = ProcessJob.start(PropagationTask(heart.cine, seed, model="tiny", device="cpu"))
while not any(isinstance(event, SliceDone) for event in job.poll()):
    time.sleep(0.01)
print("under way", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def slicer(environment: dict[str, str], temporary: Path, tmp_path: Path):
    """Another process in which a job is under way; ``pid`` is the file with the number of the second process."""
    pid = tmp_path / "pid"
    note = sabotage(
        tmp_path, f"import os, sys; '-m' in sys.orig_argv and open({str(pid)!r}, 'w').write(str(os.getpid()))"
    )
    root = Path(medvos.__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", SLICER],
        env={**environment, "PYTHONPATH": f"{root}{os.pathsep}{note['PYTHONPATH']}", "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "under way\n"
    process.job_pid = int(pid.read_text())
    yield process
    process.kill()
    process.communicate()


@linux
def test_a_slicer_that_is_closed_takes_the_job_with_it(slicer, temporary: Path):
    slicer.communicate("")
    assert slicer.returncode == 0
    until(lambda: not is_running(slicer.job_pid), seconds=10)
    assert list(temporary.iterdir()) == []


@linux
def test_what_a_slicer_that_crashed_left_goes_with_the_next_job(slicer, request_: PropagationTask, temporary: Path):
    slicer.send_signal(signal.SIGKILL)
    slicer.wait()
    until(lambda: not is_running(slicer.job_pid))
    assert list(temporary.iterdir()) != []
    events_of(ProcessJob.start(replace(request_, model="xyz")))
    assert list(temporary.iterdir()) == []
