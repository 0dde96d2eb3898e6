"""The sentence at the top of the panel that names the next action."""

from __future__ import annotations

from slicer.i18n import tr as _

from MedVOSSegmentLib.session.session import Session
from MedVOSSegmentLib.session.step import Step


def next_action(session: Session) -> str:
    """Return the sentence for the current state of ``session``."""
    if session.cine is None:
        return _("Choose a cine, or make the synthetic patient, to begin.")
    if session.progress is not None:
        return _("You can go on looking and drawing while this runs.")
    if not session.review.can_review and session.is_clip:
        return _("Segment the clip as it is, or draw a frame first, which is then propagated.")
    if not session.review.can_review:
        if session.heart is None and session.propagation.offers_undrawn:
            return _("Draw one slice, or have the heart segmented without a drawing.")
        if session.heart is None:
            return _("Go to the best slice and draw the LV, the myocardium and the RV on it.")
        if Step.PROPAGATE not in session.reachable():
            return _("Draw the LV, the myocardium and the RV on this slice.")
        return _("When the drawing is right, segment the whole heart.")
    if session.review.can_propagate_corrections:
        return _("Propagate your corrections when you have made them.")
    if not session.review.uncertain_slices():
        return _("Everything is drawn or accepted: read the numbers, then export them.")
    return _("Look at the darkest cells first; correct errors, then read the numbers.")
