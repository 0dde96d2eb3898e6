"""The panel: all steps, the open one, the next action, and the polls of the session."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import slicer
from slicer.i18n import tr as _

from MedVOSSegmentLib.scene.cine_nodes import cine_sequence
from MedVOSSegmentLib.session.session import Session
from MedVOSSegmentWidgets import shortcuts, views
from MedVOSSegmentWidgets.busy import Busy
from MedVOSSegmentWidgets.cine_step import CineStep
from MedVOSSegmentWidgets.clip_layout import ClipLayout
from MedVOSSegmentWidgets.clock import Clock
from MedVOSSegmentWidgets.device_watch import DeviceWatch
from MedVOSSegmentWidgets.dicom_database import add_to_database
from MedVOSSegmentWidgets.editor import Editor
from MedVOSSegmentWidgets.export_step import ExportStep
from MedVOSSegmentWidgets.measure_step import MeasureStep
from MedVOSSegmentWidgets.messages import Standing, shows_errors
from MedVOSSegmentWidgets.next_action import next_action
from MedVOSSegmentWidgets.obstruction_step import ObstructionStep
from MedVOSSegmentWidgets.offers import Offers
from MedVOSSegmentWidgets.patient_facts import PatientFacts
from MedVOSSegmentWidgets.player import Player
from MedVOSSegmentWidgets.propagate_step import PropagateStep
from MedVOSSegmentWidgets.quit_guard import QuitGuard
from MedVOSSegmentWidgets.review_step import ReviewStep
from MedVOSSegmentWidgets.seed_step import SeedStep
from MedVOSSegmentWidgets.shortcuts import Shortcuts
from MedVOSSegmentWidgets.slice_tools import SliceTools
from MedVOSSegmentWidgets.step_opener import StepOpener
from MedVOSSegmentWidgets.tools import Tools

YIELD_S = 0.001
# A poll longer than this leaves the refresh to a tick of its own.
LONG_S = 0.03


class Panel:
    """Shows a session, and turns the user's actions into calls of its logics.

    Attributes
    ----------
    offers: sequence browsers that came into the scene and are not looked at yet.
    was_lost: the cine was closed because one of its nodes was deleted, and none was chosen since.
    """

    def __init__(self, ui: Any, logic: Any, choose: Callable[[Any], None]) -> None:
        session: Session = logic.session
        prepare = self._prepare
        self._ui, self._session, self._choose, self._logic = ui, session, choose, logic
        self._busy = Busy(ui)
        self._message = Standing(ui.messageLabel, lambda: session.last_change)
        self._editor = Editor(ui.segmentEditor)
        self._player = Player(ui, session.review)
        self._tools = Tools(ui)
        self._layout = ClipLayout()
        self._seed = SeedStep(ui, session.seed, prepare)
        self._propagate = PropagateStep(ui, session.propagation, prepare, lambda: session.models)
        self._review = ReviewStep(ui, session.review, prepare)
        self._obstruction = ObstructionStep(ui, session.obstruction, prepare, lambda: self._propagate.wanted)
        self._measure = MeasureStep(ui, session.measurement)
        self._export = ExportStep(ui, session.export, prepare, add_to_database, self._busy)
        self._steps = (
            CineStep(ui, session.cines, logic, choose, self._busy),
            self._seed,
            SliceTools(ui, session.slices),
            self._propagate,
            self._review,
            self._measure,
            PatientFacts(ui, session.subject),
            self._obstruction,
            self._export,
            self._player,
        )
        self._opener = StepOpener(ui)
        # The browser that the panel shows; the session may have lost it meanwhile.
        self._browser: Any = None
        self._wants_uncertainty = True
        self._looked_at: tuple[Any, ...] = ()
        self.offers = Offers()
        self.was_lost, self._is_stale = False, True
        self._is_entered = self._has_lost = self._is_late = False
        ui.undoButton.connect("clicked()", self.on_undo)
        ui.redoButton.connect("clicked()", self.on_redo)
        ui.cancelButton.connect("clicked()", self.on_cancel)
        ui.probabilityCheckBox.connect("toggled(bool)", self._invalidate)
        self._disconnect = [
            session.changed.connect(self._invalidate),
            session.moved.connect(self._move_views),
            session.lost.connect(self._lose),
            session.message.connect(self._message.say),
            session.logged.connect(self._propagate.log),
        ]
        self._shortcuts = Shortcuts(
            {
                **dict.fromkeys(shortcuts.UNDO, self.on_undo),
                **dict.fromkeys(shortcuts.REDO, self.on_redo),
                shortcuts.NEXT: self._review.on_next,
                shortcuts.PREVIOUS: self._review.on_previous,
                shortcuts.ACCEPT: self._review.on_accept_key,
                shortcuts.ED: self._player.on_ed,
                shortcuts.ES: self._player.on_es,
                shortcuts.PLAY: self._player.on_play,
            }
        )
        self._device = DeviceWatch(logic.python())
        self._clock = Clock(self._tick)
        self._guard = QuitGuard(lambda: session.progress is not None or self._export.is_writing)

    # Called by the module

    def enter(self) -> None:
        """Start editing; call it when the module is entered."""
        self._is_entered = True
        self._editor.start()
        self._shortcuts.install()
        if self._session.browser is not None:
            views.show_in_toolbar(self._session.browser)
        self._invalidate()

    def leave(self) -> None:
        """Stop editing; call it when the module is left. A running job continues."""
        if self._is_entered:
            self._is_entered = False
            self._shortcuts.remove()
            self._editor.stop()

    def close(self) -> None:
        """End all jobs and observations of the module."""
        self.leave()
        self._clock.stop()
        self._guard.remove()
        for disconnect in self._disconnect:
            disconnect()
        self._device.close()
        self._export.close()
        self._layout.show(is_clip=False)
        self._session.close()

    @shows_errors
    def show(self, browser: Any) -> None:
        """Open the cine in ``browser``; None closes the open one. Both are refused while a job is running."""
        session = self._session
        if browser is session.browser and browser is self._browser:
            return
        if browser is not None or session.browser is not None:  # else it has been said why
            self._message.clear()
        try:
            self._open(browser)
        except Exception:
            # The selected cine must be the open one.
            self._choose(session.browser)
            raise
        if browser is not None:
            self.was_lost = False
            if session.cine is not None:
                views.show_cine(browser.GetProxyNode(cine_sequence(browser)), session.cine.affine)
        self._browser = session.browser
        self._export.forget()
        views.swap_chart(session.measurement.chart)
        self._player.show(session.browser, session.cine)
        self._layout.show(is_clip=session.is_clip)
        self._opener.forget()
        self._looked_at = ()  # the new cine may open at the very view of the one before
        (self._invalidate if self._clock.is_ticking else self.refresh)()

    def use(self, device: str, uncertainty: bool) -> None:
        """Take over the choices of the scene's parameter node."""
        self._propagate.wanted, self._wants_uncertainty = device, uncertainty
        self._invalidate()

    # Slots of the user's actions

    @shows_errors
    def on_undo(self) -> None:
        if self._session.can_undo:
            self._session.undo()

    @shows_errors
    def on_redo(self) -> None:
        if self._session.can_redo:
            self._session.redo()

    @shows_errors
    def on_cancel(self) -> None:
        (self._busy.cancel if self._session.progress is None else self._session.cancel)()

    # Called by the clock

    def _tick(self) -> None:
        if self._has_lost:
            self._has_lost = False
            self._choose(None)
        if self._is_entered and self._take_offers():
            return  # reading a whole cine is enough for one tick
        if self._is_late:
            return self.refresh()
        time.sleep(YIELD_S)  # the session's threads get the interpreter only while this one waits
        begun = time.monotonic()
        try:
            self._session.poll()
        finally:
            self._follow(begun)

    def _follow(self, begun: float) -> None:
        """Show what has come about since ``begun`` (`time.monotonic`), also where a poll has failed."""
        self._propagate.poll()
        self._review.surfaces.step(self._session.nodes if self._session.progress is None else None)
        if self._device.poll():
            self._propagate.device = self._device.found
            self._invalidate()
        self._export.poll()
        self._follow_views()
        self._review.follow_theme()
        self._measure.fit()
        self._opener.scroll()
        if self._is_stale and self._is_entered:
            # Together they would keep the window waiting.
            self._is_late = time.monotonic() - begun > LONG_S
            if not self._is_late:
                self.refresh()

    def refresh(self) -> None:
        """Show the current state of the session."""
        self._is_stale = self._is_late = False
        session, ui = self._session, self._ui
        for step in self._steps:
            step.refresh()
        self._seed.refresh_place(session.place, session.is_clip)
        ui.undoButton.enabled, ui.redoButton.enabled = session.can_undo, session.can_redo
        ui.guideLabel.text = next_action(session)
        self._message.refresh()
        if session.progress is not None:
            self._message.clear()
        nodes = session.nodes
        self._editor.edit(*((nodes.segmentation, nodes.volume) if nodes is not None else (None, None)))
        if session.heart is not None:
            session.heart.outlines.show_uncertainty(self._wants_uncertainty)
        self._busy.show(session.progress)
        self._opener.show(session.step if session.cine is not None else None, is_busy=session.progress is not None)

    def _open(self, browser: Any) -> None:
        cines = self._session.cines
        if browser is not None:
            cines.open(browser)
        else:
            if not slicer.mrmlScene.IsClosing():
                cines.require_idle()
            cines.leave()

    def _invalidate(self, _value: Any = None) -> None:
        """Request a refresh at the next tick, since many changes come at once."""
        self._is_stale = True

    def _lose(self, _value: None) -> None:
        """Remember that nodes of the cine are being deleted, during which the scene must not be changed."""
        self.was_lost = self._has_lost = True

    def _take_offers(self) -> bool:
        """Open a cine that was loaded while none is open, and return whether one was; tell of it while another is."""
        # Beside the progress of a job, the message would be lost.
        new = [] if self._session.progress is not None else self.offers.take(self._session.browser)
        if new and self._session.browser is not None:
            self._message.say(_("Another cine was loaded: choose it in step 1 to open it."))
        elif len(new) == 1:
            self._choose(new[0])
            return True
        return False

    def _move_views(self, place: tuple[int, int, tuple[float, float, float]]) -> None:
        """Move the views, and clear the message: the user has gone on."""
        views.go_to(place[2])
        self._message.clear()

    def _prepare(self, also: Sequence[str] = ()) -> None:
        """Install missing packages, and ``also`` these, with the user's consent; PyTorch may bring another device."""
        self._logic.installRequirements(also)
        self._device.look_again()

    def _follow_views(self) -> None:
        """Follow the views when the user scrolls through slices or plays the phases."""
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
        self._seed.refresh_place(session.place, session.is_clip)
        self._review.refresh_place()
