"""Step 2, drawing one slice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from medvos.errors import InputError
from MedVOSSegmentLib.job.tasks import ProposalTask
from MedVOSSegmentLib.session.background import Background
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.session.model_choice import proposal_model
from MedVOSSegmentLib.session.open_cine import Place
from MedVOSSegmentLib.session.own_segments import examine
from MedVOSSegmentLib.session.positions import Point
from MedVOSSegmentLib.session.seed_check import NOTHING_DRAWN, Fault
from MedVOSSegmentLib.session.workspace import Workspace
from MedVOSSegmentLib.text import tr

# A heart at end-diastole with what lies around it.
HEART_MM = 180.0


class SeedLogic:
    """Finds the slice to draw, proposes a drawing, and checks it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @property
    def can_find_place(self) -> bool:
        """Whether a cine is open."""
        return self._workspace.opened is not None

    @property
    def can_propose(self) -> bool:
        """Whether a stack is open and no job is running."""
        space = self._workspace
        return space.opened is not None and not space.is_clip and not space.background.is_running

    @property
    def is_clip(self) -> bool:
        """Whether a clip is open, which has frames in place of slices and phases."""
        return self._workspace.is_clip

    @property
    def is_running(self) -> bool:
        """Whether a job is running, which may be writing into the segments."""
        return self._workspace.background.is_running

    def make_segments(self) -> None:
        """Make three empty segments in every phase, unless there are some."""
        self._workspace.make_segments()

    def find_place(self) -> Place:
        """Return end-diastole and a mid-ventricular slice, where drawing is easiest."""
        return self._workspace.require_cine().find_seed_place()

    def go_to_place(self) -> Point:
        """Make the segments and show the slice that is easiest to draw; return the heart's centre, RAS in mm."""
        self.make_segments()
        return self._workspace.go_to(*self.find_place())

    @property
    def heart_width(self) -> float | None:
        """Width in mm of a view that the heart fills; None where the cine is no stack or pixels have no size."""
        space = self._workspace
        if space.opened is None or space.is_clip or not space.opened.cine.source.spacing_known:
            return None
        _, y, x = space.opened.cine.spacing
        _, _, rows, columns = space.opened.cine.shape
        return min(HEART_MM, max(rows * y, columns * x))

    def faults(self) -> list[Fault]:
        """Return the faults of the drawing, blocking ones first; empty where it is fine."""
        heart = self._workspace.heart
        if heart is None:
            return [] if self._workspace.is_clip else [NOTHING_DRAWN]
        own = examine(heart.edit).sentences
        return [*heart.edit.check.faults(heart.edit.cache, heart.edit.own), *(Fault(sentence) for sentence in own)]

    def faults_to_show(self) -> list[Fault]:
        """Return `faults` without the missing drawing where no segments exist or the heart was segmented without."""
        heart = self._workspace.heart
        if heart is None:
            return []
        return [fault for fault in self.faults() if heart.findings is None or fault is not NOTHING_DRAWN]

    def refuse_blocking_faults(self) -> None:
        """Raise InputError with the first fault that makes a propagation worthless."""
        for fault in self.faults():
            if fault.blocking:
                raise InputError(fault.sentence)

    def propose(self, model: str | None = None, device: str = "auto") -> None:
        """Propose a drawing of the slice in view in the background; of the easiest slice where none is in view.

        ``model`` is by default one that needs no drawing, where its weights are there.

        Raises InputError where the slice has labels, a clip is open, or a job is running.

        Example: ``session.seed.propose()``
        """
        space = self._workspace
        space.background.require_idle()
        if space.is_clip:
            raise InputError(tr("A clip needs no drawing: have it segmented as it is, or draw one frame yourself."))
        heart, opened = space.make_segments(), space.require_cine()
        space.require_same_cine(heart)
        place = opened.place
        if place is None:
            place = self.find_place()
            space.go_to(*place)
        if heart.edit.cache.filled[place]:
            raise InputError(
                tr("Slice {slice} at phase {phase} has labels: erase them to have a drawing proposed.").format(
                    slice=place[1] + 1, phase=place[0] + 1
                )
            )
        start_proposal(space.background, heart.edit, place, model or proposal_model(opened.cine), device)
        space.changed.emit(None)


def start_proposal(background: Background, edit: HeartEdit, place: Place, model: str, device: str) -> None:
    """Start the proposal of a drawing at a phase and slice, and draw it at the end unless the user has drawn there."""

    def accept(labels: NDArray[np.uint8]) -> Iterator[None]:
        background.say(_accept_proposal(edit, place, labels))
        yield from ()

    background.start(
        edit,
        ProposalTask(edit.cine, *place, model=model, device=device),
        tr("Looking for the heart"),
        accept,
        cancelled=tr("Cancelled: nothing was drawn."),
        is_whole=False,
    )


def _accept_proposal(edit: HeartEdit, place: Place, labels: NDArray[np.uint8]) -> str:
    """Draw labels (Y, X) at ``place`` where it is still empty; return the sentence for the user."""
    if not labels.any():
        return tr("No heart was found on this slice: draw it, or try another slice.")
    if edit.cache.filled[place]:
        return tr("You have drawn on this slice meanwhile: your drawing stays as it is.")
    edit.propose(place, labels)
    return tr("This is a proposal: correct it before the heart is segmented from it.")
