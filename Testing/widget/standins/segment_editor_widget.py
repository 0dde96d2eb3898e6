"""Slicer's Segment Editor as a widget: its parts by their names and sizes, and its keyboard shortcuts."""

# ruff: noqa: N801, N802, N815 (names are Slicer's)
from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from widget.standins.kept import kept

EFFECT_SIDE = 30
# As Slicer's documentation lists them: effects, undo and redo, segments, and the mask of intensities.
KEYS = (
    *map(str, range(10)),
    *(f"Shift+{digit}" for digit in range(10)),
    "Esc",
    "Space",
    "Z",
    "Ctrl+Z",
    "Y",
    "Ctrl+Shift+Z",
    *("Q", "W", "/", "*", ",", ".", ">", "<"),
    "I",
)
UNDO_KEYS = ("Z", "Ctrl+Z", "Y", "Ctrl+Shift+Z")


class qMRMLSegmentEditorWidget(QWidget):
    """Remembers the nodes to edit; a test draws through the scene."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._nodes: dict[str, Any] = {}
        self._values: dict[str, Any] = {"effectColumnCount": 2, "undoEnabled": True, "maximumNumberOfUndoStates": 5}
        self._keys: list[QShortcut] = []
        self.undone = 0
        layout = QVBoxLayout(self)
        layout.addLayout(self._actions())
        middle, left, right = QHBoxLayout(), QVBoxLayout(), QVBoxLayout()
        self._effects = _frame("EffectsGroupBox")
        self._effects.setLayout(QGridLayout())
        self._undo = _frame("UndoRedoGroupBox")
        undo = QGridLayout(self._undo)
        for column, name in enumerate(("UndoButton", "RedoButton")):
            undo.addWidget(_square(name, ""), 0, column)
        for each in (self._effects, self._undo):
            left.addWidget(each)
        left.addStretch()
        right.addWidget(self._table_frame())
        options = QGroupBox("Options")
        options.setObjectName("OptionsGroupBox")
        options.setVisible(False)
        right.addWidget(options)
        middle.addLayout(left)
        middle.addLayout(right)
        layout.addLayout(middle)
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

    def observesViews(self) -> bool:
        return bool(self._nodes.get("observing"))

    def installKeyboardShortcuts(self, parent: QWidget | None = None) -> None:
        """Make shortcuts that are children of ``parent``, by default of the main window, as in Slicer."""
        import slicer.util
        from widget.standins.pythonqt import unwrap

        self.uninstallKeyboardShortcuts()
        self._keys = [QShortcut(QKeySequence(key), parent or unwrap(slicer.util.mainWindow())) for key in KEYS]
        for key, shortcut in zip(KEYS, self._keys, strict=True):
            if key in UNDO_KEYS:
                shortcut.activated.connect(self._count_undo)

    def uninstallKeyboardShortcuts(self) -> None:
        for shortcut in self._keys:
            shortcut.setParent(None)
            shortcut.deleteLater()
        self._keys = []

    def _count_undo(self) -> None:
        self.undone += 1

    def _actions(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for name, text in (("AddSegmentButton", "Add"), ("RemoveSegmentButton", "Remove"), ("Show3DButton", "Show 3D")):
            button = QPushButton(text)
            button.setObjectName(name)
            row.addWidget(button)
        return row

    def _table_frame(self) -> QFrame:
        frame = _frame("SegmentsTableResizableFrame")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(0, 0, 0, 0)
        self._table = QTableWidget(0, 1)
        self._table.setObjectName("SegmentsTableView")
        self._table.setMinimumSize(60, 60)
        self._table.horizontalHeader().setStretchLastSection(True)
        self._table.verticalHeader().setVisible(False)
        self._table.setHorizontalHeaderLabels(["Segments, in Slicer's editor"])
        inside.addWidget(self._table)
        return frame

    def _refill(self) -> None:
        grid = self._effects.layout()
        while grid.count():
            grid.takeAt(0).widget().setParent(None)
        columns = int(self._values["effectColumnCount"])
        for number, name in enumerate(("None", *self._nodes.get("effects", ()))):
            grid.addWidget(_square(name, name[:2]), number // columns, number % columns)
        self._undo.setVisible(self._values["undoEnabled"])
        node = self.segmentationNode()
        segmentation = None if node is None else node.GetSegmentation()
        segments = [] if segmentation is None else range(segmentation.GetNumberOfSegments())
        self._table.setRowCount(len(segments))
        for row in segments:
            segment = segmentation.GetNthSegment(row)
            item = QTableWidgetItem(f"\N{BLACK SQUARE} {segment.GetName()}")
            item.setForeground(QColor.fromRgbF(*segment.GetColor()))
            self._table.setItem(row, 0, item)

    segmentationNodeSelectorVisible = kept("segmentationNodeSelectorVisible", bool)
    sourceVolumeNodeSelectorVisible = kept("sourceVolumeNodeSelectorVisible", bool)
    switchToSegmentationsButtonVisible = kept("switchToSegmentationsButtonVisible", bool)
    unorderedEffectsVisible = kept("unorderedEffectsVisible", bool)
    effectColumnCount = kept("effectColumnCount", int)
    undoEnabled = kept("undoEnabled", bool)
    maximumNumberOfUndoStates = kept("maximumNumberOfUndoStates", int)


def _frame(name: str) -> QFrame:
    frame = QFrame()
    frame.setObjectName(name)
    frame.setFrameShape(QFrame.Shape.StyledPanel)
    return frame


def _square(name: str, text: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.setFixedSize(EFFECT_SIDE, EFFECT_SIDE)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
