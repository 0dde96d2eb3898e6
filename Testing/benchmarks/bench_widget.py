"""Measure how long the window does not respond while a heart is segmented in the background.

    python Testing/benchmarks/bench_widget.py [phases slices rows columns]

Prints the work of each part of the panel's timer; the time between two events, of the window's own work and on the
clock, to which other load on the machine adds; and the collections of all garbage (generation 2), in whatever thread,
which stop the window too.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "MedVOSSegment"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pytest
import slicer
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from widget import patient
from widget.standins import application

from medvos.synth.heart import synthetic_heart
from MedVOSSegmentLib.scene.logics import Logics


def main(shape: tuple[int, int, int, int]) -> None:
    """Open a cine, draw one slice, segment, and measure meanwhile."""
    app = QApplication([])
    patch = pytest.MonkeyPatch()
    with tempfile.TemporaryDirectory() as home:
        logics = Logics.standalone(home)
        application.install(patch, logics)
        view = slicer.vtkMRMLSliceNode()
        view.SetLayoutName("Red")
        logics.scene.AddNode(view)
        parent = application.module_parent()
        widget = importlib.import_module("MedVOSSegment").MedVOSSegmentWidget(parent)
        widget.setup()
        parent.setEntered(True)
        widget.enter()
        parent.show()
        heart = synthetic_heart(1, shape=shape, spacing=(8.0, 1.4, 1.4), kind="healthy")
        session, ui = widget.logic.session, widget.ui
        widget.choose(widget.logic.show(heart.cine))
        ui.findPlaceButton.click()
        patient.draw(session, heart.labels)
        _live(app)
        watched = _watch(widget.panel)
        gaps, work, collected = _run(app, ui, session)
        for name, times in watched.items():
            print(f"{name:14} {len(times):6} times, longest {1000 * max(times):6.1f} ms of work")
        for name, times in (("of work", work), ("on the clock", gaps)):
            print(f"between two events, ms {name}: median {np.median(times):.1f}, 99 % {np.percentile(times, 99):.1f}, "
                  f"longest {max(times):.1f}")  # fmt: skip
        print(f"collections of all garbage: {len(collected)}, longest {max(collected, default=0.0):.1f} ms")
        widget.cleanup()
    patch.undo()


def _run(app: QApplication, ui: object, session: object) -> tuple[list[float], list[float], list[float]]:
    """Return milliseconds from the click to the result: between ticks of a timer of 5 ms on the clock and of the
    thread's CPU time, and of the collections of all garbage."""
    gaps: list[float] = []
    work: list[float] = []
    collected: list[float] = []
    last, begun = [time.perf_counter(), time.thread_time()], [0.0]

    def tick() -> None:
        now = [time.perf_counter(), time.thread_time()]
        for times, new, old in zip((gaps, work), now, last, strict=True):
            times.append(1000 * (new - old))
        last[:] = now

    def on_collection(phase: str, info: dict[str, int]) -> None:
        if info["generation"] == 2 and phase == "start":
            begun[0] = time.thread_time()
        elif info["generation"] == 2:
            collected.append(1000 * (time.thread_time() - begun[0]))

    gc.callbacks.append(on_collection)
    clock = QTimer()
    clock.timeout.connect(tick)
    clock.start(5)
    start = time.perf_counter()
    ui.propagateButton.click()
    while session.busy:
        _live(app, 0.001)
    assert session.review.scores is not None, ui.messageLabel.text
    print(f"segmented in {time.perf_counter() - start:.1f} s")
    clock.stop()
    gc.callbacks.remove(on_collection)
    return gaps, work, collected


def _live(app: QApplication, seconds: float = 0.3) -> None:
    """Process events for some seconds."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        app.processEvents()
        time.sleep(0.001)


def _watch(panel: object) -> dict[str, list[float]]:
    """Return lists that receive the CPU seconds of each call of the panel's periodic work."""
    watched: dict[str, list[float]] = defaultdict(list)
    owners = [(panel, "refresh"), (panel._session, "poll"), (panel, "_follow_views")]
    owners += [(step, "refresh") for step in panel._steps]
    for owner, name in owners:
        key = name if owner in (panel, panel._session) else type(owner).__name__
        setattr(owner, name, _timed(getattr(owner, name), watched[key]))
    return watched


def _timed(function: object, times: list[float]) -> object:
    def call(*values: object) -> object:
        start = time.thread_time()
        try:
            return function(*values)
        finally:
            times.append(time.thread_time() - start)

    return call


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:5])) or (30, 12, 256, 256))
