"""Slicer's widgets that play a sequence browser and move through it, with their parts by name and size."""

# ruff: noqa: N801, N802 (names are Slicer's)
from __future__ import annotations

from typing import Any

import slicer
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QPushButton, QSlider, QWidget

BUTTONS = ("VcrFirst", "VcrPrevious", "VcrPlayPause", "VcrNext", "VcrLast")
ICON = 24


class _BrowserWidget(QWidget):
    """Follows a vtkMRMLSequenceBrowserNode."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._node: Any = None
        self._tag = 0
        QHBoxLayout(self)

    def setMRMLScene(self, scene: Any) -> None:
        pass

    def setMRMLSequenceBrowserNode(self, node: Any) -> None:
        if self._node is not None:
            self._node.RemoveObserver(self._tag)
        self._node = node
        if node is not None:
            self._tag = node.AddObserver("ModifiedEvent", lambda *_: self._update())
        self._update()

    def browser(self) -> Any:
        """For tests."""
        return self._node

    def _update(self) -> None:
        self.setEnabled(self._node is not None)


class qMRMLSequenceBrowserPlayWidget(_BrowserWidget):
    """Buttons, a rate and a loop button; while a browser is played, its items follow at its rate.

    The buttons that record are shown at each update where a sequence may be recorded, unless they are switched off.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons = {name: _icon_button(name) for name in BUTTONS}
        for button in self._buttons.values():
            self.layout().addWidget(button)
        self._rate = QDoubleSpinBox()
        self._rate.setObjectName("doubleSpinBox_VcrPlaybackRate")
        self._rate.setSuffix("fps")
        self._rate.setMaximum(1000)
        self.layout().addWidget(self._rate)
        self.layout().addWidget(_icon_button("VcrLoop"))
        self._recording = [_icon_button("VcrRecord"), _icon_button("Snapshot")]
        self._records = True
        for button in self._recording:
            self.layout().addWidget(button)
        self._buttons["VcrPlayPause"].setCheckable(True)
        self._buttons["VcrPlayPause"].toggled.connect(self.setPlaybackEnabled)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._step)

    def setPlaybackEnabled(self, play: bool) -> None:
        if self._node is not None:
            self._node.SetPlaybackActive(bool(play))

    def setRecordingControlsVisible(self, show: bool) -> None:
        self._records = bool(show)
        self._update()

    def _update(self) -> None:
        super()._update()
        if self._node is not None and self._node.GetMasterSequenceNode() is not None:
            for button in self._recording:
                button.setVisible(self._records and bool(self._node.IsAnySequenceNodeRecording()))
        if self._node is None or not self._node.GetPlaybackActive():
            self._timer.stop()
            self._buttons["VcrPlayPause"].setChecked(False)
            return
        self._buttons["VcrPlayPause"].setChecked(True)
        self._timer.start(round(1000 / self._node.GetPlaybackRateFps()))

    def _step(self) -> None:
        self._node.SelectNextItem()
        slicer.modules.sequences.logic().UpdateProxyNodesFromSequences(self._node)


class qMRMLSequenceBrowserSeekWidget(_BrowserWidget):
    """A slider between the name and the value of the index."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("slider_IndexValue")
        self._labels = {name: QLabel("-") for name in ("label_IndexName", "label_IndexValue", "label_IndexUnit")}
        for name, label in self._labels.items():
            label.setObjectName(name)
        for each in (self._labels["label_IndexName"], self._slider, *list(self._labels.values())[1:]):
            self.layout().addWidget(each)
        self._slider.valueChanged.connect(self._select)

    def slider(self) -> QSlider:
        return self._slider

    def _select(self, item: int) -> None:
        if self._node is not None and item != self._node.GetSelectedItemNumber():
            self._node.SetSelectedItemNumber(item)

    def _update(self) -> None:
        super()._update()
        if self._node is None:
            return
        self._slider.setMaximum(max(0, self._node.GetNumberOfItems() - 1))
        self._slider.setValue(self._node.GetSelectedItemNumber())
        master = self._node.GetMasterSequenceNode()
        if master is not None:
            texts = (
                master.GetIndexName(),
                master.GetNthIndexValue(self._node.GetSelectedItemNumber()),
                master.GetIndexUnit(),
            )
            for label, text in zip(self._labels.values(), texts, strict=True):
                label.setText(text or "-")


def _icon_button(name: str) -> QPushButton:
    button = QPushButton()
    button.setObjectName(f"pushButton_{name}")
    button.setIconSize(QSize(ICON, ICON))
    picture = QPixmap(ICON, ICON)
    picture.fill(QColor("#4a9c4a"))
    button.setIcon(QIcon(picture))
    return button
