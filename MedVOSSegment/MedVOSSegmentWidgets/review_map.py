"""The map of slices x phases, or of the frames of a clip: the darker a cell, the more probable a bad outline."""

from __future__ import annotations

import numpy as np
import qt
from slicer.i18n import tr as _

from MedVOSSegmentLib.session.open_cine import Place
from MedVOSSegmentLib.session.review_logic import ReviewCells

# Pale yellow to dark red as in the report; colour-blind readers can tell them apart too.
RAMP = np.array([(255, 255, 217), (254, 217, 118), (253, 141, 60), (227, 26, 28), (128, 0, 38)], float)
EMPTY = (205, 211, 217)
# Pixels: the map is seen together with the editor in a window 760 pixels high.
_SMALLEST, TALLEST, _LETTER, _MARGIN = 10, 132, 10, 38
# Frames of a clip that are shown in one row.
FRAMES_IN_ROW = 20
DRAWN, CORRECTED, ACCEPTED = "\N{BLACK DIAMOND}", "\N{LOWER RIGHT PENCIL}", "\N{CHECK MARK}"
# A name such as ED fits a cell's width in small letters and without the style's margins.
_HEADER_STYLE = (
    "QHeaderView::section {{ font-size: 8px; border: 0px; padding: 0px; background: {background}; color: {text} }}"
)
IN_VIEW = "\N{WHITE CIRCLE}"


def colour(score: float) -> tuple[int, int, int]:
    """Return RGB of a score, the probability of a bad outline; grey where there is none yet (NaN)."""
    if not np.isfinite(score):
        return EMPTY
    place = float(np.clip(score, 0, 1)) * (len(RAMP) - 1)
    red, green, blue = (round(float(np.interp(place, range(len(RAMP)), channel))) for channel in RAMP.T)
    return red, green, blue


def _css(shade: qt.QColor) -> str:
    return f"rgb({shade.red()}, {shade.green()}, {shade.blue()})"


class ReviewMap:
    """Shows scores and marks in a QTableWidget with a row per slice and a column per phase, named from 1 for people.

    The base is at the top as in the report, if it is known. The frames of a clip are shown like a text, from left to
    right in rows of `FRAMES_IN_ROW`.
    """

    def __init__(self, table: qt.QTableWidget) -> None:
        self._table = table
        self._in_view: tuple[int, int] | None = None
        self._underlined: set[tuple[int, int]] = set()
        self._font = qt.QFont()
        self._shape = (0, 0)
        self._is_clip = False
        self._base_last: bool | None = None
        self._theme = ""
        self.follow_theme()
        self._shown: dict[tuple[int, int], tuple[str, str, str]] = {}  # score, mark and name of each cell
        self._made: dict[tuple[int, int, int], tuple[qt.QBrush, qt.QBrush]] = {}
        self._inks = qt.QBrush(qt.QColor("#1c2733")), qt.QBrush(qt.QColor("white"))  # on a light and a dark cell
        for header in (table.horizontalHeader(), table.verticalHeader()):
            header.setMinimumSectionSize(5)
            header.setSectionResizeMode(qt.QHeaderView.Stretch)
            header.setSectionsClickable(False)
        table.horizontalHeader().setFixedHeight(_LETTER + 2)
        table.verticalHeader().setFixedWidth(_MARGIN)
        table.verticalHeader().setDefaultAlignment(qt.Qt.AlignCenter)
        table.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        # Qt paints over a selected cell and hides its colour.
        table.setSelectionMode(qt.QAbstractItemView.NoSelection)
        table.setFocusPolicy(qt.Qt.StrongFocus)
        table.setTabKeyNavigation(False)
        table.setHorizontalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
        table.setVerticalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)

    def follow_theme(self) -> None:
        """Give the headers the colours of the theme, which style sheets do not follow by themselves."""
        palette = self._table.palette
        background, text = (palette.color(role) for role in (qt.QPalette.Window, qt.QPalette.WindowText))
        style = _HEADER_STYLE.format(background=_css(background), text=_css(text))
        if style != self._theme:
            self._theme = style
            for header in (self._table.horizontalHeader(), self._table.verticalHeader()):
                header.setStyleSheet(style)

    def show(self, cells: ReviewCells, named: dict[str, int | None], *, is_clip: bool) -> None:
        """Show ``cells``; ``named`` are the phases to name, ED and ES."""
        phases, slices = cells.scores.shape
        self._resize(slices, phases, is_clip, cells.base_last)
        names = {phase: name for name, phase in named.items()}
        if not is_clip:
            self._table.setHorizontalHeaderLabels([names.get(phase, "") for phase in range(phases)])
        both = cells.corrected & cells.accepted
        marks = np.select(
            [both, cells.accepted, cells.corrected, cells.drawn], [CORRECTED + ACCEPTED, ACCEPTED, CORRECTED, DRAWN], ""
        )
        for t, z in np.ndindex(phases, slices):
            name = names.get(t, "") if is_clip else ""
            self._paint((t, z), float(cells.scores[t, z]), str(marks[t, z]), name)

    def place_of(self, row: int, column: int) -> Place | None:
        """Return phase and slice of a cell; None for one after the last frame of a clip."""
        if not self._is_clip:
            return column, self._row_of(row)
        frame = row * FRAMES_IN_ROW + column
        return (frame, 0) if 0 <= frame < self._shape[1] else None

    def select(self, phase: int, slice_index: int) -> None:
        """Mark the cell in view; a cell that has a mark already is underlined."""
        before, self._in_view = self._in_view, self._cell_of((phase, slice_index))
        if self._in_view == before:
            return
        # Keys move on from the cell in view.
        self._table.blockSignals(True)
        self._table.setCurrentCell(*self._in_view)
        self._table.blockSignals(False)
        for cell in {cell for cell in (before, self._in_view) if cell is not None}:
            if cell in self._shown:
                self._write(self._table.item(*cell), cell)

    def _cell_of(self, place: Place) -> tuple[int, int]:
        phase, slice_index = place
        return divmod(phase, FRAMES_IN_ROW) if self._is_clip else (self._row_of(slice_index), phase)

    def _row_of(self, slice_index: int) -> int:
        """Return the row of a slice, or the slice of a row."""
        return self._shape[0] - 1 - slice_index if self._base_last else slice_index

    def _resize(self, slices: int, phases: int, is_clip: bool, base_last: bool | None) -> None:
        table = self._table
        if (self._shape, self._is_clip, self._base_last) == ((slices, phases), is_clip, base_last):
            return
        self._shape, self._is_clip, self._base_last = (slices, phases), is_clip, base_last
        self._in_view = None
        self._shown.clear()
        self._underlined.clear()
        rows, columns = (-(-phases // FRAMES_IN_ROW), FRAMES_IN_ROW) if is_clip else (slices, phases)
        table.blockSignals(True)
        table.clear()
        table.setRowCount(rows)
        table.setColumnCount(columns)
        wanted = table.fontMetrics().height() * 4 // 5
        side = max(_SMALLEST, min(wanted, TALLEST // rows))
        self._font = qt.QTableWidgetItem().font()
        self._font.setPixelSize(side - 2)
        for row, column in np.ndindex(rows, columns):
            item = qt.QTableWidgetItem()
            item.setTextAlignment(qt.Qt.AlignCenter)
            item.setFont(self._font)
            table.setItem(row, column, item)
        step = FRAMES_IN_ROW if is_clip else 1
        named_every = -(-_LETTER // side)
        numbers = [row * step if is_clip else self._row_of(row) for row in range(rows)]
        names = [str(number + 1) if row % named_every == 0 else "" for row, number in enumerate(numbers)]
        if base_last is not None:
            for row, end in ((0, _("base {slice}")), (rows - 1, _("apex {slice}"))):
                names[row] = end.format(slice=numbers[row] + 1)
        table.setVerticalHeaderLabels(names)
        table.setHorizontalHeaderLabels([""] * columns)
        table.setFixedHeight(side * rows + _LETTER + 6)
        table.blockSignals(False)

    def _paint(self, place: Place, score: float, mark: str, name: str) -> None:
        cell = self._cell_of(place)
        shown = f"{score:.3f}", mark, name
        # Setting an item costs a repaint; most cells stay as they are.
        if self._shown.get(cell) == shown:
            return
        self._shown[cell] = shown
        item = self._table.item(*cell)
        background, foreground = self._brushes(colour(round(100 * score) / 100 if np.isfinite(score) else score))
        item.setBackground(background)
        item.setForeground(foreground)
        item.setToolTip(_tip(place, self._is_clip, score, mark))
        self._write(item, cell)

    def _brushes(self, rgb: tuple[int, int, int]) -> tuple[qt.QBrush, qt.QBrush]:
        """Return the brushes of a cell and of its text, which are one for each percent of a score at most.

        Thousands of cells with brushes of their own would be as many objects to search for garbage.
        """
        if rgb not in self._made:
            red, green, blue = rgb
            is_dark = 0.3 * red + 0.6 * green + 0.1 * blue < 130
            self._made[rgb] = qt.QBrush(qt.QColor(red, green, blue)), self._inks[is_dark]
        return self._made[rgb]

    def _write(self, item: qt.QTableWidgetItem, cell: tuple[int, int]) -> None:
        is_in_view = cell == self._in_view
        _score, mark, name = self._shown[cell]
        item.setText(mark[:1] or (IN_VIEW if is_in_view else name))
        underlines = is_in_view and bool(mark)
        if underlines != (cell in self._underlined):
            (self._underlined.add if underlines else self._underlined.discard)(cell)
            self._font.setUnderline(underlines)
            item.setFont(self._font)
            self._font.setUnderline(False)


def _tip(place: Place, is_clip: bool, score: float, mark: str) -> str:
    text = _("Frame {phase}") if is_clip else _("Slice {slice}, phase {phase}")
    where = text.format(slice=place[1] + 1, phase=place[0] + 1)
    words = {DRAWN: _("drawn by you"), CORRECTED: _("corrected by you"), ACCEPTED: _("accepted and locked")}
    if mark:
        return f"{where}: {', '.join(words[each] for each in mark)}"
    if not np.isfinite(score):
        return where + ": " + _("not segmented yet")
    return where + ": " + _("{percent} % probability of a bad outline").format(percent=round(100 * score))
