"""One patient from the first click to the export, with an image at every stop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from widget import patient

from medvos.structures import STRUCTURES
from MedVOSSegmentLib.scene.surfaces import SURFACE
from tutorial.compose import RgbImage, below, beside, captioned
from tutorial.desktop import Desktop
from tutorial.plot import plot

# From side to side of an image of one view.
SLICE_MM, SURFACE_MM = 130.0, 140.0
SMALLEST_SIDE, SURFACE_SIDE = 480, 360
# How far the propagation is when its image is taken.
HALFWAY = 0.45

Stop = Iterator[tuple[str, RgbImage]]


def tour(desktop: Desktop, folder: Path) -> Stop:
    """Drive the panel and yield a name and an image at every stop; exports are written into `folder`."""
    desktop.dialogs.folder = str(folder)
    for stop in (cine, seed, propagation, review, correction, heartbeat, measures, exports):
        yield from stop(desktop)


def cine(desktop: Desktop) -> Stop:
    """Show where to open a cine, and open one."""
    yield "cine", desktop.panel()
    desktop.click(desktop.ui.sampleButton)


def seed(desktop: Desktop) -> Stop:
    """Draw the synthetic patient's exact labels on one slice."""
    desktop.click(desktop.ui.findPlaceButton)
    draw(desktop)
    yield "seed", with_slice(desktop)


def propagation(desktop: Desktop) -> Stop:
    """Propagate, and show the panel halfway, with the finished slices in the views."""
    session = desktop.session
    phase, z = session.place
    desktop.click(desktop.ui.propagateButton)
    desktop.wait(lambda: session.progress.done > HALFWAY * session.progress.total > 0)
    session.go_to((phase + session.cine.shape[0] // 3) % session.cine.shape[0], z)
    desktop.pass_time()
    yield "propagate", with_slice(desktop)
    desktop.wait(lambda: not session.busy)


def review(desktop: Desktop) -> Stop:
    """Show the worst slice with its uncertainty."""
    desktop.click(desktop.ui.nextButton)
    yield "review", with_slice(desktop)


def correction(desktop: Desktop) -> Stop:
    """Draw the worst slice again, and propagate the correction."""
    session, ui = desktop.session, desktop.ui
    for structure in STRUCTURES:
        patient.erase(session, structure.name)
    draw(desktop)
    yield "correct", with_slice(desktop)
    desktop.click(ui.correctButton)
    desktop.wait(lambda: not session.busy)


def heartbeat(desktop: Desktop) -> Stop:
    """Show surfaces from ED to ES and back, and all views together."""
    session, heart = desktop.session, desktop.session.nodes
    z = session.cine.shape[1] // 2
    desktop.click(desktop.ui.surfaceButton)
    phases = session.cine.shape[0]
    desktop.wait(lambda: all(has_surface(heart, phase) for phase in range(phases)))
    named = session.measurement.phases()
    ed, es = named["ED"], named["ES"]
    look_at_heart(desktop)
    desktop.surfaces.resize(SURFACE_SIDE, SURFACE_SIDE)
    strip = []
    for phase, name in ((ed, "ED"), (between(ed, es, phases), ""), (es, "ES"), (between(es, ed, phases), "")):
        session.go_to(phase, z)
        strip.append(captioned(desktop.surfaces.image(), f"{name} {session.cine.times[phase]:.0f} ms".strip()))
    yield "heartbeat", beside(*strip)
    session.go_to(es, z)
    desktop.pass_time()
    yield "panel", window(desktop)


def measures(desktop: Desktop) -> Stop:
    """Show the measures, and the volumes over the beat."""
    opened(desktop, desktop.ui.measureStep)
    desktop.click(desktop.ui.curveButton)
    yield "measure", beside(desktop.panel(), plot(desktop.session.measurement.chart, 720, 480))


def exports(desktop: Desktop) -> Stop:
    """Export everything into one folder."""
    opened(desktop, desktop.ui.exportStep)
    buttons = [button for button in desktop.ui.exportButtons.children() if hasattr(button, "click")]
    desktop.click(buttons[0])
    desktop.wait(lambda: not desktop.ui.busyBox.visible)
    yield "export", desktop.panel()


def draw(desktop: Desktop) -> None:
    """Draw the exact labels on the slice in view."""
    patient.draw(desktop.session, desktop.patient.labels)
    desktop.pass_time()


def opened(desktop: Desktop, step: Any) -> None:
    """Open one step of the panel and close the one that was open, as by clicks on their bars."""
    desktop.ui.reviewStep.collapsed = desktop.ui.measureStep.collapsed = True
    step.collapsed = False
    desktop.pass_time()


def with_slice(desktop: Desktop) -> RgbImage:
    """Return the panel beside the scanned slice, zoomed in on the heart."""
    panel, view = desktop.panel(), desktop.slices["Red"]
    side = max(panel.shape[0], SMALLEST_SIDE)
    view.resize(side, side)
    view.zoom(SLICE_MM)
    view.node.JumpSliceByCentering(*middle(desktop, desktop.session.place[1]))
    return beside(panel, view.image())


def window(desktop: Desktop) -> RgbImage:
    """Return the panel beside Slicer's default four views."""
    panel = desktop.panel()
    side = (panel.shape[0] - 4) // 2
    at = middle(desktop, desktop.session.place[1])
    for view in desktop.slices.values():
        view.resize(side, side)
        view.zoom(SLICE_MM)
        view.node.JumpSliceByCentering(*at)
    desktop.surfaces.resize(side, side)
    red, green, yellow = (view.image() for view in desktop.slices.values())
    views = below(beside(red, desktop.surfaces.image(), gap=4), beside(green, yellow, gap=4), gap=4)
    return beside(panel, views)


def look_at_heart(desktop: Desktop) -> None:
    """Turn the 3D view: from the patient's left, front and above."""
    middle_slice = desktop.session.cine.shape[1] // 2
    desktop.surfaces.look(middle(desktop, middle_slice), np.array([0.55, -0.8, -0.25]), np.array([0, 0, 1]), SURFACE_MM)


def middle(desktop: Desktop, z: int) -> Any:
    """Return RAS in mm of the middle of all labels, in a slice."""
    cine, labels = desktop.session.cine, desktop.session.nodes.labels()
    _, _, y, x = np.argwhere(labels).mean(axis=0)
    return (cine.affine @ (x, y, z, 1))[:3]


def between(first: int, last: int, phases: int) -> int:
    """Return the phase halfway from one to another, round the beat."""
    return (first + (last - first) % phases // 2) % phases


def has_surface(heart: Any, phase: int) -> bool:
    return heart.sequence.GetNthDataNode(phase).GetSegmentation().ContainsRepresentation(SURFACE)
