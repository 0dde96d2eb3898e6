"""Loads the real `.ui`: Qt's own loader makes the widgets, and the connections between MRML widgets are made here."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject
from PySide6.QtUiTools import QUiLoader
from widget.standins import mrml_widgets
from widget.standins.pythonqt import Proxy, unwrap


class UiLoader:
    """`qt.QUiLoader`; a widget class that is neither Qt's nor one of ours is an error, as it would be in Slicer."""

    def __init__(self) -> None:
        self._loader = QUiLoader()
        for kind in mrml_widgets.WIDGETS:
            self._loader.registerCustomWidget(kind)

    def load(self, file: Any) -> Proxy:
        tree = ElementTree.fromstring(Path(unwrap(file).fileName()).read_text(encoding="utf-8"))
        known = {*self._loader.availableWidgets(), "Line"}
        unknown = {widget.get("class") for widget in tree.iter("widget")} - known
        if unknown:
            raise RuntimeError(f"no widget plugin for {sorted(unknown)}")
        connections = tree.find("connections")
        if connections is not None:
            tree.remove(connections)
        buffer = QBuffer()
        buffer.setData(QByteArray(ElementTree.tostring(tree)))
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        root = self._loader.load(buffer)
        for connection in connections if connections is not None else ():
            _connect(root, *(connection.findtext(part, "") for part in ("sender", "signal", "receiver", "slot")))
        return Proxy(root)


def _connect(root: QObject, sender: str, signal: str, receiver: str, slot: str) -> None:
    source, target = (_child(root, name) for name in (sender, receiver))
    Proxy(source).connect(signal, getattr(target, slot.partition("(")[0]))


def _child(root: QObject, name: str) -> QObject:
    found = root if root.objectName() == name else root.findChild(QObject, name)
    if found is None:
        raise RuntimeError(f"a connection in the .ui names {name}, which is not there")
    return found
