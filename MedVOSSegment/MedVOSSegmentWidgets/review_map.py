"""The map of slices x phases: one cell each, darker where a bad outline is more probable."""

from __future__ import annotations

import numpy as np
import qt
from slicer.i18n import tr as _

from MedVOSSegmentLib.session.review_logic import ReviewCells

# Pale yellow to dark red as in the report; colour-blind readers can tell them apart too.
RAMP = np.array([(255, 255, 217), (254, 217, 118), (253, 141, 60), (227, 26, 28), (128, 0, 38)], float)
EMPTY = (205, 211, 217)
_CELL, _HEADER, _TALLEST, _LETTER = 14, 16, 260, 10
DRAWN, CORRECTED, ACCEPTED = "\N{BLACK DIAMOND}", "\N{LOWER RIGHT PENCIL}", "\N{CHECK MARK}"
IN_VIEW = "\N{WHITE CIRCLE}"


def colour(score: float) -> tuple[int, int, int]:
    """Return RGB of a score, the probability of a bad outline; grey where there is none yet (NaN)."""
    if not np.isfinite(score):
        return EMPTY
    place = float(np.clip(score, 0, 1)) * (len(RAMP) - 1)
    red, green, blue = (round(float(np.interp(place, range(len(RAMP)), channel))) for channel in RAMP.T)
    return red, green, blue


class ReviewMap:
    """Shows scores and marks in a QTableWidget with a row per slice and a column per phase."""

    def __init__(self, table: qt.QTableWidget) -> None:
        self._table = table
        self._in_view: tuple[int, int] | None = None
        for header in (table.horizontalHeader(), table.verticalHeader()):
            header.setMinimumSectionSize(5)
            header.setSectionResizeMode(qt.QHeaderView.Stretch)
            header.setSectionsClickable(False)
            # A name such as ED fits a cell's width in small letters and without the style's margins.
            header.setStyleSheet("QHeaderView::section { font-size: 8px; border: 0px; padding: 0px }")
        table.horizontalHeader().setFixedHeight(_HEADER)
        table.verticalHeader().setFixedWidth(_HEADER)
        table.verticalHeader().setDefaultAlignment(qt.Qt.AlignCenter)
        table.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        # Qt paints over a selected cell and hides its colour.
        table.setSelectionMode(qt.QAbstractItemView.NoSelection)
        table.setFocusPolicy(qt.Qt.NoFocus)
        table.setHorizontalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
        table.setVerticalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)

    def show(self, cells: ReviewCells, named: dict[str, int | None]) -> None:
        """Show ``cells``; ``named`` are the phases to name, ED and ES."""
        phases, slices = cells.scores.shape
        self._resize(slices, phases)
        names = {phase: name for name, phase in named.items()}
        self._table.setHorizontalHeaderLabels([names.get(phase, "") for phase in range(phases)])
        marks = np.select([cells.accepted, cells.corrected, cells.drawn], [ACCEPTED, CORRECTED, DRAWN], "")
        for t, z in np.ndindex(phases, slices):
            self._paint(z, t, float(cells.scores[t, z]), str(marks[t, z]))

    def select(self, phase: int, slice_index: int) -> None:
        """Mark the cell in view; a cell that has a mark already is underlined."""
        before, self._in_view = self._in_view, (slice_index, phase)
        for cell in {cell for cell in (before, self._in_view) if cell is not None}:
            item = self._table.item(*cell)
            if item is not None:
                self._write(item, cell, item.data(qt.Qt.UserRole).partition(" ")[2])

    def _resize(self, slices: int, phases: int) -> None:
        table = self._table
        if (table.rowCount, table.columnCount) == (slices, phases):
            return
        table.clear()
        table.setRowCount(slices)
        table.setColumnCount(phases)
        for z, t in np.ndindex(slices, phases):
            item = qt.QTableWidgetItem()
            item.setTextAlignment(qt.Qt.AlignCenter)
            table.setItem(z, t, item)
        height = min(_CELL * slices, _TALLEST)
        named_every = -(-_LETTER * slices // height)
        table.setVerticalHeaderLabels([str(z) if z % named_every == 0 else "" for z in range(slices)])
        table.setFixedHeight(height + _HEADER + 4)

    def _paint(self, row: int, column: int, score: float, mark: str) -> None:
        item = self._table.item(row, column)
        key = f"{score:.3f} {mark}"
        # Setting an item costs a repaint; most cells stay as they are.
        if item.data(qt.Qt.UserRole) == key:
            return
        red, green, blue = colour(score)
        item.setData(qt.Qt.UserRole, key)
        item.setBackground(qt.QBrush(qt.QColor(red, green, blue)))
        light_text = 0.3 * red + 0.6 * green + 0.1 * blue < 130
        item.setForeground(qt.QBrush(qt.QColor("white" if light_text else "#1c2733")))
        item.setToolTip(_tip(row, column, score, mark))
        self._write(item, (row, column), mark)

    def _write(self, item: qt.QTableWidgetItem, cell: tuple[int, int], mark: str) -> None:
        is_in_view = cell == self._in_view
        item.setText(mark or (IN_VIEW if is_in_view else ""))
        font = item.font()
        font.setUnderline(is_in_view and bool(mark))
        item.setFont(font)


def _tip(slice_index: int, phase: int, score: float, mark: str) -> str:
    place = _("Slice {slice}, phase {phase}").format(slice=slice_index, phase=phase)
    words = {DRAWN: _("drawn by you"), CORRECTED: _("corrected by you"), ACCEPTED: _("accepted and locked")}
    if mark in words:
        return f"{place}: {words[mark]}"
    if not np.isfinite(score):
        return place + ": " + _("not segmented yet")
    return place + ": " + _("{percent} % probability of a bad outline").format(percent=round(100 * score))
