"""Cines that another module or a script brings into the scene while the module is open."""

from __future__ import annotations

from typing import Any

from MedVOSSegmentLib.scene.cine_nodes import shows_cine


class Offers:
    """Keeps new sequence browsers until they show a cine, which a loader fills in after it has added them."""

    def __init__(self) -> None:
        self._waiting: list[Any] = []

    def append(self, browser: Any) -> None:
        """Keep a browser that came into the scene."""
        self._waiting.append(browser)

    def take(self, shown: Any) -> list[Any]:
        """Return those that show a cine by now, but the one that is ``shown`` already, and forget them."""
        waiting = [browser for browser in self._waiting if browser.GetScene() is not None]
        ready = [browser for browser in waiting if shows_cine(browser)]
        self._waiting = [browser for browser in waiting if browser not in ready]
        return [browser for browser in ready if browser is not shown]
