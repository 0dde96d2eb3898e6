"""Surfaces of all phases for 3D views, made one after the other."""

from __future__ import annotations

from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.surfaces import make_surface
from MedVOSSegmentWidgets import views


class SurfaceQueue:
    """Phases whose surfaces are still to be made. One takes a fraction of a second, all of them some seconds."""

    def __init__(self) -> None:
        self._heart: HeartNodes | None = None
        self._phases: list[int] = []

    def begin(self, heart: HeartNodes) -> None:
        """Queue all phases, beginning with the one in view."""
        first = heart.browser.GetSelectedItemNumber()
        phases = heart.browser.GetNumberOfItems()
        self._heart, self._phases = heart, [(first + k) % phases for k in range(phases)]

    def step(self, heart: HeartNodes | None) -> None:
        """Make the next surface of ``heart``; another heart, or none, empties the queue."""
        if not self._phases:
            return
        if heart is None or heart is not self._heart:
            self._phases = []
            return
        is_first = len(self._phases) == heart.browser.GetNumberOfItems()
        make_surface(heart, self._phases.pop(0))
        if is_first:
            views.show_in_3d()
