"""The CTK and MRML widgets that the panel uses, with the properties, slots and signals that it uses of them."""

# ruff: noqa: N801, N802, N815 (names are Slicer's)
from __future__ import annotations

from typing import Any

import slicer
from PySide6.QtCore import Property, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPolygon
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLabel, QPushButton, QTableWidget, QTableWidgetItem, QWidget

_HEADER = 26


class qMRMLWidget(QWidget):
    mrmlSceneChanged = Signal(object)
    SIGNATURES = {"mrmlSceneChanged(vtkMRMLScene*)": "mrmlSceneChanged"}  # noqa: RUF012

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entered = False
        self._scene: Any = None

    def setMRMLScene(self, scene: Any) -> None:
        self._scene = scene
        self.mrmlSceneChanged.emit(scene)

    def mrmlScene(self) -> Any:
        return self._scene

    def _is_entered(self) -> bool:
        return self._entered

    def setEntered(self, entered: bool) -> None:
        self._entered = entered

    isEntered = Property(bool, _is_entered)


class ctkCollapsibleButton(QWidget):
    contentsCollapsed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._collapsed = "", False
        self.setContentsMargins(2, _HEADER, 2, 2)

    def _get_text(self) -> str:
        return self._text

    def setText(self, text: str) -> None:
        self._text = text
        self.update()

    text = Property(str, _get_text, setText)

    def _get_collapsed(self) -> bool:
        return self._collapsed

    def setCollapsed(self, collapsed: bool) -> None:
        if collapsed == self._collapsed:
            return
        self._collapsed = collapsed
        # What is hidden inside stays hidden; the rest is merely cut off.
        self.setMaximumHeight(_HEADER if collapsed else 16777215)
        self.contentsCollapsed.emit(collapsed)

    collapsed = Property(bool, _get_collapsed, setCollapsed)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.position().y() < _HEADER:
            self.setCollapsed(not self._collapsed)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(QRect(0, 1, self.width(), _HEADER - 4), QColor("#d9dee3"))
        points = ((8, 8), (8, 18), (14, 13)) if self._collapsed else ((6, 10), (16, 10), (11, 16))
        painter.setBrush(QColor("#333"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawPolygon(QPolygon.fromList([QPoint(*point) for point in points]))
        painter.setPen(QColor("#1c2733"))
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(
            QRect(24, 0, self.width() - 24, _HEADER - 2), int(Qt.AlignmentFlag.AlignVCenter.value), self._text
        )


def _kept(name: str, kind: Any) -> Property:
    """A property that is remembered and passed to the widget."""

    def assign(widget: Any, value: Any) -> None:
        widget._values[name] = list(value) if kind == "QStringList" else value
        widget._refill()

    return Property(kind, lambda widget: widget._values.get(name, False), assign)


class qMRMLNodeComboBox(QComboBox):
    """Lists the nodes of the given classes of a real scene."""

    currentNodeChanged = Signal(object)
    SIGNATURES = {"currentNodeChanged(vtkMRMLNode*)": "currentNodeChanged"}  # noqa: RUF012

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: Any = None
        self._tags: list[int] = []
        self._values: dict[str, Any] = {"nodeTypes": [], "noneDisplay": "None", "noneEnabled": False}
        self._ids: list[str] = []
        self.currentIndexChanged.connect(lambda index: self.currentNodeChanged.emit(self.currentNode()))

    def setMRMLScene(self, scene: Any) -> None:
        if self._scene is not None:
            for tag in self._tags:
                self._scene.RemoveObserver(tag)
        self._scene = scene
        events = (scene.NodeAddedEvent, scene.NodeRemovedEvent, scene.EndCloseEvent) if scene is not None else ()
        self._tags = [scene.AddObserver(event, lambda caller, name: self._refill()) for event in events]
        self._refill()

    def currentNode(self) -> Any:
        index = self.currentIndex()
        node_id = self._ids[index] if 0 <= index < len(self._ids) else ""
        return self._scene.GetNodeByID(node_id) if node_id and self._scene is not None else None

    def setCurrentNode(self, node: Any) -> None:
        wanted = node.GetID() if node is not None else ""
        self.setCurrentIndex(self._ids.index(wanted) if wanted in self._ids else -1)

    def _refill(self) -> None:
        before = self.currentNode()
        self.blockSignals(True)
        self.clear()
        self._ids = []
        if self._values["noneEnabled"]:
            self._ids.append("")
            self.addItem(self._values["noneDisplay"])
        for kind in self._values["nodeTypes"]:
            for node in slicer.util.getNodesByClass(kind, self._scene) if self._scene is not None else ():
                if not node.GetHideFromEditors():
                    self._ids.append(node.GetID())
                    self.addItem(node.GetName())
        # A node that comes or goes changes nothing for the one that is selected.
        self.setCurrentNode(before)
        self.blockSignals(False)
        if before is None or before.GetID() not in self._ids:
            self.currentNodeChanged.emit(self.currentNode())

    nodeTypes = _kept("nodeTypes", "QStringList")
    noneEnabled = _kept("noneEnabled", bool)
    noneDisplay = _kept("noneDisplay", str)
    addEnabled = _kept("addEnabled", bool)
    removeEnabled = _kept("removeEnabled", bool)
    renameEnabled = _kept("renameEnabled", bool)
    showChildNodeTypes = _kept("showChildNodeTypes", bool)


class qMRMLTableView(QTableWidget):
    """Shows a real table node.

    As in Slicer, the titles of the columns are the first row, below headers A, B, C, unless the node says that they are
    the headers.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._node: Any = None
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)

    def setMRMLScene(self, scene: Any) -> None:
        pass

    def mrmlTableNode(self) -> Any:
        return self._node

    def setMRMLTableNode(self, node: Any) -> None:
        self._node = node
        self.clear()
        titles = node is not None and not node.GetUseColumnTitleAsColumnHeader()
        self.setRowCount(node.GetNumberOfRows() + titles if node is not None else 0)
        self.setColumnCount(node.GetNumberOfColumns() if node is not None else 0)
        for column in range(self.columnCount()):
            title = node.GetColumnName(column)
            self.setHorizontalHeaderItem(column, QTableWidgetItem(chr(ord("A") + column) if titles else title))
            texts = [title] * titles + [node.GetCellText(row, column) for row in range(node.GetNumberOfRows())]
            for row, text in enumerate(texts):
                self.setItem(row, column, QTableWidgetItem(text))
        self.resizeColumnsToContents()


def _swatch(segment: Any) -> str:
    """Name and colour of a vtkSegment as rich text."""
    colour = QColor.fromRgbF(*segment.GetColor()).name()
    return f'<span style="color: {colour}">\N{BLACK SQUARE}</span> {segment.GetName()}'


class qMRMLSegmentEditorWidget(QLabel):
    """Remembers the nodes to edit; a test draws through the scene."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumHeight(120)
        self.setWordWrap(True)
        self.setStyleSheet("border: 1px dashed #9aa5b1; color: #667482; border-radius: 4px")
        self._nodes: dict[str, Any] = {}
        self._values: dict[str, Any] = {}
        # Named as in the desktop, where no property hides it.
        self._show_3d = QPushButton("Show 3D", self)
        self._show_3d.setObjectName("Show3DButton")
        self._refill()

    def mrmlSegmentEditorNode(self) -> Any:
        return self._nodes.get("editor")

    def setMRMLSegmentEditorNode(self, node: Any) -> None:
        self._nodes["editor"] = node

    def setMRMLScene(self, scene: Any) -> None:
        if scene is not None and "editor" not in self._nodes:
            raise RuntimeError("the segment editor node must be set before the scene")
        self._nodes["scene"] = scene

    def segmentationNode(self) -> Any:
        return self._nodes.get("segmentation")

    def setSegmentationNode(self, node: Any) -> None:
        self._nodes["segmentation"] = node
        self._refill()

    def sourceVolumeNode(self) -> Any:
        return self._nodes.get("source")

    def setSourceVolumeNode(self, node: Any) -> None:
        self._nodes["source"] = node

    def currentSegmentID(self) -> str:
        return self._nodes.get("segment", "")

    def setCurrentSegmentID(self, segment: str) -> None:
        self._nodes["segment"] = segment

    def activeEffect(self) -> Any:
        return self._nodes.get("effect")

    def setActiveEffectByName(self, name: str) -> None:
        self._nodes["effect"] = name or None

    def setEffectNameOrder(self, names: list[str]) -> None:
        self._nodes["effects"] = names
        self._refill()

    def setupViewObservations(self) -> None:
        self._nodes["observing"] = True

    def removeViewObservations(self) -> None:
        self._nodes["observing"] = False

    def installKeyboardShortcuts(self, parent: Any = None) -> None:
        self._nodes["shortcuts"] = True

    def uninstallKeyboardShortcuts(self) -> None:
        self._nodes["shortcuts"] = False

    def observesViews(self) -> bool:
        return bool(self._nodes.get("observing"))

    def _refill(self) -> None:
        lines = ["<b>The Segment Editor of Slicer comes here</b>", ", ".join(self._nodes.get("effects", ()))]
        node = self.segmentationNode()
        if node is not None:
            segments = [
                node.GetSegmentation().GetNthSegment(n) for n in range(node.GetSegmentation().GetNumberOfSegments())
            ]
            lines += [" &nbsp; ".join(map(_swatch, segments))]
        self.setText("<br>".join(lines))

    segmentationNodeSelectorVisible = _kept("segmentationNodeSelectorVisible", bool)
    sourceVolumeNodeSelectorVisible = _kept("sourceVolumeNodeSelectorVisible", bool)
    switchToSegmentationsButtonVisible = _kept("switchToSegmentationsButtonVisible", bool)
    unorderedEffectsVisible = _kept("unorderedEffectsVisible", bool)


WIDGETS = (qMRMLWidget, ctkCollapsibleButton, qMRMLNodeComboBox, qMRMLTableView, qMRMLSegmentEditorWidget)
