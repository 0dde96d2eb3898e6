"""The parts of Slicer's own widgets, which have names but no properties."""

from __future__ import annotations

from typing import Any

import slicer


def part(widget: Any, name: str) -> Any:
    """Return the child of a name, or None: another version of Slicer may have none."""
    found = slicer.util.findChildren(widget, name=name)
    return found[0] if found else None


def hide_parts(widget: Any, *names: str) -> None:
    """Hide the children of these names."""
    for each in (part(widget, name) for name in names):
        if each is not None:
            each.setVisible(False)
