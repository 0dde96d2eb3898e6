"""Measure for how long the window's thread is busy at each step of the panel, with real patients and clips.

    python Testing/benchmarks/bench_story.py [--given] [FOLDER | FILE | "T Z Y X"] ...

With ``--given`` no network runs: the labels of one phase in every phase, or a disk, are handed over as its result.
A folder of Sunnybrook (``dicom`` and ``labels.npz``) is drawn as the expert drew it; a stack without labels is
proposed; a clip is not drawn. Without arguments, a synthetic heart of 30 12 256 256 is segmented.

Printed is the longest CPU time of the window's thread between two events, which other load on the machine hardly
changes, and that on the clock, which it does; and how much of it was Python's collection of garbage, which comes at any
time and takes the longer the more objects all modules have. Saving and loading themselves are Slicer's own work and not
measured.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "MedVOSSegment"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "MedVOSLab"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pytest
import slicer
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from scene.session_fakes import FakeRunner, finished
from widget import patient
from widget.standins import application

from medvos.synth.heart import synthetic_heart
from medvos_lab.datasets.sunnybrook import read_patient
from MedVOSSegmentLib.job.runner import Runner
from MedVOSSegmentLib.scene.logics import Logics

SHELL = ("MedVOSSegment", "MedVOSSegmentWidgets")
LIMIT_MS = 100.0
GARBAGE_MS = 5.0
TICK_MS = 5
UNKNOWN = 255  # where the expert drew nothing


class Gaps:
    """The longest time between two events of the window's thread in each stage."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self._last = (time.thread_time(), time.perf_counter())
        self._longest = (0.0, 0.0, 0.0)
        self._collected = self._collecting = 0.0
        gc.callbacks.append(self._on_collection)
        self.rows: list[tuple[str, float, float, float]] = []
        self._clock = QTimer()
        self._clock.timeout.connect(self._tick)
        self._clock.start(TICK_MS)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what is done within, and what follows in the next half second."""
        self.live(0.1)
        self._longest, start = (0.0, 0.0, 0.0), time.perf_counter()
        yield
        seconds = time.perf_counter() - start
        self.live(0.5)
        cpu, wall, collected = (1000 * each for each in self._longest)
        self.rows.append((name, cpu, wall, seconds))
        garbage = f" ({collected:.0f} ms of it garbage)" if collected > GARBAGE_MS else ""
        line = "{:<34} {:7.0f} ms of CPU {:7.0f} ms on the clock, took {:6.1f} s".format(*self.rows[-1])
        print(line + garbage, flush=True)

    def live(self, seconds: float) -> None:
        """Process events for some seconds."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self._app.processEvents()
            time.sleep(0.001)

    def until(self, session: Any) -> None:
        """Process events until nothing runs in the background."""
        while session.busy:
            self.live(0.01)

    def _tick(self) -> None:
        now = (time.thread_time(), time.perf_counter())
        passed = [new - old for new, old in zip(now, self._last, strict=True)]
        is_longer = passed[0] > self._longest[0]
        collected = self._collected if is_longer else self._longest[2]
        self._longest = (max(self._longest[0], passed[0]), max(self._longest[1], passed[1]), collected)
        self._last, self._collected = now, 0.0

    def _on_collection(self, phase: str, _info: dict[str, int]) -> None:
        if threading.current_thread() is threading.main_thread():
            if phase == "start":
                self._collecting = time.thread_time()
            else:
                self._collected += time.thread_time() - self._collecting


@contextmanager
def desktop(home: str) -> Iterator[tuple[Any, Any]]:
    """The module in a window of stand-ins, and the dialogs."""
    patch = pytest.MonkeyPatch()
    logics = Logics.standalone(home)
    dialogs = application.install(patch, logics)
    for name in ("Red", "Green", "Yellow"):
        view = slicer.vtkMRMLSliceNode()
        view.SetName(name)
        view.SetLayoutName(name)
        logics.scene.AddNode(view)
    parent = application.module_parent()
    widget = importlib.import_module("MedVOSSegment").MedVOSSegmentWidget(parent)
    widget.setup()
    parent.setEntered(True)
    widget.enter()
    parent.show()
    yield widget, dialogs
    widget.cleanup()
    patch.undo()
    # The stand-ins that the modules have imported are those of this scene.
    for name in [name for name in sys.modules if name.partition(".")[0] in SHELL]:
        del sys.modules[name]


def open_cine(gaps: Gaps, widget: Any, dialogs: Any, subject: str) -> np.ndarray | None:
    """Open what ``subject`` names; return its labels (T, Z, Y, X) where they are known."""
    path, ui = Path(subject), widget.ui
    if subject.replace(" ", "").isdigit():
        heart = synthetic_heart(1, shape=tuple(map(int, subject.split())), spacing=(8.0, 1.4, 1.4), kind="healthy")
        with gaps.stage("open"):
            widget.choose(widget.logic.show(heart.cine))
        return heart.labels
    is_labelled = (path / "labels.npz").is_file()
    dialogs.folder, dialogs.file = str(path / "dicom" if is_labelled else path), str(path)
    with gaps.stage("open"):
        (ui.openFolderButton if path.is_dir() else ui.openFileButton).click()
    return read_patient(path).labels if is_labelled else None


def draw(gaps: Gaps, widget: Any, labels: np.ndarray | None) -> None:
    """Draw the best slice that has labels, or propose it."""
    ui, session = widget.ui, widget.logic.session
    with gaps.stage("go to the best slice"):
        ui.findPlaceButton.click()
    if labels is None:
        with gaps.stage("propose"):
            ui.proposeButton.click()
            gaps.until(session)
        return
    counts = (labels[session.place[0]] == 2).sum(axis=(1, 2)) if (labels[session.place[0]] == 2).any() else None
    phase = session.place[0] if counts is not None else int((labels == 2).sum(axis=(1, 2, 3)).argmax())
    slices = np.flatnonzero((labels[phase] == 2).any(axis=(1, 2)))
    session.go_to(phase, int(slices[len(slices) // 2]))
    with gaps.stage("draw"):
        patient.draw(session, labels)


class Segmenter:
    """Waits for the network, or hands over a given result in its place."""

    def __init__(self, gaps: Gaps, session: Any, labels: np.ndarray | None, *, is_given: bool) -> None:
        self._gaps, self._session = gaps, session
        self._runner = FakeRunner() if is_given else None
        self._before = Runner.start
        if self._runner is not None:
            Runner.start = lambda _, task: self._runner.start(task)
            self._end = finished(session.cine, _in_every_phase(session, labels))

    def wait(self) -> None:
        """Process events until the result is taken in."""
        if self._runner is not None:
            self._runner.job.events.append(self._end)
        self._gaps.until(self._session)

    def end(self) -> None:
        """Let the network run again."""
        Runner.start = self._before


def _in_every_phase(session: Any, labels: np.ndarray | None) -> np.ndarray:
    if labels is None:
        phases, slices, rows, columns = session.cine.shape
        y, x = np.mgrid[:rows, :columns]
        disk = np.hypot(y - rows / 2, x - columns / 2) < rows / 6
        return np.broadcast_to(np.where(disk, np.uint8(3), np.uint8(0)), (phases, slices, rows, columns)).copy()
    known = np.where(labels == UNKNOWN, np.uint8(0), labels)
    fullest = known[int((known > 0).any(axis=(2, 3)).sum(axis=1).argmax())]
    return np.broadcast_to(fullest, labels.shape).copy()


def review(gaps: Gaps, widget: Any, segmenter: Segmenter) -> None:
    """Look through the worst slices, correct one, accept one, undo and redo."""
    ui, session = widget.ui, widget.logic.session
    with gaps.stage("next worst, 3 times"):
        for _ in range(3):
            ui.nextButton.click()
            gaps.live(0.1)
    with gaps.stage("accept"):
        ui.acceptButton.click()
        gaps.until(session)
    with gaps.stage("play 1 s"):
        session.browser.SetPlaybackActive(True)
        gaps.live(1.0)
        session.browser.SetPlaybackActive(False)
    with gaps.stage("erase on a slice"):
        patient.erase(session, "LV")
        gaps.until(session)
    for name, button in (("undo", ui.undoButton), ("redo", ui.redoButton)):
        with gaps.stage(name):
            button.click()
            gaps.until(session)
    if ui.correctButton.enabled:
        with gaps.stage("propagate corrections"):
            ui.correctButton.click()
            segmenter.wait()
    if not session.is_clip:
        with gaps.stage("show in 3D"):
            ui.surfaceButton.click()
            gaps.live(5.0)


def export(gaps: Gaps, widget: Any, dialogs: Any, home: str) -> None:
    """Write every export that is possible."""
    for button in widget.ui.exportButtons.children():
        if hasattr(button, "click") and button.enabled:
            folder = Path(home) / "exports" / button.text.replace(" ", "-")
            folder.mkdir(parents=True)
            dialogs.folder = str(folder)
            with gaps.stage(f"export {button.text}"):
                button.click()
                while widget.ui.busyBox.visible:
                    gaps.live(0.01)


def story(app: QApplication, subject: str, *, is_given: bool) -> list[tuple[str, float, float, float]]:
    """Go the whole way with one patient or clip; return a row for each stage."""
    with tempfile.TemporaryDirectory() as home, desktop(home) as (widget, dialogs):
        gaps, ui, session = Gaps(app), widget.ui, widget.logic.session
        labels = open_cine(gaps, widget, dialogs, subject)
        if not session.is_clip:
            draw(gaps, widget, labels)
        segmenter = Segmenter(gaps, session, labels, is_given=is_given)
        with gaps.stage("segment"):
            ui.propagateButton.click()
            segmenter.wait()
        assert session.review.scores is not None, (ui.messageLabel.text, dialogs.messages)
        review(gaps, widget, segmenter)
        segmenter.end()
        export(gaps, widget, dialogs, home)
        scene, saved = session._workspace.logics.scene, str(Path(home) / "scene.mrb")
        scene.WriteToMRB(saved)
        with gaps.stage("close the scene"):
            scene.Clear(0)
        scene.ReadFromMRB(saved)
        gaps._tick()  # Slicer's own reading ends here
        with gaps.stage("continue a loaded scene"):
            gaps.until(session)
        print(*dialogs.messages, sep="\n")
        return gaps.rows


def main(subjects: list[str]) -> int:
    """Print the stages of each subject; 1 where one keeps the window busy for too long."""
    app = QApplication([])
    slow, is_given = 0, "--given" in subjects
    for subject in [each for each in subjects if each != "--given"] or ["30 12 256 256"]:
        print(f"\n{subject if subject.replace(' ', '').isdigit() else Path(subject).name}")
        slow += sum(cpu > LIMIT_MS for _name, cpu, _wall, _seconds in story(app, subject, is_given=is_given))
    print(f"\n{slow} stages with more than {LIMIT_MS:.0f} ms of CPU between two events")
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
