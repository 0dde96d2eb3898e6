"""Step 5: the measures, and the volumes over the beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import qt
from slicer.i18n import tr as _

from medvos.measure.doubt import Doubt
from MedVOSSegmentLib.session.measure_logic import MeasureLogic
from MedVOSSegmentWidgets import views
from MedVOSSegmentWidgets.messages import shows_errors

_CELL_MARGIN, _CELL_SIDES, _FRAME = 6, 6, 4
# Of the panel's font: in a narrow panel the table's becomes smaller, so that the units are in sight.
_SMALLEST_FONT = 0.7
_REMARK_COLUMN, _NORMAL_COLUMN = 4, 5


class MeasureStep:
    """Shows the table and the plot that the session keeps in the scene."""

    def __init__(self, ui: Any, logic: MeasureLogic) -> None:
        self._ui, self._logic = ui, logic
        # The table that is shown, and the lines about its numbers.
        self._table: Any = None
        self._chart: Any = None
        self._doubts: list[str] = []
        self._group: list[str] = []
        # For which the table's own font was found: the room, the panel's font, and whether there are ranges.
        self._fitted: tuple[int, float, bool] = (0, 0.0, False)
        self._units: set[str] = set()
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
        """Show the measures; while they are computed, those from before the last change of this heart, or none."""
        logic, table = self._logic, self._logic.table
        self._follow_chart()
        if table is None or (logic.is_busy and (table is not self._table or logic.is_outdated)):
            self._show_none()
        elif logic.is_busy:
            self._show_text(
                _("The segmentation is running: these numbers are from before it.")
                if logic.is_running
                else _("Being computed: these numbers are from before your last change.")
            )
        else:
            self._show(table)

    def _follow_chart(self) -> None:
        """Show the plot wherever that of another heart, or none, is shown; that of a heart comes after its measures."""
        chart = self._logic.chart
        if chart is not self._chart:
            self._chart = chart
            views.swap_chart(chart)

    def _show_none(self) -> None:
        ui, logic = self._ui, self._logic
        self._table = None
        ui.measureTable.setMRMLTableNode(None)
        ui.measureTable.visible = ui.curveButton.enabled = ui.remarksButton.visible = ui.remarksButton.checked = False
        if not logic.has_result:
            text = _("The numbers appear once the heart is segmented.")
        elif logic.is_running:
            text = _("The numbers are computed when the segmentation has ended.")
        else:
            text = _("The numbers are being computed.")
        ui.measureLabel.text, ui.measureLabel.toolTip = text, ""

    def _show(self, table: Any) -> None:
        ui, logic = self._ui, self._logic
        self._table = table
        ui.measureTable.setMRMLTableNode(table)
        ui.measureTable.visible = ui.curveButton.enabled = ui.remarksButton.visible = True
        measures = logic.measures()
        self._show_known(measures)
        self._doubts = doubted(logic.doubts(), measures)
        self._group, ui.measureLabel.toolTip = people(logic.ranges())
        self._show_text(_("The numbers and their intervals follow your corrections."))
        verdicts = [f"\N{BULLET} {sentence}" for sentence in logic.verdicts()]
        ui.remarksLabel.text = "\n".join([*verdicts, *remarks(measures)])

    def _show_text(self, about: str) -> None:
        """Show what the numbers are, between their doubts and the people with whom they are compared."""
        self._ui.measureLabel.text = "\n".join([*self._doubts, about, *self._group])

    def _show_known(self, measures: Mapping[str, Mapping[str, Any]]) -> None:
        """Show the rows of known measures at full height; the label below explains the others."""
        view = self._ui.measureTable
        view.hideColumn(_REMARK_COLUMN)
        for column in (*range(_REMARK_COLUMN - 1), *([_NORMAL_COLUMN] if self._logic.ranges() else [])):
            view.horizontalHeader().setSectionResizeMode(column, qt.QHeaderView.ResizeToContents)
        view.horizontalHeader().setSectionResizeMode(_REMARK_COLUMN - 1, qt.QHeaderView.Stretch)
        self._units = {measure["unit"] for measure in measures.values() if measure["value"] is not None}
        for row, measure in enumerate(measures.values()):
            if measure["value"] is None:
                view.hideRow(row)
            else:
                view.showRow(row)
        self.fit()

    def fit(self) -> None:
        """Fit the columns into the panel: by a smaller font, else with room for a scroll bar."""
        view = self._ui.measureTable
        # A column that takes the room that is left would else be narrower than its words.
        widths = [view.fontMetrics().boundingRect(unit).width() for unit in self._units]
        view.horizontalHeader().setMinimumSectionSize(max(widths, default=0) + _CELL_SIDES)
        self._fit_font(view)
        bar = view.horizontalScrollBar().sizeHint.height() if _is_too_wide(view) else 0
        height = view.verticalHeader().length() + view.horizontalHeader().height + bar + _FRAME
        if height != view.height:
            view.setFixedHeight(height)

    def _fit_font(self, view: Any) -> None:
        """Make the font smaller by one point where that is needed; the columns follow until the next call."""
        whole = self._ui.MedVOSSegment.font.pointSizeF()  # of a font in pixels -1
        font, fitted = view.font, (view.viewport().width, whole, bool(self._group))
        if fitted != self._fitted:
            self._fitted = fitted
            if font.pointSizeF() != whole > 0:
                font.setPointSizeF(whole)
                view.setFont(font)
        elif _is_too_wide(view) and font.pointSizeF() - 1 >= _SMALLEST_FONT * whole > 0:
            font.setPointSizeF(font.pointSizeF() - 1)
            view.setFont(font)


def _is_too_wide(view: Any) -> bool:
    return bool(view.horizontalHeader().length() > view.viewport().width)


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
