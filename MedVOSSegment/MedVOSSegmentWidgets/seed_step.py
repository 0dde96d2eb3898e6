"""Step 2: draw one slice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from MedVOSSegmentLib.session.open_cine import Place
from MedVOSSegmentLib.session.seed_logic import SeedLogic
from MedVOSSegmentWidgets import views
from MedVOSSegmentWidgets.button_rows import fill
from MedVOSSegmentWidgets.messages import say, shows_errors


class SeedStep:
    """Goes to the slice to draw, proposes a drawing, and lists its faults.

    `prepare` installs missing packages with the user's consent.
    """

    def __init__(self, ui: Any, logic: SeedLogic, prepare: Callable[[], None]) -> None:
        self._ui, self._logic, self._prepare = ui, logic, prepare
        self._named_for_clip = False
        fill(ui.placeButtons, [ui.findPlaceButton, ui.proposeButton, ui.undrawnButton])
        ui.findPlaceButton.connect("clicked()", self.on_find_place)
        ui.proposeButton.connect("clicked()", self.on_propose)

    @shows_errors
    def on_find_place(self) -> None:
        point, width = self._logic.go_to_place(), self._logic.heart_width
        if width is not None:
            views.zoom_to(point, width)

    @shows_errors
    def on_propose(self) -> None:
        self._prepare()
        self._logic.propose()

    def refresh(self) -> None:
        """Enable the buttons, and list the faults while no job writes into the segments."""
        self._ui.findPlaceButton.enabled = self._logic.can_find_place
        self._ui.proposeButton.enabled = self._logic.can_propose
        self._ui.proposeButton.visible = not self._logic.is_clip
        if self._logic.is_clip is not self._named_for_clip:
            self._named_for_clip = self._logic.is_clip
            self._name()
        if not self._logic.is_running:
            faults = self._logic.faults_to_show()
            say(self._ui.seedLabel, "\n".join(f"\N{BULLET} {fault}" for fault in faults))

    def _name(self) -> None:
        """Name the step and its button for a stack or a clip."""
        ui, is_clip = self._ui, self._named_for_clip
        ui.seedStep.text = _("2  Seed: draw one frame") if is_clip else _("2  Seed: draw one slice")
        ui.findPlaceButton.text = _("Go to end-diastole") if is_clip else _("Go to the best slice")
        ui.findPlaceButton.toolTip = (
            _("Show the frame with the largest LV and make its segments.")
            if is_clip
            else _("Show the mid-ventricular slice at end-diastole and make the three segments.")
        )

    def refresh_place(self, place: Place | None, is_clip: bool) -> None:
        """Name the slice and phase in view."""
        text = _("The views show slice {slice} at phase {phase} (counted from 1).")
        if is_clip:
            text = _("The views show frame {phase} (counted from 1).")
        say(self._ui.placeLabel, "" if place is None else text.format(slice=place[1] + 1, phase=place[0] + 1))
