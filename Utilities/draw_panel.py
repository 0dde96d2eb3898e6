"""Draw the panel in Slicer's widths, fonts and themes, with one and with all steps open, and list what is cut off.

    python Utilities/draw_panel.py FOLDER

Each image is named after the width in pixels, the font in %, the theme and the open steps. It takes a minute and needs
the extras `slicer` and `test` of the project. Exit 1 where something is cut off or covered.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / name) for name in ("MedVOSSegment", "Testing", "Utilities")]
# Qt and VTK read these when they are imported.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
# ruff: noqa: E402
import pytest
import slicer
import slicer.util
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication
from scene.session_fakes import FakeRunner, finished
from widget import patient
from widget.layout_faults import faults
from widget.standins import application
from widget.standins.pythonqt import unwrap

from MedVOSSegmentLib.job.runner import Runner
from MedVOSSegmentLib.scene.logics import Logics

WIDTHS, FONTS, THEMES = (350, 450, 600), (100, 150), ("light", "dark")
STEPS = ("cineStep", "seedStep", "propagateStep", "reviewStep", "measureStep", "exportStep")
POINTS = 10
TALL = 3600
LAYOUT_S = 5.0
DARK = {
    QPalette.ColorRole.Window: "#323232",
    QPalette.ColorRole.WindowText: "#f0f0f0",
    QPalette.ColorRole.Base: "#1e1e1e",
    QPalette.ColorRole.Text: "#f0f0f0",
    QPalette.ColorRole.Button: "#3c3c3c",
    QPalette.ColorRole.ButtonText: "#f0f0f0",
}


def main(folder: Path) -> int:
    """Draw the images into ``folder`` and return the number of faults."""
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication([])
    app.setStyle("Fusion")
    light = app.palette()
    count = 0
    for font in FONTS:
        app.setFont(QFont("Liberation Sans", POINTS * font // 100))
        with a_reviewed_heart() as ui:
            window = unwrap(slicer.util.mainWindow())
            for theme in THEMES:
                app.setPalette(dark() if theme == "dark" else light)
                for width in WIDTHS:
                    for name, steps in {**{step: (step,) for step in STEPS}, "all": STEPS}.items():
                        if name not in ("reviewStep", "all") and (theme, width) != ("light", WIDTHS[0]):
                            continue
                        panel = unwrap(ui.MedVOSSegment)
                        show(ui, window, width, steps)
                        found = lasting_faults(panel)
                        if panel.width() > window.area.viewport().width():
                            found.append(f"the panel is {panel.width()} wide")
                        title = f"{width}-{font}-{theme}-{name}"
                        print("\n".join([title, *(f"    {fault}" for fault in found)]))  # noqa: T201
                        count += len(found)
                        panel.grab().save(str(folder / f"{title}.png"))
            app.setPalette(light)
    return count


def show(ui: Any, window: Any, width: int, steps: tuple[str, ...]) -> None:
    """Open ``steps`` alone, in a panel of a width."""
    window.set_panel_width(width)
    window.resize(1280, 760 if len(steps) == 1 else TALL)
    for name in STEPS:
        getattr(ui, name).collapsed = name not in steps
    pass_time(0.3)


def lasting_faults(panel: Any) -> list[str]:
    """Return the faults that remain once the panel is laid out, which takes a busy machine longer."""
    end = time.monotonic() + LAYOUT_S
    while faults(panel) and time.monotonic() < end:
        pass_time(0.1)
    return faults(panel)


@contextmanager
def a_reviewed_heart() -> Iterator[Any]:
    """Open the module with a small heart that is segmented and corrected on one slice; yield its widgets."""
    patch, fake = pytest.MonkeyPatch(), FakeRunner()
    patch.setattr(Runner, "start", lambda _, task: fake.start(task))
    heart = patient.heart()
    patch.setattr("medvos.synth.heart.synthetic_heart", lambda *more, **shape: heart)
    with tempfile.TemporaryDirectory() as home:
        logics = Logics.standalone(Path(home))
        application.install(patch, logics)
        logics.scene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
        parent = application.module_parent()
        widget = importlib.import_module("MedVOSSegment").MedVOSSegmentWidget(parent)
        widget.setup()
        parent.setEntered(True)
        widget.enter()
        window = unwrap(slicer.util.mainWindow())
        window.host(parent)
        window.show()
        ui, session = widget.ui, widget.logic.session
        ui.sampleButton.click()
        ui.findPlaceButton.click()
        patient.draw(session, heart.labels)
        pass_time(0.3)
        ui.propagateButton.click()
        fake.job.events.append(finished(session.cine, heart.labels))
        while session.busy:
            pass_time(0.1)
        session.go_to(2, 2)
        patient.erase(session, "RV")
        pass_time(0.5)
        yield ui
        widget.cleanup()
        window.close()
        pass_time(0.1)
    patch.undo()
    for name in [name for name in sys.modules if name.partition(".")[0] in ("MedVOSSegment", "MedVOSSegmentWidgets")]:
        del sys.modules[name]


def dark() -> QPalette:
    """Return the colours of a dark theme."""
    palette = QPalette()
    for role, colour in DARK.items():
        palette.setColor(role, QColor(colour))
    return palette


def pass_time(seconds: float) -> None:
    """Let the window live for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    sys.exit(1 if main(Path(sys.argv[1])) else 0)
