"""Step 2: draw one slice."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from MedVOSSegmentLib.session.seed_check import NOTHING_DRAWN
from MedVOSSegmentWidgets.messages import say, tells


class SeedStep:
    """Goes to the slice to draw, offers a proposal, and says what is odd about the drawing."""

    def __init__(self, ui: Any, session: Any) -> None:
        self._ui, self._session = ui, session
        ui.findPlaceButton.connect("clicked()", self.on_find_place)
        ui.proposeButton.connect("clicked()", self.on_propose)

    @tells
    def on_find_place(self) -> None:
        self._session.make_segments()
        self._session.go_to(*self._session.find_seed_place())

    @tells
    def on_propose(self) -> None:
        self._session.propose()

    def refresh(self) -> None:
        session = self._session
        is_open, is_running = session.cine is not None, session.progress is not None
        self._ui.findPlaceButton.enabled = is_open
        self._ui.proposeButton.enabled = is_open and not is_running and not session.is_clip
        if not is_running:
            faults = session.seed_faults() if session.heart is not None else []
            if session.scores is not None and NOTHING_DRAWN in faults:
                faults.remove(NOTHING_DRAWN)  # the heart was segmented without
            say(self._ui.seedLabel, "\n".join(f"\N{BULLET} {fault}" for fault in faults))

    def refresh_place(self) -> None:
        place = self._session.place
        text = _("The views show slice {slice} at phase {phase} (counted from 0).")
        if self._session.is_clip:
            text = _("The views show frame {phase} (counted from 0).")
        say(self._ui.placeLabel, "" if place is None else text.format(slice=place[1], phase=place[0]))
