"""A user's session: the steps from the first stroke to the export, one logic each, over one open cine."""

from __future__ import annotations

import time
from typing import Any

from medvos.cine.cine import Cine
from medvos.errors import InputError
from MedVOSSegmentLib.job.events import Advanced
from MedVOSSegmentLib.job.runner import JobStarter, Runner
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.cine_logic import CineLogic
from MedVOSSegmentLib.session.export_logic import ExportLogic
from MedVOSSegmentLib.session.heart_edit import PATIENCE_S
from MedVOSSegmentLib.session.history import Change
from MedVOSSegmentLib.session.measure_logic import MeasureLogic
from MedVOSSegmentLib.session.model_choice import OBSTRUCTION, UNDRAWN_STACK
from MedVOSSegmentLib.session.obstruction_logic import ObstructionLogic
from MedVOSSegmentLib.session.open_cine import Place
from MedVOSSegmentLib.session.open_heart import OpenHeart
from MedVOSSegmentLib.session.positions import Point
from MedVOSSegmentLib.session.propagate_logic import PropagateLogic
from MedVOSSegmentLib.session.review_logic import ReviewLogic
from MedVOSSegmentLib.session.seed_logic import SeedLogic
from MedVOSSegmentLib.session.slice_logic import SliceLogic
from MedVOSSegmentLib.session.step import Step, reachable
from MedVOSSegmentLib.session.subject_logic import SubjectLogic
from MedVOSSegmentLib.session.workspace import Workspace
from MedVOSSegmentLib.text import tr


class Session:
    """The logics of the steps, and their common parts: the current step, undo, and polling.

    An action that is impossible now raises InputError with a sentence; a later failure, in the background, comes as a
    `message`. While the session is `busy`, `poll` must be called every 50 ms or so; each call takes milliseconds.

    Parameters
    ----------
    runner, exporter: start the jobs of segmentations and of exports, which may run at the same time.

    Attributes
    ----------
    cines, seed, slices, propagation, review, measurement, subject, obstruction, export: the logic of each step.
    changed, message, moved, lost, logged: the signals of the `Workspace`.

    Example
    -------
    ::

        session = Session(logics, Runner())
        session.cines.open_path("dicom_folder")
        session.seed.propose()
        while session.busy:
            session.poll()
    """

    def __init__(self, logics: Logics, runner: JobStarter, exporter: JobStarter | None = None) -> None:
        space = self._workspace = Workspace(logics, runner)
        self.changed, self.message, self.moved = space.changed, space.message, space.moved
        self.lost, self.logged = space.lost, space.logged
        self.cines = CineLogic(space)
        self.seed = SeedLogic(space)
        self.slices = SliceLogic(space)
        self.propagation = PropagateLogic(space, self.seed)
        self.review = ReviewLogic(space, self.seed)
        self.measurement = MeasureLogic(space)
        self.subject = SubjectLogic(space)
        self.obstruction = ObstructionLogic(space)
        self.export = ExportLogic(space, exporter or Runner())

    # The open cine

    @property
    def browser(self) -> Any:
        """The sequence browser of the open cine, or None."""
        opened = self._workspace.opened
        return None if opened is None else opened.browser

    @property
    def cine(self) -> Cine | None:
        """The open cine, or None."""
        return self.cines.cine

    @property
    def is_clip(self) -> bool:
        """Whether an ultrasound clip or a video is open, which has frames in place of slices and phases."""
        return self._workspace.is_clip

    @property
    def heart(self) -> OpenHeart | None:
        """The open heart with its edits and results; None before segments are made."""
        return self._workspace.heart

    @property
    def nodes(self) -> HeartNodes | None:
        """The nodes of the open heart; None before segments are made."""
        return None if self.heart is None else self.heart.nodes

    @property
    def place(self) -> Place | None:
        """The phase of the browser and the slice in view; None before one is."""
        opened = self._workspace.opened
        return None if opened is None else opened.place

    def go_to(self, phase: int, z: int) -> None:
        """Show a phase, and request through `moved` that the views show a slice."""
        self._workspace.go_to(phase, z)

    def look_at(self, point: Point) -> None:
        """Remember that the user moved the views to a point (RAS in mm)."""
        self._workspace.look_at(point)

    def close(self) -> None:
        """End a running job, restore the segments from before it, and let go of the cine."""
        self._workspace.end()

    # The steps

    @property
    def step(self) -> Step:
        """The current step."""
        if self._workspace.background.is_whole:
            return Step.PROPAGATE
        return Step.SEED if self.heart is None else self.heart.state.step

    def reachable(self) -> frozenset[Step]:
        """Return the steps that can be gone to; none without a cine."""
        space = self._workspace
        if space.opened is None:
            return frozenset()
        drawn = space.is_clip or (space.heart is not None and space.heart.is_drawn)
        return reachable(drawn=drawn, running=space.background.is_whole, done=space.has_result)

    def go(self, step: Step) -> None:
        """Go to a step; raises InputError where another has to come first."""
        if step not in self.reachable():
            if self.is_clip:
                raise InputError(tr("This step comes later: have the heart segmented."))
            raise InputError(tr("This step comes later: draw a slice, then have the heart segmented."))
        if self.heart is not None and step is not self.step:
            self.heart.edit.go(step)
            self.changed.emit(None)

    @property
    def models(self) -> tuple[str, ...]:
        """The networks that are offered now, the one that `propagate` takes by default first."""
        optional = ((UNDRAWN_STACK, self.propagation.offers_undrawn), (OBSTRUCTION, self.obstruction.is_offered))
        return (self.propagation.model, *(name for name, is_offered in optional if is_offered))

    # Undo

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back, and no job is running."""
        return self.heart is not None and not self._workspace.background.is_running and self.heart.edit.history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether a change was taken back, and no job is running."""
        return self.heart is not None and not self._workspace.background.is_running and self.heart.edit.history.can_redo

    @property
    def last_change(self) -> Change | None:
        """The change that `undo` would take back; None without one."""
        return None if self.heart is None else self.heart.edit.history.last

    def undo(self) -> None:
        """Take the last change back: a stroke, an acceptance, a proposal, a propagation."""
        self._workspace.background.require_idle()
        self._workspace.require_heart().edit.undo()
        self._workspace.mark_measures_stale()

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        self._workspace.background.require_idle()
        self._workspace.require_heart().edit.redo()
        self._workspace.mark_measures_stale()

    # The background job

    @property
    def progress(self) -> Advanced | None:
        """The progress of the background job; None where none is running. A total of 0 is not known yet."""
        return self._workspace.background.progress

    @property
    def log(self) -> str:
        """The newest lines of the process that ran last."""
        return self._workspace.background.log

    def cancel(self) -> None:
        """Stop the job; later polls restore the scene."""
        self._workspace.background.cancel()

    @property
    def busy(self) -> bool:
        """Whether `poll` has anything to do."""
        return self._workspace.is_busy

    def poll(self) -> None:
        """Take in the events of the job, and compute stale measures again when it is over."""
        heart, background = self.heart, self._workspace.background
        if heart is None:
            return
        until = time.monotonic() + PATIENCE_S
        if self._workspace.is_working:
            before = background.progress
            heart.edit.step(until)
            background.poll(until)
            if not self._workspace.is_working:
                self._workspace.mark_measures_stale()
            elif background.progress is not before:
                self.changed.emit(None)
        elif heart.has_stale_measures and heart.results.step(until):
            heart.has_stale_measures = False
            heart.results.show()
            self.changed.emit(None)
