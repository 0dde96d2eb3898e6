"""Within step 5: microvascular obstruction, which never stands without what it is worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
from slicer.i18n import tr as _

from MedVOSSegmentWidgets.messages import say, tells


class ObstructionStep:
    """Has obstruction predicted once the user knows what that is worth, and says so as long as it is shown.

    `prepare` installs what is missing, after asking; `device` tells what the user chose to compute on.
    """

    def __init__(self, ui: Any, session: Any, prepare: Callable[[], None], device: Callable[[], str]) -> None:
        self._ui, self._session, self._prepare, self._device = ui, session, prepare, device
        ui.obstructionButton.connect("clicked()", self.on_predict)

    @tells
    def on_predict(self) -> None:
        self._prepare()
        self._session.predict_obstruction(_agrees, self._device())

    def volume(self) -> Any:
        """What the user wants to lie over the cine; None for something else."""
        heart = self._session.heart
        return heart.probability_volume if heart is not None and self._ui.chanceCheckBox.checked else None

    def refresh(self) -> None:
        ui, session = self._ui, self._session
        ui.obstructionButton.visible = session.offers_obstruction
        ui.obstructionButton.enabled = session.progress is None
        ui.chanceCheckBox.visible = bool(session.notice)
        say(ui.noticeLabel, session.notice)


def _agrees(question: str) -> bool:
    return bool(slicer.util.confirmYesNoDisplay(_(question), windowTitle="MedVOSSegment"))
