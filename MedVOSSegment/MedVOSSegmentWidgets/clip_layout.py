"""The layout of the views: a clip, which has one plane, is shown in one view."""

from __future__ import annotations

import slicer


class ClipLayout:
    """Shows one view for a clip, and the user's layout again afterwards."""

    def __init__(self) -> None:
        self._before: int | None = None

    def show(self, *, is_clip: bool) -> None:
        """Choose the layout for what is open now."""
        manager = slicer.app.layoutManager()
        single = slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView
        if is_clip and self._before is None and manager.layout != single:
            self._before = manager.layout
            manager.setLayout(single)
        elif not is_clip and self._before is not None:
            # The user may have chosen another layout meanwhile.
            if manager.layout == single:
                manager.setLayout(self._before)
            self._before = None
