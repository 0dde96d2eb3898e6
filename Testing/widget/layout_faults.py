"""Finds what a reader of the panel would see cut off, covered or beyond the panel's side."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget


def faults(root: QWidget) -> list[str]:
    """Return one line for each visible widget below ``root`` that is cut off, overlaps a sibling or sticks out."""
    found = []
    for widget in root.findChildren(QWidget):
        if widget.isVisibleTo(root) and not _is_inside_of_a_view(widget):
            found += _cut_off(widget) + _sticking_out(widget, root) + _overlaps(widget)
    return found


def _name(widget: QWidget) -> str:
    text = getattr(widget, "text", lambda: "")()
    return f"{widget.objectName() or type(widget).__name__} ({text[:24]})"


def _is_inside_of_a_view(widget: QWidget) -> bool:
    """Whether it is a part of a table, a list or a box, which Qt lays out."""
    return widget.objectName().startswith("qt_") or any(
        part in type(widget.parent()).__name__
        for part in ("QTable", "QList", "QHeader", "QSpin", "QDoubleSpin", "QCombo", "QScroll", "QPlain", "qMRMLTable")
    )


def _cut_off(widget: QWidget) -> list[str]:
    width, height = widget.width(), widget.height()
    if isinstance(widget, QLabel):
        metrics = widget.fontMetrics()
        words = [metrics.horizontalAdvance(word) for word in widget.text().split()]
        needs = max(words, default=0) if widget.wordWrap() else widget.minimumSizeHint().width()
        tall = widget.heightForWidth(width) if widget.wordWrap() else widget.minimumSizeHint().height()
        faults = [f"{_name(widget)} is {width} wide of {needs}"] if width < needs else []
        return faults + ([f"{_name(widget)} is {height} high of {tall}"] if height < tall else [])
    if isinstance(widget, QAbstractButton) and not widget.findChildren(QWidget):
        hint = widget.minimumSizeHint().boundedTo(widget.maximumSize())
        if width < hint.width() or height < hint.height():
            return [f"{_name(widget)} is {width} x {height} of {hint.width()} x {hint.height()}"]
        return []
    needs = widget.minimumSize()
    if width < needs.width() or height < needs.height():
        return [f"{_name(widget)} is {width} x {height} of {needs.width()} x {needs.height()}"]
    return []


def _sticking_out(widget: QWidget, root: QWidget) -> list[str]:
    left = widget.mapTo(root, QPoint(0, 0)).x()
    right = left + widget.width()
    if left < 0 or right > root.width():
        return [f"{_name(widget)} reaches from {left} to {right} of {root.width()}"]
    parent = widget.parentWidget()
    if not parent.rect().contains(widget.geometry()):
        return [f"{_name(widget)} sticks out of {_name(parent)}"]
    return []


def _overlaps(widget: QWidget) -> list[str]:
    siblings = [
        other
        for other in widget.parentWidget().findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if other is not widget and not other.isHidden() and id(other) > id(widget)
    ]
    area: QRect = widget.geometry()
    return [f"{_name(widget)} overlaps {_name(each)}" for each in siblings if area.intersects(each.geometry())]
