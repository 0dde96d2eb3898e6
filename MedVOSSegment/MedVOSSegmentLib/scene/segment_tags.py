"""Tags of segments, which a scene and a ``.seg.nrrd`` keep."""

from __future__ import annotations

from typing import Any


def tag_of(segment: Any, name: str) -> str:
    """Return a tag of a vtkSegment, or '' where it has none of this name."""
    import vtk

    found = vtk.reference("")
    return str(found) if segment.GetTag(name, found) else ""
