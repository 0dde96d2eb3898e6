"""The CTK and MRML widgets that the panel uses, with the properties, slots and signals that it uses of them."""

# ruff: noqa: N801, N802, N815 (names are Slicer's)
from __future__ import annotations

from typing import Any

import slicer
from PySide6.QtCore import Property, Signal
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QTableWidget, QTableWidgetItem, QWidget
from widget.standins.ctk_widgets import ctkCollapsibleButton
from widget.standins.kept import kept
from widget.standins.segment_editor_widget import qMRMLSegmentEditorWidget
from widget.standins.sequence_widgets import qMRMLSequenceBrowserPlayWidget, qMRMLSequenceBrowserSeekWidget


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
        if self.currentNode() is not before:
            self.currentNodeChanged.emit(self.currentNode())

    nodeTypes = kept("nodeTypes", "QStringList")
    noneEnabled = kept("noneEnabled", bool)
    noneDisplay = kept("noneDisplay", str)
    addEnabled = kept("addEnabled", bool)
    removeEnabled = kept("removeEnabled", bool)
    renameEnabled = kept("renameEnabled", bool)
    showChildNodeTypes = kept("showChildNodeTypes", bool)


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


WIDGETS = (
    qMRMLWidget,
    ctkCollapsibleButton,
    qMRMLNodeComboBox,
    qMRMLTableView,
    qMRMLSegmentEditorWidget,
    qMRMLSequenceBrowserPlayWidget,
    qMRMLSequenceBrowserSeekWidget,
)
