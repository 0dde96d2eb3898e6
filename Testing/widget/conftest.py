"""The module as Slicer would open it: the real shell, `.ui`, scene, session and second process."""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

# ruff: noqa: E402 (Qt and VTK read their environment when they are imported)
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
pytest.importorskip("PySide6")
slicer = pytest.importorskip("slicer")

from PySide6.QtWidgets import QApplication
from scene.session_fakes import FakeRunner, finished
from widget import patient
from widget.standins import application, pythonqt
from widget.standins.main_window import MainWindow

from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.device_probe import FoundDevice
from MedVOSSegmentLib.job.runner import Runner
from MedVOSSegmentLib.scene.logics import Logics

SHELL = ("MedVOSSegment", "MedVOSSegmentWidgets")
# Where the clock does not tick, while a scene is imported and when the panel is gone.
LONGEST_TICKS_S = 0.15


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "real_device: asks the second process what it would compute on")


@dataclass
class Desktop:
    """What a test may look at and do: the module, the panel's widgets, the dialogs, and time that passes.

    `ticks` are the times at which the panel's clock has ticked.
    """

    module: ModuleType
    widget: Any
    dialogs: application.Dialogs
    logics: Logics
    window: MainWindow
    ticks: list[float]

    @property
    def ui(self) -> Any:
        return self.widget.ui

    @property
    def session(self) -> Any:
        return self.widget.logic.session

    def wait(self, until: Callable[[], bool], seconds: float = 120) -> None:
        """Let the window live until something has happened; fails where it does not."""
        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, ("it did not happen in time", self.dialogs.messages, self.session.log)
            self.pass_time(0.02)

    def pass_time(self, seconds: float | None = None) -> None:
        """Two ticks of the panel's clock where no time is given, so that what changed is shown."""
        end = time.monotonic() + (LONGEST_TICKS_S if seconds is None else seconds)
        enough = len(self.ticks) + 2
        while time.monotonic() < end and (seconds is not None or len(self.ticks) < enough):
            QApplication.processEvents()
            time.sleep(0.005)
        QApplication.processEvents()

    def click(self, button: Any) -> None:
        """As a user does, who cannot click what is grey."""
        assert button.enabled, f"{button.name} is not enabled"
        button.click()
        self.pass_time()


@pytest.fixture(scope="session")
def qt_application() -> QApplication:
    return QApplication.instance() or QApplication([])


@pytest.fixture(autouse=True)
def quick_jobs(forked_commands: None) -> None:
    """Jobs find their libraries imported."""


@pytest.fixture
def logics(tmp_path: Path) -> Logics:
    return Logics.standalone(tmp_path / "home")


@pytest.fixture
def dialogs(qt_application: QApplication, logics: Logics, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    pythonqt.failures.clear()
    dialogs = application.install(monkeypatch, logics)
    yield dialogs
    for name in [name for name in sys.modules if name.partition(".")[0] in SHELL]:
        del sys.modules[name]
    assert not pythonqt.failures, pythonqt.failures
    assert not [text for text in dialogs.messages if "Unexpected error" in text]


@pytest.fixture
def known_device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking a second process costs seconds; only tests marked ``real_device`` do it."""
    if request.node.get_closest_marker("real_device") is None:
        probe = SimpleNamespace(poll=lambda: FoundDevice("cpu"), close=lambda: None)
        monkeypatch.setattr("MedVOSSegmentLib.device_probe.DeviceProbe", lambda python: probe)


@pytest.fixture
def ticks(dialogs: application.Dialogs, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The times at which the panel's clock has ticked."""
    times: list[float] = []
    clock = importlib.import_module("MedVOSSegmentWidgets.clock").Clock
    on_timeout = clock.on_timeout

    def noted(self: Any) -> None:
        on_timeout(self)
        times.append(time.monotonic())

    monkeypatch.setattr(clock, "on_timeout", noted)
    return times


@pytest.fixture
def desktop(dialogs: application.Dialogs, logics: Logics, known_device: None, ticks: list[float]) -> Iterator[Desktop]:
    """The module, entered for the first time."""
    for name in ("Red", "Green", "Yellow"):
        view = slicer.vtkMRMLSliceNode()
        view.SetName(name)
        view.SetLayoutName(name)
        logics.scene.AddNode(view)
    module = importlib.import_module("MedVOSSegment")
    parent = application.module_parent()
    widget = module.MedVOSSegmentWidget(parent)
    widget.setup()
    parent.setEntered(True)
    widget.enter()
    window = pythonqt.unwrap(slicer.util.mainWindow())
    window.host(parent)
    window.resize(1280, 1000)
    window.show()
    made = Desktop(module, widget, dialogs, logics, window, ticks)
    made.pass_time()
    yield made
    widget.cleanup()
    made.pass_time()
    window.close()


@pytest.fixture(scope="session")
def small_heart() -> SyntheticHeart:
    return patient.heart()


@pytest.fixture(scope="session")
def other_heart() -> SyntheticHeart:
    return patient.other_heart()


@pytest.fixture
def small_patient(desktop: Desktop, small_heart: SyntheticHeart, monkeypatch: pytest.MonkeyPatch) -> SyntheticHeart:
    """The button makes a small heart, so that tests are quick."""
    monkeypatch.setattr("medvos.synth.heart.synthetic_heart", lambda *more, **shape: small_heart)
    return small_heart


@pytest.fixture
def opened(desktop: Desktop, small_patient: SyntheticHeart) -> Desktop:
    """The small patient is open, its segments are made, and the best slice is shown."""
    desktop.click(desktop.ui.sampleButton)
    desktop.click(desktop.ui.findPlaceButton)
    return desktop


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> FakeRunner:
    """Stands in for the second process of segmentations; exports are written by a real one."""
    fake, start = FakeRunner(), Runner.start

    def begin(self: Runner, task: Any) -> Any:
        return start(self, task) if task.is_final else fake.start(task)

    monkeypatch.setattr(Runner, "start", begin)
    return fake


@pytest.fixture
def faked(opened: Desktop, small_patient: SyntheticHeart, started: FakeRunner) -> Desktop:
    """The small patient is drawn, and segmented by a stand-in for the second process."""
    patient.draw(opened.session, small_patient.labels)
    opened.pass_time()
    opened.click(opened.ui.propagateButton)
    started.job.events.append(finished(opened.session.cine, small_patient.labels))
    opened.wait(lambda: not opened.session.busy)
    opened.pass_time()
    return opened
