"""Within step 2, what is said of whole slices: that they show no ventricle, and where papillary muscles belong."""

from __future__ import annotations

import numpy as np

from medvos.errors import InputError
from MedVOSSegmentLib.session.open_cine import Place
from MedVOSSegmentLib.session.workspace import Workspace
from MedVOSSegmentLib.text import tr


class SliceLogic:
    """Empties slices, and converts the papillary muscles of the user's drawings."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @property
    def is_offered(self) -> bool:
        """Whether a stack is open; a clip has frames, and its structures are drawn alone."""
        return self._workspace.opened is not None and not self._workspace.is_clip

    @property
    def can_empty(self) -> bool:
        """Whether a slice of a stack is in view and no job is running."""
        space = self._workspace
        in_view = space.opened is not None and space.opened.place is not None
        return self.is_offered and in_view and not space.background.is_running

    @property
    def can_convert(self) -> bool:
        """Whether a slice of a stack is drawn and no job is running."""
        return self.is_offered and bool(self._drawn()) and not self._workspace.background.is_running

    def empty(self, *, all_phases: bool = False) -> None:
        """Say that the slice in view shows no ventricle, at this phase or at all: it has none, and stays so.

        Segments of the reader's own stay as they are.
        Accepted phases of it stay as they are, and a `message` counts them.
        Raises InputError where no slice of a stack is in view, all of it is accepted, or a job is running.

        Example: ``session.slices.empty(all_phases=True)``
        """
        space = self._workspace
        space.background.require_idle()
        if not self.can_empty:
            raise InputError(tr("No slice is in view: scroll to the one that shows no ventricle."))
        heart, opened = space.make_segments(), space.require_cine()
        space.require_same_cine(heart)
        heart.edit.refresh()
        phase, z = opened.place or (0, 0)
        phases = range(opened.cine.shape[0]) if all_phases else [phase]
        places = [(t, z) for t in phases if not heart.state.accepted[t, z]]
        locked = len(phases) - len(places)
        if not places:
            raise InputError(tr("This slice is accepted and locked: press Accept again to unlock it first."))
        heart.edit.empty(np.array(places, np.intp))
        space.mark_measures_stale()
        if locked:
            space.message.emit(tr("Accepted and locked phases of this slice stay as they are: {n}.").format(n=locked))

    def convert_muscles(self, *, to_wall: bool) -> None:
        """Count the papillary muscles of all drawn slices as wall, or as cavity, as one change to undo.

        Slices where that cannot be decided stay as they are, and a `message` names them.
        Raises InputError where it can be decided in none, nothing is drawn, or a job is running.

        Example: ``session.slices.convert_muscles(to_wall=True)``
        """
        from medvos.segmentation.papillary import muscles_as_cavity, muscles_as_wall

        space = self._workspace
        space.background.require_idle()
        heart = space.require_heart()
        space.require_same_cine(heart)
        heart.edit.refresh()
        places, cine = self._drawn(), heart.cine
        if not places or space.is_clip:
            raise InputError(tr("No slice is drawn whose papillary muscles could be converted: draw one first."))
        converted, reasons = {}, {}
        for place in places:
            labels = heart.edit.cache.labels[place]
            if heart.state.accepted[place]:
                reasons[place] = tr("accepted and locked")
                continue
            spacing = cine.spacing[1:]
            found = (
                muscles_as_wall(cine.array[place], labels, spacing) if to_wall else muscles_as_cavity(labels, spacing)
            )
            if found.why_not:
                reasons[place] = found.why_not
            else:
                converted[place] = found.labels
        if not converted:
            raise InputError(
                tr("The papillary muscles stay as they are drawn: {reasons}.").format(reasons=_listed(reasons))
            )
        heart.edit.put("papillary muscles", np.array(list(converted), np.intp), np.stack(list(converted.values())))
        space.mark_measures_stale()
        text = tr("Slices converted: {count}. Check the outline before you propagate it.").format(count=len(converted))
        left = tr("Unchanged: {reasons}.").format(reasons=_listed(reasons)) if reasons else ""
        space.message.emit(f"{text} {left}".rstrip())

    def _drawn(self) -> list[Place]:
        """Return the slices that the user drew or corrected, emptied ones left out."""
        heart = self._workspace.heart
        if heart is None:
            return []
        return [(int(t), int(z)) for t, z in np.argwhere(heart.edit.own & heart.edit.cache.filled)]


def _listed(reasons: dict[Place, str]) -> str:
    """Return each reason once, with its slices."""
    places: dict[str, list[Place]] = {}
    for place, reason in reasons.items():
        places.setdefault(reason, []).append(place)
    listed = {
        reason: ", ".join(tr("slice {z} at phase {t}").format(z=z + 1, t=t + 1) for t, z in where)
        for reason, where in places.items()
    }
    return "; ".join(f"{reason} ({where})" for reason, where in listed.items())
