"""What a user does with one cine, from the first stroke to the export."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.errors import InputError
from MedVOSSegmentLib.job.events import Advanced
from MedVOSSegmentLib.job.runner import Starts
from MedVOSSegmentLib.scene.cine_nodes import read_cine, show_cine
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session import propagating
from MedVOSSegmentLib.session.background import Background
from MedVOSSegmentLib.session.corrections import Cost
from MedVOSSegmentLib.session.exports import EXPORTS, Export
from MedVOSSegmentLib.session.places import Point, middle_of, point_of, slice_at
from MedVOSSegmentLib.session.results import NONE, Results
from MedVOSSegmentLib.session.review import worst_first
from MedVOSSegmentLib.session.scene_watch import on_loss
from MedVOSSegmentLib.session.seed_check import NOTHING_DRAWN, Fault, seed_faults
from MedVOSSegmentLib.session.state import State
from MedVOSSegmentLib.session.step import Step, reachable
from MedVOSSegmentLib.session.work import PATIENCE_S, Work
from MedVOSSegmentLib.signal import Signal

MODEL = "cstm"
Place = tuple[int, int]
"""Phase and slice, counted from 0."""


class Session:
    """Steps, edits and background work of one cine at a time.

    What cannot be done now raises InputError with a sentence; what goes wrong later, in the background, comes as a
    `message`. While it is `busy`, `poll` must be called every 50 ms or so; each call takes a moment.

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
        self._work: Work | None = None
        self._results: Results | None = None
        self._slice: int | None = None
        self._centre: tuple[float, float] | None = None
        self._model, self._device = MODEL, "auto"
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
        self._disconnect.append(on_loss(self._logics.scene, self._needs, self._lose))
        if heart is not None:
            self._begin(heart)
        self.changed.emit(None)

    def open_path(self, path: str | Path) -> Any:
        """Read what the engine reads (DICOM folder, NIfTI, NRRD, AVI, MP4) into the scene and open it; its browser."""
        from medvos.cine.read import read

        self._background.refuse()
        # Names of files and folders may be those of patients.
        browser = show_cine(self._logics, read(Path(path)), "Cine")
        self.open_cine(browser)
        return browser

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

    def go_to(self, phase: int, level: int) -> None:
        """Show a phase, and ask the views through `moved` to show a slice."""
        cine = self._open_cine()
        phases, levels = cine.shape[:2]
        if not (0 <= phase < phases and 0 <= level < levels):
            raise InputError(f"Choose a phase from 0 to {phases - 1} and a slice from 0 to {levels - 1}.")
        self._slice = level
        self._browser.SetSelectedItemNumber(phase)
        self._logics.sequences.UpdateProxyNodesFromSequences(self._browser)
        drawn = None if self._work is None else middle_of(self._work.known.labels[phase, level])
        self.moved.emit((phase, level, point_of(cine, level, drawn or self._centre)))
        self.changed.emit(None)

    def look_at(self, point: Point) -> None:
        """Take in that the user has moved the views to a point (RAS in mm)."""
        level = slice_at(self._open_cine(), point)
        if level != self._slice:
            self._slice = level
            self.changed.emit(None)

    @property
    def step(self) -> Step:
        """Where the user is."""
        if self._background.is_propagating:
            return Step.PROPAGATE
        return Step.SEED if self._work is None else self._work.state.step

    def reachable(self) -> frozenset[Step]:
        """The steps that can be gone to; none without a cine."""
        if self._cine is None:
            return frozenset()
        drawn = self._work is not None and bool((self._work.own & self._work.known.filled).any())
        return reachable(drawn=drawn, running=self._background.is_propagating, done=self._has_result)

    def go(self, step: Step) -> None:
        """Go to a step; raises InputError where it has to wait for another."""
        if step not in self.reachable():
            raise InputError("This step comes later: draw a slice, then have the heart segmented.")
        if self._work is not None and step is not self.step:
            self._work.go(step)
            self.changed.emit(None)

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back, and nothing running."""
        return self._work is not None and not self._background.is_running and self._work.history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether something was taken back, and nothing is running."""
        return self._work is not None and not self._background.is_running and self._work.history.can_redo

    def undo(self) -> None:
        """Take the last change back: a stroke, an acceptance, a proposal, a propagation."""
        self._background.refuse()
        self._ready().undo()
        self._told()

    def redo(self) -> None:
        """Make again what was taken back last."""
        self._background.refuse()
        self._ready().redo()
        self._told()

    def make_segments(self) -> None:
        """Three empty segments in every phase, unless they are there."""
        if self._work is None:
            self._open_cine()
            self._begin(HeartNodes.create(self._logics, self._browser))
            self.changed.emit(None)

    def seed_faults(self) -> list[Fault]:
        """What is odd about the drawing, blocking faults first; empty where it is fine."""
        if self._work is None:
            return [NOTHING_DRAWN]
        return seed_faults(self._work.known.labels, self._work.own, self._work.cine.spacing[1:])

    def propose(self) -> None:
        """Have a first drawing made on the slice in view, or else where drawing is easiest, in the background."""
        self._background.refuse()
        self.make_segments()
        if self.place is None:
            self.go_to(*self.find_seed_place())
        phase, level = self.place
        if self._ready().known.filled[phase, level]:
            raise InputError(f"Slice {level} at phase {phase} has labels: erase them to have a drawing proposed.")
        self._background.propose(self._work, (phase, level), self._model, self._device)
        self.changed.emit(None)

    def propagate(self, model: str = MODEL, device: str = "auto") -> None:
        """Segment everything that is not drawn or accepted, in the background.

        Raises InputError where the drawing cannot be a seed, or something is running.
        """
        self._background.refuse()
        self.make_segments()
        self._ready().refresh()
        for fault in self.seed_faults():
            if fault.blocking:
                raise InputError(fault.sentence)
        self._model, self._device = model, device
        self._background.propagate(self._work, model, device)
        self.changed.emit(None)

    def propagate_corrections(self) -> None:
        """Segment again what depends on the slices corrected since the last result, in the background."""
        self._background.refuse()
        self._ready().refresh()
        if not self.corrections():
            raise InputError("Nothing was corrected since the last result: correct a slice first.")
        self._background.follow_corrections(self._work)
        self.changed.emit(None)

    def cancel(self) -> None:
        """Stop what is running; `poll` then brings the scene back to what it was."""
        self._background.cancel()

    @property
    def progress(self) -> Advanced | None:
        """How far the background work is; None where there is none. A total of 0 is not known yet."""
        return self._background.progress

    @property
    def busy(self) -> bool:
        """Whether `poll` has anything to do."""
        return self._background.is_running or (self._work is not None and self._work.busy)

    def poll(self) -> None:
        """Take in what the background work has done."""
        if not self.busy:
            return
        before = self._background.progress
        until = time.monotonic() + PATIENCE_S
        self._work.step(until)
        self._background.poll(self._work, until)
        if not self.busy:
            self._told()
        elif self._background.progress is not before:
            self.changed.emit(None)

    @property
    def scores(self) -> NDArray[np.float32] | None:
        """(T, Z), 0 sure to 1: the chance that a mask is bad; None without a result."""
        return self._work.state.findings.scores if self._has_result else None

    @property
    def corrected(self) -> NDArray[np.bool_] | None:
        """(T, Z): slices that the user changed since the last result, or drew before it; None without segments."""
        return None if self._work is None else self._work.changed

    def uncertain_slices(self) -> list[tuple[int, int, float]]:
        """Phase, slice and score of what is neither drawn nor corrected nor accepted, the worst first."""
        return worst_first(self.scores, self._work.own | self._work.state.accepted) if self._has_result else []

    def accept(self, phase: int, level: int) -> None:
        """Lock a slice: no propagation changes it, and corrections are followed from it too."""
        self._accept(phase, level, True)

    def unaccept(self, phase: int, level: int) -> None:
        """Open it again."""
        self._accept(phase, level, False)

    def corrections(self) -> list[Place]:
        """Slices whose segments differ from the last result; empty without one."""
        return [(int(t), int(z)) for t, z in np.argwhere(self._work.changed)] if self._has_result else []

    def cost_of_corrections(self) -> Cost:
        """What `propagate_corrections` would take."""
        return propagating.cost_of_corrections(self._work) if self.corrections() else Cost(0, 0.0, 0.0)

    def measures(self) -> dict[str, dict[str, Any]]:
        """Name to value, interval, unit and reason, of what the segments hold now; empty without a result."""
        return self._document["measures"]

    def curves(self) -> dict[str, list[float | None]]:
        """``time_ms`` and the volume of each structure over the beat, such as ``LV_mL``; empty without a result."""
        return self._document["curves"]

    def phases(self) -> dict[str, int | None]:
        """``ED`` and ``ES`` of what the segments hold now."""
        return self._document["phases"]

    @property
    def table(self) -> Any:
        """The vtkMRMLTableNode of the measures, or None without a result."""
        return self._results.table if self._has_result else None

    def chart(self) -> Any:
        """The vtkMRMLPlotChartNode of the curves, or None without a result."""
        return self._results.chart if self._has_result else None

    def exports(self) -> list[Export]:
        """What `export` can write."""
        return list(EXPORTS)

    def export(self, name: str, folder: str | Path) -> list[Path]:
        """Write what the segments hold now into an existing folder; the files."""
        self._background.refuse()
        self._ready().refresh()
        return self._results.export(name, Path(folder))

    @property
    def _has_result(self) -> bool:
        return self._work is not None and self._work.state.findings is not None

    @property
    def _document(self) -> dict[str, Any]:
        return NONE if self._results is None else self._results.document

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

    def _accept(self, phase: int, level: int, accepted: bool) -> None:
        self._background.refuse()
        if not self._has_result:
            raise InputError("There is nothing to accept yet: have the heart segmented first.")
        if self._work.state.accepted[phase, level] != accepted:
            self._work.do("acceptance", self._work.state.accepting(phase, level, accepted))
            self.changed.emit(None)

    def _told(self) -> None:
        """The labels or the findings have changed."""
        if not self.busy:
            self._results.show()
        self.changed.emit(None)

    def _needs(self, node: Any) -> bool:
        if node is self._browser:
            return True
        return self._work is not None and node in (
            self._work.heart.sequence,
            self._work.heart.segmentation,
            self._work.heart.pictures,
        )

    def _lose(self) -> None:
        self._background.close(restore=False)
        self._let_go()

    def _let_go(self) -> None:
        while self._disconnect:
            self._disconnect.pop()()
        had_cine = self._cine is not None
        self._browser = self._cine = self._work = self._results = self._slice = self._centre = None
        if had_cine:
            self.changed.emit(None)
