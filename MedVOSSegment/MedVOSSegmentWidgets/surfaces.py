"""The beating heart in 3D: a surface for each phase, made one after the other."""

from __future__ import annotations

from typing import Any

from MedVOSSegmentLib.scene.surfaces import make_surface
from MedVOSSegmentWidgets import views


class Surfaces:
    """Phases whose surfaces are still to be made. One takes a fraction of a second, all of them some seconds."""

    def __init__(self) -> None:
        self._heart: Any = None
        self._phases: list[int] = []

    def begin(self, heart: Any) -> None:
        """Make them all, beginning with the phase in view."""
        first = heart.browser.GetSelectedItemNumber()
        phases = heart.browser.GetNumberOfItems()
        self._heart, self._phases = heart, [(first + k) % phases for k in range(phases)]

    def step(self, heart: Any) -> None:
        """Make the next one, if `heart` is the one to be shown; another heart, or none, ends it."""
        if not self._phases:
            return
        if heart is not self._heart:
            self._phases = []
            return
        is_first = len(self._phases) == heart.browser.GetNumberOfItems()
        make_surface(heart, self._phases.pop(0))
        if is_first:
            views.show_in_3d()
