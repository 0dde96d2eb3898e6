"""All steps together: which one is open, what comes next, and the clock that drives the work in the background."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import qt

from MedVOSSegmentLib.device import Device, DeviceProbe
from MedVOSSegmentLib.scene.cine_nodes import cine_sequence
from MedVOSSegmentLib.session.step import Step
from MedVOSSegmentWidgets import views
from MedVOSSegmentWidgets.cine_step import CineStep
from MedVOSSegmentWidgets.editor import Editor
from MedVOSSegmentWidgets.export_step import ExportStep
from MedVOSSegmentWidgets.guide import next_thing
from MedVOSSegmentWidgets.measure_step import MeasureStep
from MedVOSSegmentWidgets.messages import say, tells
from MedVOSSegmentWidgets.obstruction_step import ObstructionStep
from MedVOSSegmentWidgets.propagate_step import PropagateStep
from MedVOSSegmentWidgets.review_step import ReviewStep
from MedVOSSegmentWidgets.seed_step import SeedStep

TICK_MS = 50
# The session's threads get the interpreter only while this one waits.
YIELD_S = 0.001


class Panel:
    """Shows a session, and turns what the user does into calls of it."""

    def __init__(self, ui: Any, logic: Any, choose: Callable[[Any], None]) -> None:
        self._ui, self._session, self._choose = ui, logic.session, choose
        session, prepare = logic.session, self._prepare
        self._logic = logic
        self._editor = Editor(ui.segmentEditor)
        self._seed = SeedStep(ui, session)
        self._propagate = PropagateStep(ui, session, prepare)
        self._review = ReviewStep(ui, session, prepare)
        self._obstruction = ObstructionStep(ui, session, prepare, lambda: self._propagate.wanted)
        self._steps = (
            CineStep(ui, session, logic, choose),
            self._seed,
            self._propagate,
            self._review,
            MeasureStep(ui, session),
            self._obstruction,
            ExportStep(ui, session, prepare),
        )
        self._buttons = {
            Step.SEED: ui.seedStep,
            Step.PROPAGATE: ui.propagateStep,
            Step.REVIEW: ui.reviewStep,
            Step.MEASURE: ui.measureStep,
            Step.EXPORT: ui.exportStep,
        }
        self._opened: Step | None = None
        self._wants_uncertainty = True
        self._overlay: Any = None
        self._looked_at: tuple[Any, ...] = ()
        self._is_stale = True
        self._is_entered = self._is_ticking = False
        ui.undoButton.connect("clicked()", self.on_undo)
        ui.redoButton.connect("clicked()", self.on_redo)
        ui.chanceCheckBox.connect("toggled(bool)", self._invalidate)
        self._disconnect = [
            session.changed.connect(self._invalidate),
            session.moved.connect(self._go_to),
            session.message.connect(self._tell),
            session.logged.connect(self._propagate.log),
        ]
        self._probe: DeviceProbe | None = DeviceProbe(logic.python())
        self._clock = qt.QTimer()
        self._clock.setInterval(TICK_MS)
        self._clock.connect("timeout()", self.on_tick)
        self._clock.start()

    # Called by the module

    def enter(self) -> None:
        """The module is on the screen."""
        self._is_entered = True
        self._editor.start()
        self._invalidate()

    def leave(self) -> None:
        """It is not any more; a running job goes on."""
        if self._is_entered:
            self._is_entered = False
            self._editor.stop()

    def close(self) -> None:
        """The end of the module: nothing keeps running and nothing keeps pointing here."""
        self.leave()
        self._clock.stop()
        for disconnect in self._disconnect:
            disconnect()
        if self._probe is not None:
            self._probe.close()
            self._probe = None
        self._session.close()

    @tells
    def show(self, browser: Any) -> None:
        """Work on this cine; None for no cine."""
        session = self._session
        if browser is session.browser:
            return
        if browser is None:
            session.close()
        else:
            try:
                session.open_cine(browser)
            except Exception:
                # What is selected must be what is open.
                self._choose(session.browser)
                raise
            views.show_cine(browser.GetProxyNode(cine_sequence(browser)), session.cine.affine)
        self._opened = None
        self._tell("")
        self.refresh()

    def use(self, device: str, uncertainty: bool) -> None:
        """The choices of the scene's parameter node."""
        self._propagate.wanted, self._wants_uncertainty = device, uncertainty
        self._invalidate()

    # What the user does

    @tells
    def on_undo(self) -> None:
        self._session.undo()

    @tells
    def on_redo(self) -> None:
        self._session.redo()

    # What the clock does

    def on_tick(self) -> None:
        # While a dialog of an earlier tick waits for its answer, the clock goes on.
        if not self._is_ticking:
            self._is_ticking = True
            try:
                self._tick()
            finally:
                self._is_ticking = False

    @tells
    def _tick(self) -> None:
        time.sleep(YIELD_S)
        self._session.poll()
        self._review.surfaces.step(self._session.heart if self._session.progress is None else None)
        self._ask_for_device()
        self._look()
        if self._is_stale and self._is_entered:
            self.refresh()

    def refresh(self) -> None:
        """Show what the session says now."""
        self._is_stale = False
        session, ui = self._session, self._ui
        for step in self._steps:
            step.refresh()
        self._seed.refresh_place()
        ui.undoButton.enabled, ui.redoButton.enabled = session.can_undo, session.can_redo
        ui.guideLabel.text = next_thing(session)
        if session.progress is not None:
            self._tell("")
        heart = session.heart
        self._editor.edit(*((heart.segmentation, heart.volume) if heart is not None else (None, None)))
        unsure = heart.uncertainty_volume if heart is not None and self._wants_uncertainty else None
        self._lay_over(self._obstruction.volume() or unsure)
        self._open(session.step if session.cine is not None else None)

    def _invalidate(self, _value: Any = None) -> None:
        """Many changes come at once; they are shown together at the next tick."""
        self._is_stale = True

    def _tell(self, text: str) -> None:
        """What happened in the background is told beside the work, not in its way."""
        say(self._ui.messageLabel, text)

    def _go_to(self, place: tuple[int, int, tuple[float, float, float]]) -> None:
        """Whoever goes on has read what was told."""
        views.go_to(place[2])
        self._tell("")

    def _prepare(self) -> None:
        """Install what is missing, after asking; with PyTorch there may be another device."""
        self._logic.installRequirements()
        if self._probe is None and self._propagate.device == Device(None):
            self._probe = DeviceProbe(self._logic.python())

    def _ask_for_device(self) -> None:
        if self._probe is None:
            return
        self._propagate.device = self._probe.poll()
        if self._propagate.device is not None:
            self._probe = None
            self._invalidate()

    def _look(self) -> None:
        """Follow the user who scrolls through slices or plays the phases."""
        session = self._session
        if session.cine is None or not self._is_entered:
            return
        point = views.shown()
        looked_at = (point, session.browser.GetSelectedItemNumber())
        if looked_at == self._looked_at:
            return
        self._looked_at = looked_at
        if point is not None:
            session.look_at(point)
        self._seed.refresh_place()
        self._review.refresh_place()

    def _lay_over(self, volume: Any) -> None:
        if volume is not self._overlay:
            self._overlay = volume
            views.show_uncertainty(volume)

    def _open(self, step: Step | None) -> None:
        """Open the step that the user has come to; where they opened others themselves, these stay."""
        if step is self._opened and step is not None:
            return
        self._opened = step
        self._ui.cineStep.collapsed = step is not None
        for each, button in self._buttons.items():
            button.collapsed = each is not step
