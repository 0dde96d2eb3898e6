"""The open cine with the scene, the background job and the signals, which all steps share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from medvos.cine.cine import Source
from medvos.errors import InputError
from medvos.measure.subject import Subject, subject_of
from MedVOSSegmentLib.job.runner import JobStarter
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.kept_phases import keep_phases
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.segment_looks import spread_looks
from MedVOSSegmentLib.scene.visibility import show_heart_of
from MedVOSSegmentLib.session.background import Background
from MedVOSSegmentLib.session.kept_edits import KeptEdits
from MedVOSSegmentLib.session.open_cine import OpenCine
from MedVOSSegmentLib.session.open_heart import OpenHeart
from MedVOSSegmentLib.session.positions import Point
from MedVOSSegmentLib.session.scene_watch import on_close, on_loss, on_removed
from MedVOSSegmentLib.signal import Signal
from MedVOSSegmentLib.text import tr

TAKEN_OUT = tr("The segmentation was closed: its cine or segments were removed from the scene. Choose a cine again.")
HISTORY_LOST = tr(
    "What you did before the cine was closed cannot be undone: the segments were changed meanwhile, or it took too "
    "much memory."
)


class Workspace:
    """Opens and closes one cine at a time.

    Attributes
    ----------
    logics: the scene and its logics.
    background: the job of the second process.
    opened: the open cine, or None.
    changed: emitted with None after any change that a panel may show.
    message: emitted with a sentence for the user.
    moved: emitted with phase, slice and RAS in mm where the views should go.
    lost: emitted with None when the open cine was closed because one of its nodes is removed from the scene.
    logged: emitted with each line of the second process's log.
    """

    def __init__(self, logics: Logics, runner: JobStarter) -> None:
        self.changed: Signal[None] = Signal()
        self.message: Signal[str] = Signal()
        self.moved: Signal[tuple[int, int, Point]] = Signal()
        self.lost: Signal[None] = Signal()
        self.logged: Signal[str] = Signal()
        self.logics = logics
        self.background = Background(runner, self.message.emit, self.logged.emit)
        self.opened: OpenCine | None = None
        # Kept in memory only: the scene is saved and passed on, and a path may name the patient.
        self._sources: dict[Any, Source] = {}
        # Likewise: the facts of a person that the user gave for a cine.
        self._subjects: dict[Any, Subject] = {}
        self._kept = KeptEdits()
        self._disconnect: list[Callable[[], None]] = []
        self._end_watching: list[Callable[[], None]] = []

    @property
    def heart(self) -> OpenHeart | None:
        """The open heart, or None."""
        return None if self.opened is None else self.opened.heart

    @property
    def is_clip(self) -> bool:
        """Whether a clip is open."""
        return self.opened is not None and self.opened.is_clip

    @property
    def has_result(self) -> bool:
        """Whether the open heart is segmented."""
        return self.heart is not None and self.heart.findings is not None

    @property
    def is_working(self) -> bool:
        """Whether a job is running, or labels of an undo or redo wait to be written."""
        return self.background.is_running or (self.heart is not None and self.heart.edit.busy)

    @property
    def is_busy(self) -> bool:
        """Whether `Session.poll` has anything to do."""
        return self.is_working or (self.heart is not None and self.heart.has_stale_measures)

    @property
    def has_outdated_measures(self) -> bool:
        """Whether the segments or the facts have changed since the measures were shown, and a job delays new ones."""
        return self.background.is_running and self.heart is not None and self.heart.has_stale_measures

    def require_cine(self) -> OpenCine:
        """Return the open cine; raises InputError where there is none."""
        if self.opened is None:
            raise InputError(tr("No cine is open: load one first."))
        return self.opened

    def require_heart(self) -> OpenHeart:
        """Return the open heart; raises InputError where there is none."""
        heart = self.require_cine().heart
        if heart is None:
            raise InputError(tr("There are no segments yet: draw on a slice first."))
        return heart

    def require_same_cine(self, heart: OpenHeart) -> None:
        """Raise InputError where the browser shows other images than at the opening, and open the cine anew."""
        if heart.nodes.shows_its_cine():
            return
        browser = self.require_cine().browser
        self.close()
        self.open(browser)
        raise InputError(
            tr("The cine was replaced or cropped, so it was opened again: check that the drawing still fits.")
        )

    def open(self, browser: Any) -> None:
        """Open the cine in a sequence browser, and continue where a saved scene left off.

        Raises InputError where it shows no cine, or a job is running.
        """
        if self.opened is not None and browser is self.opened.browser:
            return
        self.background.require_idle()
        opened = OpenCine(self.logics, browser)
        nodes = HeartNodes.find(self.logics, browser)
        self.close()
        show_heart_of(self.logics.scene, browser)
        self.opened = opened
        self._watch()
        self._disconnect.append(on_loss(self.logics.scene, self._needs, self._lose, self._leave))
        if nodes is not None:
            self._begin(opened, nodes)
        self.changed.emit(None)

    def make_segments(self) -> OpenHeart:
        """Return the open heart; where there is none, make three empty segments in every phase."""
        opened = self.require_cine()
        if opened.heart is not None:
            return opened.heart
        heart = self._begin(opened, HeartNodes.create(self.logics, opened.browser))
        self.changed.emit(None)
        return heart

    def close(self) -> None:
        """End a running job, restore the segments from before it, save the state and let go of the cine."""
        self.background.close(restore=True)
        if self.opened is not None:
            self.opened.browser.SetPlaybackActive(False)
        if self.heart is not None:
            self.heart.edit.step()
            self.heart.edit.save()
            self._kept.keep(self.heart.edit)
        self._let_go()

    def end(self) -> None:
        """Close the cine and end all observation of the scene."""
        self.close()
        self.stop_watching()

    def stop_watching(self) -> None:
        """End all observation of the scene but that of the open cine."""
        while self._end_watching:
            self._end_watching.pop()()

    def leave(self) -> None:
        """Close the cine and hide its heart, which comes back when the cine is opened again."""
        self.close()
        show_heart_of(self.logics.scene, None)

    def go_to(self, phase: int, z: int) -> Point:
        """Show a phase, and request through `moved` that the views show a slice; return the point (RAS in mm)."""
        point = self.require_cine().go_to(phase, z)
        self.moved.emit((phase, z, point))
        self.changed.emit(None)
        return point

    def look_at(self, point: Point) -> None:
        """Remember that the user moved the views to a point (RAS in mm)."""
        if self.require_cine().look_at(point):
            self.changed.emit(None)

    def mark_measures_stale(self) -> None:
        """Mark the measures stale after a change of labels or findings; `Session.poll` computes them again."""
        if self.heart is not None:
            self.heart.has_stale_measures = True
        self.changed.emit(None)

    def remember_source(self, browser: Any, source: Source) -> None:
        """Remember the files of the cine in a sequence browser until the scene is closed."""
        self._watch()
        self._sources[browser] = source
        if self.heart is not None and self.opened is not None and self.opened.browser is browser:
            self.heart.results.subject = self.subject  # the files may state facts of the person
            self.mark_measures_stale()
        else:
            self.changed.emit(None)

    @property
    def dicom(self) -> Source | None:
        """The DICOM files of the open cine, where they are known."""
        source = None if self.opened is None else self._sources.get(self.opened.browser)
        return source if source is not None and source.kind == "dicom" else None

    @property
    def subject(self) -> Subject:
        """The facts of the person that the user gave for the open cine; else those that its files state."""
        if self.opened is None:
            return Subject()
        given = self._subjects.get(self.opened.browser)
        return self.stated_subject if given is None else given

    @property
    def stated_subject(self) -> Subject:
        """The facts of the person that the files of the open cine state, and its heart rate."""
        if self.opened is None:
            return Subject()
        return subject_of(self.opened.cine if self.dicom is None else replace(self.opened.cine, source=self.dicom))

    def give_subject(self, subject: Subject) -> None:
        """Use other facts of the person until the scene is closed."""
        self._subjects[self.require_cine().browser] = subject
        if self.heart is not None:
            self.heart.results.subject = subject
        self.mark_measures_stale()

    def _begin(self, opened: OpenCine, nodes: HeartNodes) -> OpenHeart:
        heart = opened.heart = OpenHeart(nodes, opened.cine, self.subject)
        if not self._kept.give_back(heart.edit):
            self.message.emit(HISTORY_LOST)

        def edited(phase: int) -> None:
            spread_looks(nodes, phase)
            if heart.edit.take_edit(phase, self.background.writer):
                self.mark_measures_stale()

        self._disconnect += (heart.outlines.end, nodes.on_edited(edited))
        return heart

    def _watch(self) -> None:
        """Observe the scene also while no cine is open, until `end`."""
        if not self._end_watching:
            scene = self.logics.scene
            self._end_watching = [
                keep_phases(scene),
                on_close(scene, self._forget),
                on_removed(scene, self._forget_removed),
            ]

    def _needs(self, node: Any) -> bool:
        if self.opened is not None and node in (self.opened.browser, self.opened.images, self.opened.volume):
            return True
        if self.heart is None:
            return False
        return node in (self.heart.nodes.sequence, self.heart.nodes.segmentation)

    def _lose(self) -> None:
        try:
            self.close()
        finally:
            self._let_go()
            self.message.emit(TAKEN_OUT)
            self.lost.emit(None)

    def _leave(self) -> None:
        """Let go before the whole scene is closed, without restoring anything in it."""
        self.background.close(restore=False)
        self._let_go()

    def _forget(self) -> None:
        """Keep nothing of a person once the scene is closed."""
        self._kept.forget()
        self._sources.clear()
        self._subjects.clear()

    def _forget_removed(self, node: Any) -> None:
        """Keep nothing of a person whose cine or heart was removed from the scene."""
        self._kept.drop(node)
        self._sources.pop(node, None)
        self._subjects.pop(node, None)

    def _let_go(self) -> None:
        while self._disconnect:
            self._disconnect.pop()()
        had_cine, self.opened = self.opened is not None, None
        if had_cine:
            self.changed.emit(None)
