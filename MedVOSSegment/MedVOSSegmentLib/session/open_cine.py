"""The cine that a user works on, its segments, and where the views are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from medvos.cine.cine import Cine, Source
from medvos.errors import InputError
from MedVOSSegmentLib.job.runner import Starts
from MedVOSSegmentLib.scene.cine_nodes import cine_sequence, read_cine, show_cine
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.background import Background
from MedVOSSegmentLib.session.places import Point, from_world, in_world, middle_of, point_of, slice_at
from MedVOSSegmentLib.session.results import Results
from MedVOSSegmentLib.session.scene_watch import on_loss
from MedVOSSegmentLib.session.state import State
from MedVOSSegmentLib.session.work import Work
from MedVOSSegmentLib.signal import Signal

TAKEN_OUT = "The segmentation ended, for its cine or its segments were taken out of the scene: choose a cine again."

Place = tuple[int, int]
"""Phase and slice, counted from 0."""


class OpenCine:
    """One cine at a time, from its opening to its closing.

    What cannot be done now raises InputError with a sentence.

    Attributes
    ----------
    changed: emitted with None after anything that a panel shows may have changed.
    message: emitted with a sentence for the user.
    moved: emitted with phase, slice and RAS in mm of where the views should go.
    logged: emitted with each line that the second process says.
    """

    def __init__(self, logics: Logics, runner: Starts) -> None:
        self.changed: Signal[None] = Signal()
        self.message: Signal[str] = Signal()
        self.moved: Signal[tuple[int, int, Point]] = Signal()
        self.logged: Signal[str] = Signal()
        self._logics = logics
        self._background = Background(runner, self.message.emit, self.logged.emit)
        self._browser: Any = None
        self._cine: Cine | None = None
        # Not in the scene, which is saved and given away: a path may name the patient.
        self._sources: dict[Any, Source] = {}
        self._work: Work | None = None
        self._results: Results | None = None
        self._slice: int | None = None
        self._centre: tuple[float, float] | None = None
        self._owes_numbers = False
        self._disconnect: list[Callable[[], None]] = []

    @property
    def browser(self) -> Any:
        """The sequence browser that is open, or None."""
        return self._browser

    @property
    def cine(self) -> Cine | None:
        """What it shows."""
        return self._cine

    @property
    def heart(self) -> HeartNodes | None:
        """The nodes of the segmentation; None before `make_segments`."""
        return None if self._work is None else self._work.heart

    @property
    def state(self) -> State | None:
        """What is drawn and accepted, and what was found; None before `make_segments`."""
        return None if self._work is None else self._work.state

    def open_cine(self, browser: Any) -> None:
        """Work on the cine in a sequence browser, and go on where a saved scene left off.

        Raises InputError where it shows no cine, or something is running.
        """
        if browser is self._browser:
            return
        self._background.refuse()
        cine = read_cine(browser)
        heart = HeartNodes.find(self._logics, browser)
        self.close()
        self._browser, self._cine = browser, cine
        self._disconnect.append(on_loss(self._logics.scene, self._needs, self._lose, self._leave))
        if heart is not None:
            self._begin(heart)
        self.changed.emit(None)

    def open_path(self, path: str | Path) -> Any:
        """Read what the engine reads (DICOM folder, NIfTI, NRRD, AVI, MP4) into the scene and open it; its browser."""
        from medvos.cine.read import read

        self._background.refuse()
        # Names of files and folders may be those of patients.
        cine = read(Path(path))
        browser = show_cine(self._logics, cine, "Cine")
        self.remember_source(browser, cine.source)
        self.open_cine(browser)
        return browser

    def remember_source(self, browser: Any, source: Source) -> None:
        """Where the cine in a sequence browser was read from, until the scene is closed."""
        self._sources[browser] = source

    @property
    def dicom(self) -> Source | None:
        """The DICOM files that the cine in use was read from, where they are known."""
        source = self._sources.get(self._browser)
        return source if source is not None and source.kind == "dicom" else None

    def make_segments(self) -> None:
        """Three empty segments in every phase, unless they are there."""
        if self._work is None:
            self._open_cine()
            self._begin(HeartNodes.create(self._logics, self._browser))
            self.changed.emit(None)

    def close(self) -> None:
        """End what is running, leave the segments as they were before it, and let go of the cine."""
        self._background.close(restore=True)
        if self._work is not None:
            self._work.step()
            self._work.save()
        self._let_go()

    @property
    def place(self) -> Place | None:
        """The phase that the browser shows and the slice last gone to or looked at."""
        if self._browser is None or self._slice is None:
            return None
        return int(self._browser.GetSelectedItemNumber()), self._slice

    def find_seed_place(self) -> Place:
        """End-diastole and a mid-ventricular slice, where drawing is easiest."""
        from medvos.cine.find import find_seed_place

        found = find_seed_place(self._open_cine())
        self._centre = found.centre
        return found.phase, found.slice

    def go_to(self, phase: int, z: int) -> None:
        """Show a phase, and ask the views through `moved` to show a slice."""
        cine = self._open_cine()
        phases, slices = cine.shape[:2]
        if not (0 <= phase < phases and 0 <= z < slices):
            raise InputError(f"Choose a phase from 0 to {phases - 1} and a slice from 0 to {slices - 1}.")
        self._slice = z
        self._browser.SetSelectedItemNumber(phase)
        self._logics.sequences.UpdateProxyNodesFromSequences(self._browser)
        drawn = None if self._work is None else middle_of(self._work.known.labels[phase, z])
        self.moved.emit((phase, z, in_world(self._volume, point_of(cine, z, drawn or self._centre))))
        self.changed.emit(None)

    def look_at(self, point: Point) -> None:
        """Take in that the user has moved the views to a point (RAS in mm)."""
        z = slice_at(self._open_cine(), from_world(self._volume, point))
        if z != self._slice:
            self._slice = z
            self.changed.emit(None)

    @property
    def _volume(self) -> Any:
        """The volume node that shows the pictures, whose transform moves them."""
        return self._browser.GetProxyNode(cine_sequence(self._browser))

    @property
    def _has_result(self) -> bool:
        return self._work is not None and self._work.state.findings is not None

    def _refuse_other_images(self) -> None:
        """Where the browser shows another cine than when it was opened, open that; raises InputError which says so."""
        browser, heart = self._browser, self._work.heart
        if heart.shows_its_cine():
            return
        self.close()
        self.open_cine(browser)
        raise InputError("The cine was replaced or cropped and is opened anew: see whether the drawing still fits.")

    def _open_cine(self) -> Cine:
        if self._cine is None:
            raise InputError("No cine is open: load one first.")
        return self._cine

    def _ready(self) -> Work:
        self._open_cine()
        if self._work is None:
            raise InputError("There are no segments yet: draw on a slice first.")
        return self._work

    def _begin(self, heart: HeartNodes) -> None:
        self._work = Work(heart, self._cine)
        self._results = Results(self._work)
        self._results.show()
        self._disconnect.append(heart.on_edited(self._edited))

    def _edited(self, phase: int) -> None:
        if self._work.edited(phase, self._background.filling):
            self._told()

    def _told(self) -> None:
        """The labels or the findings have changed; the numbers follow at a poll, for they take a moment."""
        self._owes_numbers = True
        self.changed.emit(None)

    def _needs(self, node: Any) -> bool:
        if node is self._browser:
            return True
        return self._work is not None and node in (
            self._work.heart.sequence,
            self._work.heart.segmentation,
            self._work.heart.images,
        )

    def _lose(self) -> None:
        if self._background.is_running:
            self.message.emit(TAKEN_OUT)
        try:
            self.close()
        finally:
            self._let_go()

    def _leave(self) -> None:
        """The whole scene goes: nothing needs to be put back into it."""
        self._background.close(restore=False)
        self._sources.clear()
        self._let_go()

    def _let_go(self) -> None:
        while self._disconnect:
            self._disconnect.pop()()
        had_cine, self._owes_numbers = self._cine is not None, False
        self._browser = self._cine = self._work = self._results = self._slice = self._centre = None
        if had_cine:
            self.changed.emit(None)
