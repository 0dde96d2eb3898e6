"""Step 3, segmenting the whole heart."""

from __future__ import annotations

from medvos.errors import InputError
from MedVOSSegmentLib.job.events import Advanced
from MedVOSSegmentLib.session.model_choice import STACK, UNDRAWN_STACK, fitting, is_at_hand
from MedVOSSegmentLib.session.open_heart import OpenHeart
from MedVOSSegmentLib.session.own_segments import examine
from MedVOSSegmentLib.session.propagation_exchange import start_propagation
from MedVOSSegmentLib.session.seed_logic import SeedLogic
from MedVOSSegmentLib.session.state import Findings
from MedVOSSegmentLib.session.workspace import Workspace
from MedVOSSegmentLib.text import tr


class PropagateLogic:
    """Starts the segmentation; `seed` checks the drawing."""

    def __init__(self, workspace: Workspace, seed: SeedLogic) -> None:
        self._workspace, self.seed = workspace, seed

    @property
    def can_propagate(self) -> bool:
        """Whether segments are made, or a clip is open, and no job is running."""
        space = self._workspace
        return (space.heart is not None or space.is_clip) and not space.background.is_running

    @property
    def is_clip(self) -> bool:
        """Whether a clip is open, which has frames in place of slices and phases."""
        return self._workspace.is_clip

    @property
    def offers_undrawn(self) -> bool:
        """Whether `segment_undrawn` is possible: a stack is open, and its weights are there."""
        return self._workspace.opened is not None and not self._workspace.is_clip and is_at_hand(UNDRAWN_STACK)

    @property
    def model(self) -> str:
        """The network that `propagate` takes by default."""
        opened, heart = self._workspace.opened, self._workspace.heart
        if opened is None:
            return STACK
        return fitting(opened.cine, drawn=heart is not None and (heart.is_drawn or bool(examine(heart.edit).fit)))

    @property
    def frames(self) -> int:
        """Frames of all slices and phases of the open cine; 0 without one."""
        opened = self._workspace.opened
        return 0 if opened is None else opened.cine.shape[0] * opened.cine.shape[1]

    @property
    def findings(self) -> Findings | None:
        """The last result; None without one."""
        heart = self._workspace.heart
        return None if heart is None else heart.findings

    @property
    def progress(self) -> Advanced | None:
        """The progress of the background job; None where none is running. A total of 0 is not known yet."""
        return self._workspace.background.progress

    def propagate(self, model: str | None = None, device: str = "auto") -> None:
        """Segment every slice that is neither drawn nor accepted, in the background, by default with the fitting model.

        Raises InputError where the drawing cannot be a seed, or a job is running.

        Example: ``session.propagation.propagate(device="cpu")``
        """
        space = self._workspace
        space.background.require_idle()
        heart = self._up_to_date()
        self.seed.refuse_blocking_faults()
        start_propagation(space.background, heart.edit, model, device)
        space.changed.emit(None)

    def segment_undrawn(self, device: str = "auto") -> None:
        """Segment every slice and phase without a drawing, in the background; drawn and accepted slices stay.

        Raises InputError where there are no weights for it, or a job is running.
        """
        space = self._workspace
        space.background.require_idle()
        space.require_cine()
        if not self.offers_undrawn:
            raise InputError(tr("There are no weights for a segmentation without a drawing: draw one slice."))
        heart = self._up_to_date()
        start_propagation(space.background, heart.edit, UNDRAWN_STACK, device)
        space.changed.emit(None)

    def _up_to_date(self) -> OpenHeart:
        """Return the open heart with all edits of its segments read, or with new ones where it has none."""
        space = self._workspace
        if space.heart is None:
            return space.make_segments()
        heart = space.heart
        space.require_same_cine(heart)
        heart.edit.refresh()
        return heart
