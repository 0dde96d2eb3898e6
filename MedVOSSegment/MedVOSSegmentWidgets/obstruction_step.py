"""Step 5b: predict microvascular obstruction (MVO); its research-only notice is always shown with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer

from MedVOSSegmentLib.session.obstruction_logic import ObstructionLogic
from MedVOSSegmentWidgets import views
from MedVOSSegmentWidgets.messages import say, shows_errors


class ObstructionStep:
    """Predicts obstruction after the user has agreed to its limits, and shows the notice beside it.

    Parameters
    ----------
    prepare: installs missing packages with the user's consent.
    device: returns the device that the user chose, by the engine's name.
    """

    def __init__(
        self, ui: Any, logic: ObstructionLogic, prepare: Callable[[], None], device: Callable[[], str]
    ) -> None:
        self._ui, self._logic, self._prepare, self._device = ui, logic, prepare, device
        # The probability that is shown over the cine.
        self._overlay: Any = None
        ui.obstructionButton.connect("clicked()", self.on_predict)

    @shows_errors
    def on_predict(self) -> None:
        self._prepare()
        self._logic.predict(_agrees, self._device())

    def volume(self) -> Any:
        """Return the probability volume where the user has chosen to show it over the cine; else None."""
        return self._logic.probability_volume if self._ui.probabilityCheckBox.checked else None

    def refresh(self) -> None:
        """Show the button where the prediction is offered, and the notice where there is one."""
        ui, logic = self._ui, self._logic
        ui.obstructionButton.visible = logic.is_offered
        ui.obstructionButton.enabled = logic.can_predict
        ui.probabilityCheckBox.visible = logic.probability_volume is not None
        say(ui.noticeLabel, logic.notice)
        if self.volume() is not self._overlay:
            self._overlay = self.volume()
            views.show_over(self._overlay)


def _agrees(question: str) -> bool:
    return bool(slicer.util.confirmYesNoDisplay(question, windowTitle="MedVOSSegment"))
