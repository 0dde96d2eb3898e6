"""The module on a scene with views: the real shell, `.ui`, session and second process, without Slicer's window."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QFont, QImage
from PySide6.QtWidgets import QApplication
from widget.standins import application
from widget.standins.pythonqt import unwrap

from medvos.synth.heart import SyntheticHeart, synthetic_heart
from MedVOSSegmentLib.scene.logics import Logics
from tutorial.views import SliceView, SurfaceView

PANEL_WIDTH = 460
PATIENCE_S = 900.0


class Desktop:
    """The panel, three slice views and a 3D view, driven as a user does.

    Attributes
    ----------
    widget: the module's widget. ui, session: its widgets by name, and what the user is doing.
    slices: the slice views Red, Green and Yellow. surfaces: the 3D view. dialogs: what they answer.
    patient: the synthetic patient that the panel's button made, with its exact answer.
    """

    def __init__(self, home: Path) -> None:
        self._app = QApplication.instance() or QApplication([])
        self._app.setStyle("Fusion")
        self._app.setFont(QFont("Liberation Sans", 10))
        self._patch = pytest.MonkeyPatch()
        self.logics = Logics.standalone(home)
        self.dialogs = application.install(self._patch, self.logics)
        self.patient: SyntheticHeart | None = None
        self._patch.setattr("medvos.synth.heart.synthetic_heart", self._make_patient)
        planes = {"Red": "Axial", "Green": "Coronal", "Yellow": "Sagittal"}
        self.slices = {name: SliceView(self.logics, name, plane) for name, plane in planes.items()}
        self.surfaces = SurfaceView(self.logics)
        self._parent = application.module_parent()
        self.widget = importlib.import_module("MedVOSSegment").MedVOSSegmentWidget(self._parent)
        self.widget.setup()
        self._parent.setEntered(True)
        self.widget.enter()
        self._parent.show()
        self.ui, self.session = self.widget.ui, self.widget.logic.session
        self.wait(lambda: "Looking" not in self.ui.deviceLabel.text)

    def close(self) -> None:
        """End the module and its jobs."""
        self.widget.cleanup()
        self.pass_time()
        self._parent.close()
        self._patch.undo()

    def click(self, button: Any) -> None:
        """Click an enabled button, as a user does."""
        if not button.enabled:
            raise RuntimeError(f"{button.name} is not enabled")
        button.click()
        self.pass_time()
        if self.dialogs.messages:
            raise RuntimeError(self.dialogs.messages[-1])

    def wait(self, until: Callable[[], bool]) -> None:
        """Process events until a condition holds."""
        end = time.monotonic() + PATIENCE_S
        while not until():
            if time.monotonic() > end:
                raise TimeoutError("It did not happen in time.")
            self.pass_time(0.02)
        self.pass_time()

    def pass_time(self, seconds: float = 0.2) -> None:
        """Process events for longer than a tick of the panel's timer, so that changes are shown."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._app.processEvents()
            time.sleep(0.005)

    def panel(self) -> NDArray[np.uint8]:
        """Return an image (Y, X, 3) of the panel at the height of its contents."""
        parent = unwrap(self._parent)
        parent.resize(PANEL_WIDTH, 10)
        for _ in range(2):  # the height of wrapped labels is known after their width
            self.pass_time(0.05)
            parent.resize(PANEL_WIDTH, parent.layout().heightForWidth(PANEL_WIDTH))
        self.pass_time(0.1)
        return _array(parent.grab().toImage())

    def _make_patient(self, *values: Any, **options: Any) -> SyntheticHeart:
        self.patient = synthetic_heart(*values, **options)
        return self.patient


def _array(image: QImage) -> NDArray[np.uint8]:
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    height, width = image.height(), image.width()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    return rows[:, : 4 * width].reshape(height, width, 4)[:, :, :3].copy()
