"""One heart in the scene: what its segments hold, whose each slice is, and what was done to it."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.structures import MVO, MYO
from MedVOSSegmentLib.scene import obstruction_nodes
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.session.filling import Filling
from MedVOSSegmentLib.session.history import Change, History
from MedVOSSegmentLib.session.known import Known, Patch
from MedVOSSegmentLib.session.seed_check import SeedCheck
from MedVOSSegmentLib.session.state import State
from MedVOSSegmentLib.session.step import Step

SAVED = "MedVOS.Session"
# So long at a time the window may stand still.
PATIENCE_S = 0.04
# One stroke of the Segment Editor may come as several edits; strokes of a hand are farther apart.
ONE_STROKE_S = 0.25


class Work:
    """Everything that is saved with the scene, and its history, which is not.

    Attributes
    ----------
    heart: the nodes. cine: what they segment.
    known: what the segments hold.
    state: where the user stands.
    obstructed: (T, Z, Y, X) bool, what the segment MVO holds; None where obstruction was not looked for.
    written: (T, Z) uint32 checksum of each slice as the module last left it; what differs is the user's.
    history: what can be undone.
    check: of the drawing.
    """

    def __init__(self, heart: HeartNodes, cine: Cine) -> None:
        self.heart, self.cine = heart, cine
        self.known = Known(heart.labels())
        saved = State.of_text(heart.sequence.GetAttribute(SAVED) or "", cine.shape)
        self.state = saved or State.blank(cine.shape)
        self.obstructed: NDArray[np.bool_] | None = None
        self._painted: tuple[int, NDArray[np.bool_]] = -1, np.zeros(cine.shape[1:], bool)
        if self.state.obstruction is not None:
            self._find_obstruction()
        self.written = self.state.marks.copy()
        self.history = History()
        spacing = cine.spacing[1:] if cine.source.spacing_known else None
        self.check = SeedCheck(spacing, clip=cine.is_echo)
        self._restoring: Filling | None = None
        self._saved = self.written.copy()
        self._stroke_until = 0.0

    @property
    def changed(self) -> NDArray[np.bool_]:
        """(T, Z): slices that the user drew or corrected since the last result."""
        return self.known.marks != self.written

    @property
    def own(self) -> NDArray[np.bool_]:
        """(T, Z): slices that the user drew, emptied ones too."""
        return self.state.drawn | self.changed

    @property
    def phase(self) -> int:
        """The phase that the browser shows."""
        return int(self.heart.browser.GetSelectedItemNumber())

    def save(self) -> None:
        """Write the state down where the scene is saved with it."""
        self._saved = self.written.copy()
        self.heart.sequence.SetAttribute(SAVED, replace(self.state, marks=self._saved).text())

    def save_written(self) -> None:
        """So that a scene saved halfway knows which slices are not the user's."""
        if not np.array_equal(self.written, self._saved):
            self.save()

    def edited(self, phase: int, filling: Filling | None) -> bool:
        """Take in an edit of a phase while ``filling`` may be at work; False where nothing changed."""
        labels = self.heart.phase_labels(phase)
        is_other = self._see_obstruction(phase, labels)
        patch = self.known.see_phase(phase, labels)
        if patch is None:
            return is_other
        if filling is not None:
            # Taking the edit back must not bring back a first version that a cancelled propagation left there.
            before = [filling.before(int(t), int(z)) for t, z in patch.places]
            kept = [old if mask is None else mask for old, mask in zip(patch.before, before, strict=True)]
            patch = replace(patch, before=np.stack(kept))
        self._note_stroke(patch)
        return True

    def labelled(self) -> NDArray[np.uint8]:
        """(T, Z, Y, X) uint8: what the segments hold, with MVO where it lies in the wall."""
        if self.obstructed is None:
            return self.known.labels
        return np.where(self.obstructed & (self.known.labels == MYO), np.uint8(MVO), self.known.labels)

    @property
    def obstruction_mark(self) -> int:
        """Checksum of what the segment MVO holds."""
        return -1 if self.obstructed is None else zlib.crc32(np.packbits(self.obstructed))

    def do(self, name: str, state: State, patch: Patch | None = None) -> None:
        """Go on to ``state``; ``patch`` has happened in the scene already."""
        self.history.add(Change(name, self.state, state, patch))
        self._become(state)

    def go(self, step: Step) -> None:
        """Go to a step, which is no change to undo."""
        self.state = replace(self.state, step=step)
        self.save()

    def undo(self) -> str:
        """Take the last change back; its name."""
        change = self.history.undo()
        if change is None:
            return ""
        self._restore(change.before, change.patch, back=True)
        return change.name

    def redo(self) -> str:
        """Make the last change again that was taken back; its name."""
        change = self.history.redo()
        if change is None:
            return ""
        self._restore(change.after, change.patch, back=False)
        return change.name

    @property
    def busy(self) -> bool:
        """What was undone or redone is still on its way into the scene."""
        return self._restoring is not None and self._restoring.busy

    def step(self, until: float = float("inf")) -> None:
        """Bring it there until `time.monotonic` passes ``until``."""
        if self._restoring is not None:
            self._restoring.step(until, self.phase)
            if not self._restoring.busy:
                self._restoring = None

    def put(self, name: str, places: NDArray[np.intp], labels: NDArray[np.uint8]) -> None:
        """Labels (N, Y, X) into places (N, 2) as if the user had drawn them."""
        self.step()
        filling = Filling(self.heart, self.known)
        filling.want_places(places, labels)
        filling.step()
        self.do(name, self.state, filling.patch())

    def refresh(self) -> None:
        """Look at all segments again; edits that no event told of become the user's like any other."""
        self.step()
        for phase in range(self.cine.shape[0]):
            self.edited(phase, None)

    def uncertainty(self) -> NDArray[np.float32]:
        """(T, Z, Y, X) of the last result."""
        found = self.state.findings
        if found is not None and found.uncertainty is not None:
            return found.uncertainty
        saved = self.heart.uncertainty()
        return np.zeros(self.cine.shape, np.float32) if saved is None else saved

    def hold_uncertainty(self) -> None:
        """Before the scene shows another: that of a loaded scene is nowhere else, and undoing needs it."""
        found = self.state.findings
        if found is not None and found.uncertainty is None:
            self.state = replace(self.state, findings=replace(found, uncertainty=self.heart.uncertainty()))

    def show_findings(self) -> None:
        """Let the scene show the uncertainty and the origin of the result that the state has, or of none."""
        found = self.state.findings
        self.heart.set_provenance({} if found is None else found.provenance)
        if found is not None and found.uncertainty is not None:
            self.heart.set_uncertainty(found.uncertainty)
        elif found is None and self.heart.uncertainty_volume is not None:
            self.heart.set_uncertainty(np.zeros(self.cine.shape, np.float32))

    def show_obstruction(self) -> Iterator[None]:
        """Let the scene show the obstruction that the state has, or none, phase by phase."""
        shown = self.state.obstruction
        if shown is not None:
            self.obstructed = shown.mask.copy()
            yield from obstruction_nodes.show_obstruction(self.heart, shown.mask, shown.probability, shown.notice)
        elif self.obstructed is not None:
            self.obstructed = None
            obstruction_nodes.remove_obstruction(self.heart)

    def _find_obstruction(self) -> None:
        """That of a loaded scene is nowhere else."""
        self.obstructed = obstruction_nodes.obstruction(self.heart)
        probability = self.heart.probability()
        if probability is None:
            probability = np.zeros(self.cine.shape, np.float32)
        found = replace(self.state.obstruction, mask=self.obstructed.copy(), probability=probability)
        self.state = replace(self.state, obstruction=found)

    def _see_obstruction(self, phase: int, labels: NDArray[np.uint8]) -> bool:
        """Whether the user has changed the segment MVO; ``labels`` (Z, Y, X) are what the others hold."""
        if self.obstructed is None:
            return False
        now, before = obstruction_nodes.phase_obstruction(self.heart, phase), self.known.labels[phase]
        is_other = not np.array_equal(now, self.obstructed[phase])
        if is_other:
            self._painted = phase, now & ~self.obstructed[phase]
        # The Segment Editor next takes away what MVO was painted over, which is wall all the same.
        gone = self._painted[1] & now & (labels == 0) & (before != 0) & (phase == self._painted[0])
        if gone.any():
            labels[gone] = before[gone]
            places = np.zeros_like(self.state.accepted)
            places[phase] = gone.any((1, 2))
            self.heart.set_labels(np.broadcast_to(labels, self.known.labels.shape), places)
        self.obstructed[phase] = now
        return is_other

    def _note_stroke(self, patch: Patch) -> None:
        last, now = self.history.last, time.monotonic()
        if last is not None and last.patch is not None and now < self._stroke_until:
            self.history.amend(replace(last, patch=last.patch.then(patch)))
        else:
            self.history.add(Change("drawing", self.state, self.state, patch))
        self._stroke_until = now + ONE_STROKE_S

    def _become(self, state: State) -> None:
        self.state = state
        self.written = state.marks.copy()
        self._stroke_until = 0.0
        self.save()

    def _restore(self, state: State, patch: Patch | None, *, back: bool) -> None:
        self.step()
        old = self.state
        self._become(state)
        if state.findings is not old.findings:
            self.show_findings()
        if state.obstruction is not old.obstruction:
            for _ in self.show_obstruction():
                pass
        if patch is not None:
            self._restoring = Filling(self.heart, self.known)
            self._restoring.want_places(patch.places, patch.before if back else patch.after)
            self.step(time.monotonic() + PATIENCE_S)
