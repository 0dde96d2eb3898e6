"""Surfaces of all phases for 3D views, made one after the other and again after an edit."""

from __future__ import annotations

from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.surfaces import has_surface, make_next_surface, remove_surface, sphere_around
from MedVOSSegmentWidgets import views


class SurfaceQueue:
    """Keeps the surfaces of the heart in view. A surface takes up to a tenth of a second, all of them seconds."""

    def __init__(self) -> None:
        # The heart in view, and the same where its surfaces are kept.
        self._seen: HeartNodes | None = None
        self._heart: HeartNodes | None = None
        self._is_framed = False

    def shows(self, heart: HeartNodes | None) -> bool:
        """Return whether the surfaces of ``heart``, the one in view, are kept."""
        self._look(heart)
        return self._heart is not None

    def begin(self, heart: HeartNodes) -> None:
        """Make the surfaces of all phases in coming steps, and look at the first of them."""
        self._seen = self._heart = heart
        self._is_framed = False

    def end(self) -> None:
        """Remove the surfaces."""
        if self._heart is not None:
            for phase in range(self._heart.browser.GetNumberOfItems()):
                remove_surface(self._heart, phase)
        self._heart = None

    def step(self, heart: HeartNodes | None) -> None:
        """Make the next surface of a segment that ``heart`` lacks, in the phase in view first; None waits.

        A heart without surfaces is not shown in 3D until `begin`.
        """
        if heart is None:
            return
        self._look(heart)
        if self._heart is None:
            return
        first, phases = heart.browser.GetSelectedItemNumber(), heart.browser.GetNumberOfItems()
        lacking = ((first + k) % phases for k in range(phases))
        phase = next((phase for phase in lacking if not has_surface(heart, phase)), None)
        if phase is not None:
            make_next_surface(heart, phase)
        sphere = None if self._is_framed else sphere_around(heart, first)
        if sphere is not None:
            self._is_framed = True
            views.show_in_3d(*sphere)

    def _look(self, heart: HeartNodes | None) -> None:
        """Keep the surfaces of another heart that comes into view, or comes back, with some."""
        if heart is not self._seen:
            self._seen = heart
            self._heart = heart if heart is not None and _has_surfaces(heart) else None
            self._is_framed = True


def _has_surfaces(heart: HeartNodes) -> bool:
    return any(has_surface(heart, phase) for phase in range(heart.browser.GetNumberOfItems()))
