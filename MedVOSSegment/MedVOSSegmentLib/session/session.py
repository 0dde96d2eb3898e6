"""What a user does with one cine, from the first stroke to the export."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.errors import InputError
from MedVOSSegmentLib.job.events import Advanced
from MedVOSSegmentLib.session.automatic import Automatic
from MedVOSSegmentLib.session.corrections import Cost
from MedVOSSegmentLib.session.exports import EXPORTS, Export
from MedVOSSegmentLib.session.models import STACK, fitting
from MedVOSSegmentLib.session.open_cine import Place
from MedVOSSegmentLib.session.results import NONE
from MedVOSSegmentLib.session.review import worst_first
from MedVOSSegmentLib.session.seed_check import NOTHING_DRAWN, Fault
from MedVOSSegmentLib.session.step import Step, reachable
from MedVOSSegmentLib.session.work import PATIENCE_S


class Session(Automatic):
    """Steps, edits and background work of one cine at a time.

    What goes wrong later, in the background, comes as a `message`. While the session is `busy`, `poll` must be called
    every 50 ms or so; each call takes a moment.
    """

    @property
    def step(self) -> Step:
        """Where the user is."""
        if self._background.is_whole:
            return Step.PROPAGATE
        return Step.SEED if self._work is None else self._work.state.step

    def reachable(self) -> frozenset[Step]:
        """The steps that can be gone to; none without a cine."""
        if self._cine is None:
            return frozenset()
        drawn = self.is_clip or self._is_drawn
        return reachable(drawn=drawn, running=self._background.is_whole, done=self._has_result)

    def go(self, step: Step) -> None:
        """Go to a step; raises InputError where it has to wait for another."""
        if step not in self.reachable():
            first = "" if self.is_clip else "draw a slice, then "
            raise InputError(f"This step comes later: {first}have the heart segmented.")
        if self._work is not None and step is not self.step:
            self._work.go(step)
            self.changed.emit(None)

    @property
    def model(self) -> str:
        """The network that `propagate` takes unless told otherwise."""
        return STACK if self._cine is None else fitting(self._cine, drawn=self._is_drawn)

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

    def seed_faults(self) -> list[Fault]:
        """What is odd about the drawing, blocking faults first; empty where it is fine."""
        if self._work is None:
            return [] if self.is_clip else [NOTHING_DRAWN]
        return self._work.check.faults(self._work.known, self._work.own)

    def propagate(self, model: str | None = None, device: str = "auto") -> None:
        """Segment everything that is not drawn or accepted, in the background, with the `model` that fits by default.

        Raises InputError where the drawing cannot be a seed, or something is running.
        """
        self._background.refuse()
        self.make_segments()
        self._refuse_other_images()
        self._ready().refresh()
        self._refuse_broken_seed()
        self._background.propagate(self._work, model, device)
        self.changed.emit(None)

    def propagate_corrections(self) -> None:
        """Segment again what depends on the slices corrected since the last result, in the background."""
        self._background.refuse()
        self._ready()
        self._refuse_other_images()
        self._work.refresh()
        if not self.corrections():
            raise InputError("Nothing was corrected since the last result: correct a slice first.")
        self._refuse_broken_seed()
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
    def log(self) -> str:
        """The newest lines of the process that ran last."""
        return self._background.log

    @property
    def busy(self) -> bool:
        """Whether `poll` has anything to do."""
        return self._is_working or self._owes_numbers

    def poll(self) -> None:
        """Take in what the background work has done, and bring the numbers up to date when it is over."""
        if self._is_working:
            before = self._background.progress
            until = time.monotonic() + PATIENCE_S
            self._work.step(until)
            self._background.poll(self._work, until)
            if not self._is_working:
                self._told()
            elif self._background.progress is not before:
                self.changed.emit(None)
        elif self._owes_numbers and self._results.step(time.monotonic() + PATIENCE_S):
            self._owes_numbers = False
            self._results.show()
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

    def accept(self, phase: int, z: int) -> None:
        """Lock a slice: no propagation changes it, and corrections are followed from it too."""
        self._accept(phase, z, True)

    def unaccept(self, phase: int, z: int) -> None:
        """Open it again."""
        self._accept(phase, z, False)

    def corrections(self) -> list[Place]:
        """Slices whose segments differ from the last result; empty without one."""
        return [(int(t), int(z)) for t, z in np.argwhere(self._work.changed)] if self._has_result else []

    def cost_of_corrections(self) -> Cost:
        """What `propagate_corrections` would take."""
        return self._results.cost if self.corrections() else Cost(0, 0.0, 0.0)

    def measures(self) -> dict[str, dict[str, Any]]:
        """Name to value, interval, unit and reason, of what the segments hold now; empty without a result."""
        return self._document["measures"]

    def curves(self) -> dict[str, list[float | None]]:
        """``time_ms`` and the volume of each structure over the beat, such as ``LV_mL``; empty without a result."""
        return self._document["curves"]

    def beats(self) -> list[dict[str, Any]]:
        """Of a clip, ``ed`` and ``es`` frame and ``ef`` in % of each beat that the segments show."""
        return self._document["beats"]

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
        self._ready()
        self._refuse_other_images()
        self._work.refresh()
        return self._results.export(name, Path(folder), self.dicom)

    def _refuse_broken_seed(self) -> None:
        for fault in self.seed_faults():
            if fault.blocking:
                raise InputError(fault.sentence)

    def _accept(self, phase: int, z: int, accepted: bool) -> None:
        self._background.refuse()
        if not self._has_result:
            raise InputError("There is nothing to accept yet: have the heart segmented first.")
        if self._work.state.accepted[phase, z] != accepted:
            self._work.do("acceptance", self._work.state.accepting(phase, z, accepted))
            self.changed.emit(None)

    @property
    def _is_drawn(self) -> bool:
        return self._work is not None and bool((self._work.own & self._work.known.filled).any())

    @property
    def _is_working(self) -> bool:
        return self._background.is_running or (self._work is not None and self._work.busy)

    @property
    def _document(self) -> dict[str, Any]:
        return NONE if self._results is None else self._results.document
