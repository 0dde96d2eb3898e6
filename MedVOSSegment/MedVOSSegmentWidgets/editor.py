"""The Segment Editor inside the panel; its parameter node belongs to the scene."""

from __future__ import annotations

from typing import Any

import slicer

from MedVOSSegmentWidgets.parts import hide_parts, part

_TAG = "MedVOSSegment"
EFFECTS = ("Paint", "Draw", "Erase", "Level tracing", "Margin", "Smoothing", "Islands", "Logical operators")
# The map, the buttons of the review and the editor are in sight together in a window of 760 pixels.
_COLUMNS, _ROWS, _CELL_MARGIN = 3, 5, 8


class Editor:
    """Edits the segments of the open cine."""

    def __init__(self, widget: Any) -> None:
        self._widget = widget
        widget.setEffectNameOrder(list(EFFECTS))
        widget.unorderedEffectsVisible = False
        widget.switchToSegmentationsButtonVisible = False
        # The panel undoes strokes like all other changes.
        widget.undoEnabled = False
        widget.maximumNumberOfUndoStates = 0
        self._make_compact()
        self._attach()
        widget.setMRMLScene(slicer.mrmlScene)

    def edit(self, segmentation: Any | None, volume: Any | None) -> None:
        """Edit the segments of `segmentation` over `volume`; None disables the editor."""
        self._attach()
        if self._widget.segmentationNode() is not segmentation:
            self._widget.setSegmentationNode(segmentation)
        if self._widget.sourceVolumeNode() is not volume:
            self._widget.setSourceVolumeNode(volume)
        self._widget.enabled = segmentation is not None

    def start(self) -> None:
        """Observe the mouse and the keys in the views; call it when the module is entered."""
        self._attach()
        self._widget.setupViewObservations()
        self._widget.installKeyboardShortcuts()

    def stop(self) -> None:
        """Stop observing; call it when the module is left, and before the scene is closed."""
        self._widget.setActiveEffectByName("")
        self._widget.uninstallKeyboardShortcuts()
        self._widget.removeViewObservations()

    def _make_compact(self) -> None:
        """Leave the effects beside a table of few rows; the three segments are made and shown in 3D by the panel."""
        self._widget.effectColumnCount = _COLUMNS
        self._widget.layout().setContentsMargins(0, 0, 0, 0)
        hide_parts(self._widget, "AddSegmentButton", "RemoveSegmentButton", "Show3DButton")
        table = part(self._widget, "SegmentsTableResizableFrame")
        if table is not None:
            height = _ROWS * (self._widget.fontMetrics().height() + _CELL_MARGIN)
            table.setFixedHeight(height)

    def _attach(self) -> None:
        """Use a parameter node of our own, so that the Segment Editor module keeps its settings."""
        scene = slicer.mrmlScene
        node = scene.GetSingletonNode(_TAG, "vtkMRMLSegmentEditorNode")
        if node is None:
            node = scene.CreateNodeByClass("vtkMRMLSegmentEditorNode")
            node.UnRegister(None)
            node.SetSingletonTag(_TAG)
            node = scene.AddNode(node)
            node.SetOverwriteMode(slicer.vtkMRMLSegmentEditorNode.OverwriteAllSegments)
        if self._widget.mrmlSegmentEditorNode() is not node:
            self._widget.setMRMLSegmentEditorNode(node)
