"""Slicer's main window around the module: its panel scrolls, and is as narrow and as low as in the desktop."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QScrollArea, QVBoxLayout, QWidget
from widget.standins.ctk_widgets import ctkCollapsibleButton
from widget.standins.pythonqt import unwrap

# Pixels of a window of the desktop above the panel (title, menu, two toolbars, the logo) and below it (the Data Probe,
# the status bar).
ABOVE, BELOW = 170, 187


class MainWindow(QMainWindow):
    """Has a panel on the left that scrolls vertically, with the module's help above the module."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("qSlicerMainWindow")
        inside = QWidget()
        columns, left = QHBoxLayout(inside), QVBoxLayout()
        columns.setContentsMargins(0, 0, 0, 0)
        left.setContentsMargins(0, ABOVE, 0, BELOW)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content = QWidget()
        self._modules = QVBoxLayout(content)
        self._modules.setContentsMargins(0, 0, 0, 0)
        help_button = ctkCollapsibleButton()
        help_button.setText("Help & Acknowledgement")
        help_button.setCollapsed(True)
        self._modules.addWidget(help_button)
        self.area.setWidget(content)
        left.addWidget(self.area)
        columns.addLayout(left)
        columns.addStretch(1)
        self.setCentralWidget(inside)
        self.set_panel_width(450)

    def host(self, module: Any) -> None:
        """Show a module in the panel."""
        self._modules.addWidget(unwrap(module), 1)

    def set_panel_width(self, width: int) -> None:
        self.area.setFixedWidth(width)
