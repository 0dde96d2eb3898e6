"""Step 5: the measures, and the volumes over the beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import qt
from slicer.i18n import tr as _

from medvos.measure.doubts import Doubt
from MedVOSSegmentLib.session.measure_logic import MeasureLogic
from MedVOSSegmentWidgets import views
from MedVOSSegmentWidgets.messages import shows_errors

_CELL_MARGIN, _FRAME = 6, 4
_REMARK_COLUMN, _NORMAL_COLUMN = 4, 5


class MeasureStep:
    """Shows the table and the plot that the session keeps in the scene."""

    def __init__(self, ui: Any, logic: MeasureLogic) -> None:
        self._ui, self._logic = ui, logic
        table = ui.measureTable
        table.verticalHeader().setVisible(False)
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + _CELL_MARGIN)
        table.setVerticalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
        ui.remarksButton.connect("toggled(bool)", self.on_remarks_toggled)
        ui.curveButton.connect("clicked()", self.on_curve)

    @shows_errors
    def on_curve(self) -> None:
        views.show_chart(self._logic.chart)

    def on_remarks_toggled(self, shown: bool) -> None:
        self._ui.remarksLabel.visible = shown

    def refresh(self) -> None:
        """Show the measures, unless they are being computed."""
        if self._logic.is_busy:
            return
        table = self._logic.table
        self._ui.measureTable.setMRMLTableNode(table)
        self._ui.measureTable.visible = table is not None
        self._ui.curveButton.enabled = self._ui.remarksButton.visible = table is not None
        if table is None:
            self._ui.remarksButton.checked = False
            self._ui.measureLabel.text = _("The numbers appear once the heart is segmented.")
            return
        measures = self._logic.measures()
        self._show_known(measures)
        follow = _("The numbers and their intervals follow your corrections.")
        group, source = people(self._logic.ranges())
        lines = [*doubted(self._logic.doubts(), measures), follow, *group]
        self._ui.measureLabel.text = "\n".join(lines)
        self._ui.measureLabel.toolTip = source
        verdicts = [f"\N{BULLET} {sentence}" for sentence in self._logic.verdicts()]
        self._ui.remarksLabel.text = "\n".join([*verdicts, *remarks(measures)])

    def _show_known(self, measures: Mapping[str, Mapping[str, Any]]) -> None:
        """Show the rows of known measures at full height; the label below explains the others."""
        view = self._ui.measureTable
        view.hideColumn(_REMARK_COLUMN)
        for column in (*range(_REMARK_COLUMN - 1), *([_NORMAL_COLUMN] if self._logic.ranges() else [])):
            view.horizontalHeader().setSectionResizeMode(column, qt.QHeaderView.ResizeToContents)
        view.horizontalHeader().setSectionResizeMode(_REMARK_COLUMN - 1, qt.QHeaderView.Stretch)
        for row, measure in enumerate(measures.values()):
            if measure["value"] is None:
                view.hideRow(row)
            else:
                view.showRow(row)
        self.fit()

    def fit(self) -> None:
        """Make room for a scroll bar where the panel has become too narrow for the columns."""
        view = self._ui.measureTable
        bar = (
            view.horizontalScrollBar().sizeHint.height()
            if view.horizontalHeader().length() > view.viewport().width
            else 0
        )
        height = view.verticalHeader().length() + view.horizontalHeader().height + bar + _FRAME
        if height != view.height:
            view.setFixedHeight(height)


def doubted(doubts: Sequence[str], measures: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return one line for each doubt about a value that is shown; the others are the reasons of unknown values."""
    reasons = {Doubt(measure["reason"]).sentence for measure in measures.values() if measure.get("reason")}
    return [_("Doubt: {doubt}").format(doubt=doubt) for doubt in doubts if doubt not in reasons]


def people(ranges: Mapping[str, Mapping[str, Any]]) -> tuple[list[str], str]:
    """Return a line on whom the reference ranges describe, and all about them with the source; none without ranges."""
    first = next(iter(ranges.values()), None)
    if first is None:
        return [], ""
    group = first["group"].partition(";")[0]
    line = _("Normal: of {group}; hold the pointer here for the source.").format(group=group)
    return [line], f"{first['group']}. {first['citation']}"


def remarks(measures: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return one line for each reason of unknown values, with the names of its measures."""
    named: dict[str, list[str]] = {}
    for name, measure in measures.items():
        if measure.get("reason"):
            named.setdefault(measure["reason"], []).append(name)
    return [f"\N{BULLET} {', '.join(names)}: {reason}" for reason, names in named.items()]
