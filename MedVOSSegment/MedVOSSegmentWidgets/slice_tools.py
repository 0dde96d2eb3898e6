"""Within step 2, a group of buttons for whole slices and for papillary muscles."""

from __future__ import annotations

from typing import Any

from MedVOSSegmentLib.session.slice_logic import SliceLogic
from MedVOSSegmentWidgets.messages import shows_errors


class SliceTools:
    """Says that a slice shows no ventricle, and converts papillary muscles."""

    def __init__(self, ui: Any, logic: SliceLogic) -> None:
        self._ui, self._logic = ui, logic
        ui.noVentricleButton.connect("clicked()", self.on_no_ventricle)
        ui.noVentricleBeatButton.connect("clicked()", self.on_no_ventricle_in_beat)
        ui.musclesOutButton.connect("clicked()", self.on_muscles_out)
        ui.musclesInButton.connect("clicked()", self.on_muscles_in)

    @shows_errors
    def on_no_ventricle(self) -> None:
        self._logic.empty()

    @shows_errors
    def on_no_ventricle_in_beat(self) -> None:
        self._logic.empty(all_phases=True)

    @shows_errors
    def on_muscles_out(self) -> None:
        self._logic.convert_muscles(to_wall=True)

    @shows_errors
    def on_muscles_in(self) -> None:
        self._logic.convert_muscles(to_wall=False)

    def refresh(self) -> None:
        """Show the group for a stack, and enable what is possible."""
        ui, logic = self._ui, self._logic
        ui.sliceGroup.visible = logic.is_offered
        ui.noVentricleButton.enabled = ui.noVentricleBeatButton.enabled = logic.can_empty
        ui.musclesOutButton.enabled = ui.musclesInButton.enabled = logic.can_convert
