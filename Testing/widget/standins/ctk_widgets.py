"""CTK's collapsible button, with CTK's sizes and its hiding of what is inside."""

# ruff: noqa: N801, N802, N815 (names are CTK's)
from __future__ import annotations

from PySide6.QtCore import Property, QChildEvent, QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPolygon
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QStyleOptionButton, QWidget

_UNLIMITED = 16777215


class ctkCollapsibleButton(QAbstractButton):
    """A bar of a push button's height, whose contents are children that are hidden while it is collapsed.

    A child that is shown or hidden meanwhile keeps that for the next time that the button is open.
    """

    contentsCollapsed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._collapsed, self._collapsed_height = False, 10
        self._hidden: set[int] = set()
        self._is_busy = False
        # The width that its contents would like is the least width that a layout gives it.
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
        self.setCheckable(True)
        self.setChecked(True)
        self.toggled.connect(lambda checked: self._collapse(not checked))
        self._measure()

    def _get_collapsed(self) -> bool:
        return self._collapsed

    def setCollapsed(self, collapsed: bool) -> None:
        self.setChecked(not collapsed)

    collapsed = Property(bool, _get_collapsed, setCollapsed)

    def _get_collapsed_height(self) -> int:
        return self._collapsed_height

    def setCollapsedHeight(self, height: int) -> None:
        self._collapsed_height = height
        self.updateGeometry()

    collapsedHeight = Property(int, _get_collapsed_height, setCollapsedHeight)

    def buttonSizeHint(self) -> QSize:
        """A push button's size around an indicator and the text."""
        option = QStyleOptionButton()
        option.initFrom(self)
        style, metric = self.style(), QStyle.PixelMetric
        side, gap = (
            style.pixelMetric(each, option, self) for each in (metric.PM_IndicatorWidth, metric.PM_CheckBoxLabelSpacing)
        )
        text = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic.value, self.text() or "XXXX")
        inside = QSize(side + gap + text.width(), max(side, text.height()))
        return style.sizeFromContents(QStyle.ContentsType.CT_PushButton, option, inside, self)

    def minimumSizeHint(self) -> QSize:
        bar = self.buttonSizeHint()
        if self._collapsed:
            return bar + QSize(0, self._collapsed_height)
        return QWidget.minimumSizeHint(self).expandedTo(bar + QSize(0, self._collapsed_height))

    def sizeHint(self) -> QSize:
        bar = self.buttonSizeHint()
        if self._collapsed:
            return bar + QSize(0, self._collapsed_height)
        return QWidget.sizeHint(self).expandedTo(bar + QSize(0, self._collapsed_height))

    def hitButton(self, position: QPoint) -> bool:
        return position.y() < self.buttonSizeHint().height()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._measure()
        return super().event(event)

    def childEvent(self, event: QChildEvent) -> None:
        child = event.child()
        if event.added() and child.isWidgetType():
            child.installEventFilter(self)
        super().childEvent(event)

    def eventFilter(self, child: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.ShowToParent, QEvent.Type.HideToParent)
        if self._collapsed and not self._is_busy and event.type() in kinds and isinstance(child, QWidget):
            (self._hidden.discard if event.type() == kinds[0] else self._hidden.add)(id(child))
            self._set_visible(child, False)
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, height = QPainter(self), self.buttonSizeHint().height()
        option = QStyleOptionButton()
        option.initFrom(self)
        option.rect = QRect(0, 0, self.width(), height)
        self.style().drawControl(QStyle.ControlElement.CE_PushButtonBevel, option, painter, self)
        middle = height // 2
        points = (
            ((8, middle - 4), (8, middle + 4), (13, middle))
            if self._collapsed
            else ((6, middle - 3), (14, middle - 3), (10, middle + 3))
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.ButtonText))
        painter.drawPolygon(QPolygon.fromList([QPoint(*point) for point in points]))
        painter.setPen(self.palette().color(QPalette.ColorRole.ButtonText))
        text = QRect(24, 0, self.width() - 24, height)
        painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter.value), self.text())

    def _measure(self) -> None:
        self.setContentsMargins(0, self.buttonSizeHint().height(), 0, 0)

    def _collapse(self, collapsed: bool) -> None:
        if collapsed == self._collapsed:
            return
        self._collapsed = collapsed
        children = [child for child in self.children() if isinstance(child, QWidget)]
        if collapsed:
            self._hidden = {id(child) for child in children if child.isHidden()}
            self.setMaximumHeight(self.sizeHint().height())
        else:
            self.setMaximumHeight(_UNLIMITED)
        for child in children:
            self._set_visible(child, not collapsed and id(child) not in self._hidden)
        self.updateGeometry()
        self.contentsCollapsed.emit(collapsed)

    def _set_visible(self, child: QWidget, visible: bool) -> None:
        self._is_busy = True
        try:
            child.setVisible(visible)
        finally:
            self._is_busy = False
