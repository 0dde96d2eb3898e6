"""Measure how long the window does not respond while a heart is segmented in the background.

    python Testing/benchmarks/bench_widget.py [phases slices rows columns]

Prints the duration of each part of the panel's timer and the delay of events; other load on the machine adds to both.
"""

from __future__ import annotations

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
        gaps = _run(app, ui, session)
        for name, times in watched.items():
            print(f"{name:14} {len(times):6} times, longest {1000 * max(times):6.1f} ms of work")
        print(f"between two events: median {np.median(gaps):.1f} ms, 99 % {np.percentile(gaps, 99):.1f} ms, "
              f"longest {max(gaps):.1f} ms")  # fmt: skip
        widget.cleanup()
    patch.undo()


def _run(app: QApplication, ui: object, session: object) -> list[float]:
    """Return the milliseconds between ticks of a timer of 5 ms, from the click to the result."""
    gaps, last = [], [time.perf_counter()]

    def tick() -> None:
        now = time.perf_counter()
        gaps.append(1000 * (now - last[0]))
        last[0] = now

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
    return gaps


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
