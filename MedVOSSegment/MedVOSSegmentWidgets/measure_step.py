"""Step 5: the numbers, and the volumes over the beat."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from MedVOSSegmentWidgets import views
from MedVOSSegmentWidgets.messages import tells


class MeasureStep:
    """Shows the table and the plot that the session keeps in the scene."""

    def __init__(self, ui: Any, session: Any) -> None:
        self._ui, self._session = ui, session
        ui.measureTable.verticalHeader().setVisible(False)
        ui.measureTable.verticalHeader().setDefaultSectionSize(22)
        ui.measureTable.horizontalHeader().setStretchLastSection(True)
        ui.curveButton.connect("clicked()", self.on_curve)

    @tells
    def on_curve(self) -> None:
        views.show_chart(self._session.chart())

    def refresh(self) -> None:
        if self._session.progress is not None:
            return
        table = self._session.table
        self._ui.measureTable.setMRMLTableNode(table)
        self._ui.curveButton.enabled = table is not None
        self._ui.measureLabel.text = (
            _("The numbers appear once the heart is segmented.")
            if table is None
            else _("The numbers follow your corrections; their intervals come with the next propagation.")
        )
