"""Step 4, reviewing the result, accepting slices, and propagating corrections."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.errors import InputError
from medvos.measure.segments import base_is_last
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.session.correction_input import CorrectionCost
from MedVOSSegmentLib.session.open_cine import Place
from MedVOSSegmentLib.session.open_heart import OpenHeart
from MedVOSSegmentLib.session.own_segments import waiting
from MedVOSSegmentLib.session.propagation_exchange import start_corrections
from MedVOSSegmentLib.session.results import NONE
from MedVOSSegmentLib.session.seed_logic import SeedLogic
from MedVOSSegmentLib.session.slice_ranking import neighbour, worst_first
from MedVOSSegmentLib.session.state import Findings, State
from MedVOSSegmentLib.session.workspace import Workspace
from MedVOSSegmentLib.text import tr


@dataclass(frozen=True, eq=False)
class ReviewCells:
    """The cells of the review map, (T, Z) each.

    Attributes
    ----------
    scores: float32, probability that the outline is bad; NaN where nothing is segmented yet.
    drawn, corrected, accepted: bool.
    base_last: whether the slice of the highest index is the basal end; None where it is not known.
    """

    scores: NDArray[np.float32]
    drawn: NDArray[np.bool_]
    corrected: NDArray[np.bool_]
    accepted: NDArray[np.bool_]
    base_last: bool | None = None


class ReviewLogic:
    """Ranks slices by score, locks them, and propagates corrections; `seed` checks the drawing."""

    def __init__(self, workspace: Workspace, seed: SeedLogic) -> None:
        self._workspace, self._seed = workspace, seed
        # The heart whose ranking was walked through, and the score of the slice at which that stands.
        self._walked: tuple[OpenHeart, float] | None = None
        # The basal end as the last result shows it: edits do not turn the map around.
        self._base_last: tuple[Findings, bool | None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether a job is running."""
        return self._workspace.background.is_running

    @property
    def is_clip(self) -> bool:
        """Whether a clip is open, which has frames in place of slices and phases."""
        return self._workspace.is_clip

    @property
    def place(self) -> Place | None:
        """The phase and slice in view; None before one is."""
        opened = self._workspace.opened
        return None if opened is None else opened.place

    @property
    def nodes(self) -> HeartNodes | None:
        """The nodes of the heart; None without segments."""
        heart = self._workspace.heart
        return None if heart is None else heart.nodes

    @property
    def state(self) -> State | None:
        """The state of the heart, another object after every change; None without segments."""
        heart = self._workspace.heart
        return None if heart is None else heart.state

    @property
    def scores(self) -> NDArray[np.float32] | None:
        """(T, Z), probability that a mask is bad; None without a result."""
        heart = self._workspace.heart
        return None if heart is None or heart.findings is None else heart.findings.scores

    @property
    def can_review(self) -> bool:
        """Whether there is a result."""
        return self._workspace.has_result

    @property
    def can_accept(self) -> bool:
        """Whether there is a result, a slice in view, and no job running."""
        space = self._workspace
        in_view = space.opened is not None and space.opened.place is not None
        return in_view and self.can_review and not space.background.is_running

    def go_to(self, phase: int, z: int) -> None:
        """Show a phase and a slice."""
        self._workspace.go_to(phase, z)

    def named_phases(self) -> dict[str, int | None]:
        """Return ``ED`` and ``ES`` of the measures that are shown; None each where those are unknown or outdated."""
        heart = self._workspace.heart
        shown = NONE if heart is None or self._workspace.has_outdated_measures else heart.results.shown
        phases: dict[str, int | None] = shown["phases"]
        return phases

    def cells(self) -> ReviewCells | None:
        """Return the cells of the review map; None without segments."""
        heart = self._workspace.heart
        if heart is None:
            return None
        changed, accepted = heart.edit.changed, heart.state.accepted
        if heart.findings is None:
            unknown = np.full(changed.shape, np.nan, np.float32)
            return ReviewCells(unknown, heart.edit.own, np.zeros_like(changed), accepted)
        base_last = self._find_base(heart, heart.findings)
        return ReviewCells(heart.findings.scores, heart.state.drawn, changed | waiting(heart.edit), accepted, base_last)

    def uncertain_slices(self) -> list[tuple[int, int, float]]:
        """Return phase, slice and score of slices that are neither drawn, corrected nor accepted, the worst first.

        Example: ``phase, z, score = session.review.uncertain_slices()[0]``
        """
        heart = self._workspace.heart
        if heart is None or heart.findings is None:
            return []
        return worst_first(heart.findings.scores, heart.edit.own | heart.state.accepted)

    def go_to_worst(self, by: int) -> None:
        """Show the slice that follows (``by`` 1) or precedes (-1) the one in view among the uncertain ones.

        The first call shows the worst.
        """
        heart = self._workspace.heart
        score = self._walked[1] if self._walked is not None and self._walked[0] is heart else None
        found = neighbour(self.uncertain_slices(), self.place, score, by)
        if heart is not None and found is not None:
            self._walked = heart, found[2]
            self.go_to(*found[:2])

    def is_accepted(self, place: Place) -> bool:
        """Return whether the slice at ``place`` is locked."""
        heart = self._workspace.heart
        return heart is not None and bool(heart.state.accepted[place])

    def accept(self, phase: int, z: int) -> None:
        """Lock a slice: no propagation changes it."""
        self._set_accepted(phase, z, True)

    def unaccept(self, phase: int, z: int) -> None:
        """Unlock a slice."""
        self._set_accepted(phase, z, False)

    def corrections(self) -> list[Place]:
        """Return the slices whose segments differ from the last result, or have new ones; empty without one."""
        heart = self._workspace.heart
        if heart is None or heart.findings is None:
            return []
        return [(int(t), int(z)) for t, z in np.argwhere(heart.edit.changed | waiting(heart.edit))]

    @property
    def can_propagate_corrections(self) -> bool:
        """Whether something was corrected, and some slice that the user drew or accepted has a label to propagate."""
        heart = self._workspace.heart
        if heart is None or not self.corrections():
            return False
        edit = heart.edit
        return bool(((edit.own | edit.state.accepted | waiting(edit)) & edit.cache.filled).any())

    def cost_of_corrections(self) -> CorrectionCost:
        """Return the cost of `propagate_corrections`."""
        heart = self._workspace.heart
        if heart is None or heart.findings is None or not self.corrections():
            return CorrectionCost(0, 0.0, 0.0)
        if waiting(heart.edit).any():  # which frames depend on a structure that is new is not known before
            return CorrectionCost(heart.edit.changed.size, 1.0, heart.findings.full_seconds)
        return heart.results.cost(heart.findings)

    def propagate_corrections(self) -> None:
        """Segment again the frames that depend on slices corrected since the last result, in the background.

        Raises InputError where nothing was corrected, the drawing cannot be a seed, or a job is running.
        """
        space = self._workspace
        space.background.require_idle()
        heart = space.require_heart()
        space.require_same_cine(heart)
        heart.edit.refresh()
        if heart.findings is None or not self.corrections():
            raise InputError(tr("Nothing was corrected since the last result: correct a slice first."))
        if not self.can_propagate_corrections:
            raise InputError(
                tr("What you emptied stays empty, and no frame is drawn that could be propagated: draw one first.")
                if space.is_clip
                else tr("What you emptied stays empty, and no slice is drawn that could be propagated: draw one first.")
            )
        self._seed.refuse_blocking_faults()
        start_corrections(space.background, heart.edit, heart.findings)
        space.changed.emit(None)

    def _find_base(self, heart: OpenHeart, findings: Findings) -> bool | None:
        if self._base_last is None or self._base_last[0] is not findings:
            self._base_last = findings, base_is_last(heart.edit.cache.labels)
        return self._base_last[1]

    def _set_accepted(self, phase: int, z: int, accepted: bool) -> None:
        space = self._workspace
        space.background.require_idle()
        heart = space.heart
        if heart is None or heart.findings is None:
            raise InputError(tr("There is nothing to accept yet: have the heart segmented first."))
        if heart.state.accepted[phase, z] != accepted:
            heart.edit.do("acceptance", heart.state.accepting(phase, z, accepted))
            space.mark_measures_stale()
