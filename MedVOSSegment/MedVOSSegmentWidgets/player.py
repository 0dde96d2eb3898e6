"""Plays the open cine, and goes to end-diastole and end-systole."""

from __future__ import annotations

from typing import Any

import qt

from medvos.cine.cine import Cine
from MedVOSSegmentLib.session.review_logic import ReviewLogic
from MedVOSSegmentWidgets.button_rows import fill
from MedVOSSegmentWidgets.messages import shows_errors
from MedVOSSegmentWidgets.parts import hide_parts, part
from MedVOSSegmentWidgets.views import show_in_toolbar

_ICON, _GAP = 16, 3


class Player:
    """Ties Slicer's widgets for sequences to the browser of the open cine."""

    def __init__(self, ui: Any, logic: ReviewLogic) -> None:
        self._ui, self._logic = ui, logic
        self._browser: Any = None
        # Slicer's toolbar has them all; here is room for three buttons and a slider.
        hide_parts(
            ui.playWidget,
            *(f"pushButton_Vcr{name}" for name in ("First", "Last", "Loop")),
            "doubleSpinBox_VcrPlaybackRate",
        )
        # The widget itself would show the buttons that record again.
        ui.playWidget.setRecordingControlsVisible(False)
        hide_parts(ui.seekWidget, "label_IndexName", "label_IndexValue", "label_IndexUnit")
        for widget in (ui.playWidget, ui.seekWidget):
            widget.layout().setContentsMargins(0, 0, 0, 0)
            widget.layout().setSpacing(2)
        for name in ("Previous", "PlayPause", "Next"):
            button = part(ui.playWidget, f"pushButton_Vcr{name}")
            if button is not None:
                button.setIconSize(qt.QSize(_ICON, _ICON))
        pairs = [(ui.edButton, ui.esButton), (ui.undoButton, ui.redoButton)]
        fill(ui.playerBox, [ui.playWidget, ui.seekWidget, *pairs], _GAP)
        ui.edButton.connect("clicked()", self.on_ed)
        ui.esButton.connect("clicked()", self.on_es)

    @shows_errors
    def on_ed(self) -> None:
        self._go_to("ED")

    @shows_errors
    def on_es(self) -> None:
        self._go_to("ES")

    @shows_errors
    def on_play(self) -> None:
        if self._browser is not None:
            self._browser.SetPlaybackActive(not self._browser.GetPlaybackActive())

    def show(self, browser: Any, cine: Cine | None) -> None:
        """Play ``browser`` at the rate of its ``cine`` from now on; None plays nothing."""
        self._browser = browser
        for widget in (self._ui.playWidget, self._ui.seekWidget):
            widget.setMRMLSequenceBrowserNode(browser)
        self._ui.playerBox.visible = browser is not None
        if browser is not None:
            browser.SetPlaybackRateFps(0.0 if cine is None else 1000.0 * len(cine.times) / cine.period)
            show_in_toolbar(browser)

    def refresh(self) -> None:
        """Enable the buttons of the phases that are known."""
        named = self._logic.named_phases()
        for name, button in (("ED", self._ui.edButton), ("ES", self._ui.esButton)):
            button.enabled = named[name] is not None

    def _go_to(self, name: str) -> None:
        phase, place = self._logic.named_phases()[name], self._logic.place
        if phase is not None and place is not None:
            self._logic.go_to(phase, place[1])
