"""A property of a stand-in that is remembered."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Property


def kept(name: str, kind: Any) -> Property:
    """Return a property that is remembered and passed to the widget."""

    def assign(widget: Any, value: Any) -> None:
        widget._values[name] = list(value) if kind == "QStringList" else value
        widget._refill()

    return Property(kind, lambda widget: widget._values.get(name, False), assign)
