"""The Segment Editor inside the panel; its parameter node belongs to the scene."""

from __future__ import annotations

from typing import Any

import slicer

_TAG = "MedVOSSegment"
EFFECTS = ("Paint", "Draw", "Erase", "Level tracing", "Margin", "Smoothing", "Islands", "Logical operators")


class Editor:
    """Edits the segments of the open cine."""

    def __init__(self, widget: Any) -> None:
        self._widget = widget
        widget.setEffectNameOrder(list(EFFECTS))
        widget.unorderedEffectsVisible = False
        widget.switchToSegmentationsButtonVisible = False
        # It shows the phase in view alone; the panel's own button shows the heart at every phase.
        for button in slicer.util.findChildren(widget, name="Show3DButton"):
            button.visible = False
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
