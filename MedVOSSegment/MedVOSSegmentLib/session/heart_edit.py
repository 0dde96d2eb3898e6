"""One heart in the scene: its labels, the owner of each slice, and the history of changes."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.seed import digest_of
from medvos.structures import MVO, MYO, OBSTRUCTION
from MedVOSSegmentLib.scene import obstruction_nodes
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.own_structures import NUMBERS, labels_of_own
from MedVOSSegmentLib.session.history import Change, History
from MedVOSSegmentLib.session.label_cache import LabelCache, Patch, keeping
from MedVOSSegmentLib.session.label_writer import LabelWriter
from MedVOSSegmentLib.session.other_segments import OtherChange, OtherSegments
from MedVOSSegmentLib.session.seed_check import SeedCheck
from MedVOSSegmentLib.session.state import State
from MedVOSSegmentLib.session.step import Step

SAVED = "MedVOS.Session"
# Longest time in seconds without a response of the window.
PATIENCE_S = 0.04


class HeartEdit:
    """The labels and the state of a heart, which are saved with the scene, and the history, which is not.

    Attributes
    ----------
    nodes: the nodes in the scene. cine: the cine that they segment.
    cache: a copy of the segments' labels.
    state: the user's slices, accepted slices, step and findings.
    obstructed: (T, Z, Y, X) bool, the segment MVO; None where obstruction was not predicted.
    written: (T, Z) uint32 checksum of each slice as the module last left it; a slice that differs is the user's.
    own_labels: the labels of the reader's own structures, which are segmented with the heart.
    others: the segments beside those of the labels.
    history: the changes for undo and redo.
    check: the check of the drawing.
    """

    def __init__(self, nodes: HeartNodes, cine: Cine) -> None:
        self.nodes, self.cine = nodes, cine
        self.cache = LabelCache(nodes.labels())
        text = nodes.sequence.GetAttribute(SAVED) or ""
        self.state = State.of_text(text, cine.shape, self._saved_obstruction) or State.blank(cine.shape)
        shown = self.state.obstruction
        self.obstructed: NDArray[np.bool_] | None = None if shown is None else shown.mask.copy()
        self._painted: tuple[int, NDArray[np.bool_]] = -1, np.zeros(cine.shape[1:], bool)
        self.written = self.state.marks.copy()
        self.own_labels = labels_of_own(nodes.sequence)
        self.others = OtherSegments(nodes)
        self.history = History()
        spacing = cine.spacing[1:] if cine.source.spacing_known else None
        self.check = SeedCheck(spacing, clip=cine.is_echo)
        self._restoring: LabelWriter | None = None
        self._saved = self.written.copy()

    @property
    def changed(self) -> NDArray[np.bool_]:
        """(T, Z): slices that the user drew or corrected since the last result."""
        return self.cache.marks != self.written

    @property
    def own(self) -> NDArray[np.bool_]:
        """(T, Z): slices that the user drew, emptied ones too."""
        return self.state.drawn | self.changed

    @property
    def phase(self) -> int:
        """The phase that the browser shows."""
        return int(self.nodes.browser.GetSelectedItemNumber())

    def save(self) -> None:
        """Store the state in the segmentation sequence, so that it is saved with the scene."""
        self._saved = self.written.copy()
        self.nodes.sequence.SetAttribute(SAVED, replace(self.state, marks=self._saved).text())

    def save_written(self) -> None:
        """Store which slices are not the user's, for a scene that is saved during a propagation."""
        if not np.array_equal(self.written, self._saved):
            self.save()

    def take_edit(self, phase: int, writer: LabelWriter | None) -> bool:
        """Take in an edit of a phase, during which ``writer`` may be writing; False where nothing changed."""
        labels = self.nodes.phase_labels(phase)
        is_other = self._take_obstruction_edit(phase, labels)
        patch, others = self.cache.update_phase(phase, labels), self.others.update(phase)
        if patch is None and not others:
            return is_other
        if patch is not None and writer is not None:
            # Undoing the edit must not bring back a first version of a cancelled propagation.
            before = [writer.before(int(t), int(z)) for t, z in patch.places]
            kept = [old if mask is None else mask for old, mask in zip(patch.before, before, strict=True)]
            patch = replace(patch, before=np.stack(kept))
        self._note_stroke(patch, others)
        return True

    def labelled(self) -> NDArray[np.uint8]:
        """Return the labels (T, Z, Y, X) uint8, with MVO where it lies in the wall."""
        if self.obstructed is None:
            return self.cache.labels
        return np.where(self.obstructed & (self.cache.labels == MYO), np.uint8(MVO), self.cache.labels)

    @property
    def obstruction_mark(self) -> int:
        """Checksum of the segment MVO; -1 without one."""
        return -1 if self.obstructed is None else zlib.crc32(np.packbits(self.obstructed).data)

    def do(self, name: str, state: State, patch: Patch | None = None) -> None:
        """Make ``state`` the current one as a change to undo; ``patch`` is in the scene already."""
        now, later = self.obstructed, state.obstruction
        others: tuple[OtherChange, ...] = ()
        if now is not None and later is not self.state.obstruction:  # the prediction before lacks strokes of the user
            others = self.others.replaced(OBSTRUCTION.name, now, None if later is None else later.mask)
        self.history.add(Change(name, self.state, state, patch, others, self.own_labels))
        self._become(state)

    def resume(self, state: State, history: History) -> None:
        """Go on with the history of this heart, which was closed in ``state`` and has not changed since."""
        self.state, self.history = state, history

    def go(self, step: Step) -> None:
        """Go to a step, which is not a change to undo."""
        self.state = replace(self.state, step=step)
        self.save()

    def undo(self) -> str:
        """Take the last change back and return its name."""
        return self._restore(self.history.undo(), back=True)

    def redo(self) -> str:
        """Make the change again that was taken back last, and return its name."""
        return self._restore(self.history.redo(), back=False)

    @property
    def busy(self) -> bool:
        """Whether labels of an undo or redo wait to be written into the scene."""
        return self._restoring is not None and self._restoring.busy

    def step(self, until: float = float("inf")) -> None:
        """Write them until `time.monotonic` passes ``until``."""
        if self._restoring is not None:
            self._restoring.step(until, self.phase)
            if not self._restoring.busy:
                self._restoring = None

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """The digests of proposals, by which the engine knows them in a seed, but of slices that the user accepted."""
        accepted = {digest_of(self.cache.labels[t, z]) for t, z in np.argwhere(self.state.accepted)}
        return tuple(digest for digest in self.state.proposals if digest not in accepted)

    def propose(self, place: tuple[int, int], labels: NDArray[np.uint8]) -> None:
        """Write labels (Y, X) that a network proposes at a place."""
        proposals = (*self.state.proposals, digest_of(labels))
        self.put("proposal", np.array([place]), labels[None], replace(self.state, proposals=proposals))

    def put(self, name: str, places: NDArray[np.intp], labels: NDArray[np.uint8], state: State | None = None) -> None:
        """Write labels (N, Y, X) at places (N, 2) as if the user had drawn them; ``state`` is the one afterwards."""
        self.step()
        writer = LabelWriter(self.nodes, self.cache)
        writer.queue_places(places, labels)
        writer.step()
        self.do(name, state or self.state, writer.patch())

    def empty(self, places: NDArray[np.intp]) -> None:
        """Leave places (N, 2) without the heart; they are the user's, so that no propagation fills them."""
        self.step()
        writer = LabelWriter(self.nodes, self.cache)
        now = self.cache.labels[tuple(places.T)]
        writer.queue_places(places, np.where(np.isin(now, NUMBERS), now, np.uint8(0)))
        writer.step()
        drawn = self.state.drawn.copy()
        drawn[tuple(places.T)] = True
        self.do("no ventricle", replace(self.state, drawn=drawn), writer.patch())

    def refresh(self) -> None:
        """Read all segments again; edits without an event become the user's like any other."""
        self.step()
        patches: list[Patch | None] = []
        others: list[OtherChange] = []
        for phase in range(self.cine.shape[0]):
            labels = self.nodes.phase_labels(phase)
            self._take_obstruction_edit(phase, labels)
            patches.append(self.cache.update_phase(phase, labels))
            others += self.others.update(phase)
        changed = [patch for patch in patches if patch is not None]
        if changed or others:
            self._note_stroke(Patch.of_phases(changed) if changed else None, tuple(others))

    def uncertainty(self) -> NDArray[np.float32]:
        """Return the uncertainty (T, Z, Y, X) of the last result; zeros without one."""
        found = self.state.findings
        if found is not None and found.uncertainty is not None:
            return found.uncertainty
        saved = self.nodes.uncertainty()
        return np.zeros(self.cine.shape, np.float32) if saved is None else saved

    def phase_uncertainty(self, phase: int) -> NDArray[np.float32]:
        """Return that of one phase (Z, Y, X), without putting that of a loaded scene together."""
        found = self.state.findings
        if found is not None and found.uncertainty is not None:
            return found.uncertainty[phase]
        saved = self.nodes.phase_uncertainty(phase)
        return np.zeros(self.cine.shape[1:], np.float32) if saved is None else saved

    def hold_uncertainty(self) -> None:
        """Keep a loaded scene's uncertainty, which is in its nodes alone, for undo, before they show another."""
        found = self.state.findings
        if found is not None and found.uncertainty is None:
            self.state = replace(self.state, findings=replace(found, uncertainty=self.nodes.uncertainty()))

    def show_findings(self) -> None:
        """Show the uncertainty and the provenance of the state's result, or of none, in the scene."""
        found = self.state.findings
        self.nodes.set_provenance({} if found is None else found.provenance)
        if found is not None and found.uncertainty is not None:
            self.nodes.set_uncertainty(found.uncertainty)
        elif found is None and self.nodes.uncertainty_volume is not None:
            self.nodes.set_uncertainty(np.zeros(self.cine.shape, np.float32))

    def show_obstruction(self) -> Iterator[None]:
        """Show the state's obstruction, or none, in the scene, phase by phase."""
        shown = self.state.obstruction
        if shown is not None:
            self.obstructed = shown.mask.copy()
            yield from obstruction_nodes.show_obstruction(self.nodes, shown.mask, shown.probability, shown.notice)
        elif self.obstructed is not None:
            self.obstructed = None
            obstruction_nodes.remove_obstruction(self.nodes)
        self.history.follow(self.others.read_again())

    def _saved_obstruction(self) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Read the mask and the probability of a loaded scene, which are stored in its nodes alone."""
        probability = self.nodes.probability()
        if probability is None:
            probability = np.zeros(self.cine.shape, np.float32)
        return obstruction_nodes.obstruction(self.nodes), probability

    def _take_obstruction_edit(self, phase: int, labels: NDArray[np.uint8]) -> bool:
        """Return whether the user has changed the segment MVO; ``labels`` (Z, Y, X) are those of the other segments."""
        if self.obstructed is None:
            return False
        now, before = obstruction_nodes.phase_obstruction(self.nodes, phase), self.cache.labels[phase]
        is_other = not np.array_equal(now, self.obstructed[phase])
        if is_other:
            self._painted = phase, now & ~self.obstructed[phase]
        # After MVO is painted, the Segment Editor erases the wall under it, which is wall all the same.
        gone = self._painted[1] & now & (labels == 0) & (before != 0) & (phase == self._painted[0])
        if gone.any():
            labels[gone] = before[gone]
            places = np.zeros_like(self.state.accepted)
            places[phase] = gone.any((1, 2))
            self.nodes.set_labels(np.broadcast_to(labels, self.cache.labels.shape), places)
        self.obstructed[phase] = now
        return is_other

    def _note_stroke(self, patch: Patch | None, others: tuple[OtherChange, ...]) -> None:
        self.history.add_stroke(Change("drawing", self.state, self.state, patch, others, self.own_labels))

    def _become(self, state: State) -> None:
        self.state = state
        self.written = state.marks.copy()
        self.history.end_stroke()
        self.save()

    def _restore(self, change: Change | None, *, back: bool) -> str:
        """Return the name of the change."""
        if change is None:
            return ""
        self.step()
        state, patch = (change.before if back else change.after), change.patch
        old = self.state
        self._become(state)
        if state.findings is not old.findings:
            self.show_findings()
        if state.obstruction is not old.obstruction:
            for _ in self.show_obstruction():
                pass
        for (phase, name), mask in self.others.restore(change.others, back=back).items():
            if name == OBSTRUCTION.name and self.obstructed is not None:
                self.obstructed[phase] = mask
            if self.own_labels - change.own:
                self.cache.update_phase(phase, self.nodes.phase_labels(phase))
        if patch is not None:
            self._restoring = LabelWriter(self.nodes, self.cache)
            labels = patch.before if back else patch.after
            if later := self.own_labels - change.own:
                labels = keeping(later, self.cache.labels[tuple(patch.places.T)], labels)
            self._restoring.queue_places(patch.places, labels)
            self.step(time.monotonic() + PATIENCE_S)
        return change.name
