"""STL: a surface of each structure at each phase, in patient coordinates in mm."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from medvos.errors import InputError
from medvos.export.surface import Surface, surface_of
from medvos.export.titles import file_name_of
from medvos.result import Result
from medvos.structures import LV, MVO, MYO, heart_of

# Slicer reads the coordinate system from the header.
HEADER = b"medvos, SPACE=LPS, millimetres"
# The header has 80 characters.
SHORT_NOTICE = b"; MVO not validated, research only"
HEADER_BYTES = 84
FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def write_surfaces(result: Result, folder: Path) -> None:
    """Write ``LV-phase-00.stl`` and so on, binary; no file for a structure that is not labelled at a phase.

    Raises
    ------
    InputError: the result is of an echo clip.
    OSError: the disk fails or is full.
    """
    if result.cine.is_echo:
        raise InputError("An echo clip is one plane without a thickness and has no surface: export it as nifti.")
    for label in np.unique(result.labels[result.labels > 0]):
        name = file_name_of(result, int(label))
        for t, phase in enumerate(result.labels):
            # What is obstructed is wall all the same, and would be a hole in it.
            mask = (heart_of(phase) if label == MYO else phase) == label
            surface = surface_of(mask, result.cine.affine, phase == LV if label == MYO else None)
            if surface is not None:
                (folder / f"{name}-phase-{t:02d}.stl").write_bytes(stl(surface, SHORT_NOTICE if label == MVO else b""))


def expected_size(result: Result) -> tuple[int, int]:
    """Return the number of files that `write_surfaces` will write and about how many bytes they will have.

    The surfaces of one phase stand for those of all others.

    >>> expected_size(result)  # doctest: +SKIP
    (75, 96000000)
    """
    files = size = 0
    for label in np.unique(result.labels[result.labels > 0]):
        phases = [phase for phase in result.labels if (phase == label).any()]
        phase = phases[len(phases) // 2]
        surface = surface_of(phase == label, result.cine.affine, phase == LV if label == MYO else None)
        files += len(phases)
        size += 0 if surface is None else len(phases) * (HEADER_BYTES + FACET.itemsize * len(surface.triangles))
    return files, size


def stl(surface: Surface, notice: bytes = b"") -> bytes:
    """Return the surface as a binary STL file, whose header ends with ``notice``."""
    facets = np.zeros(len(surface.triangles), FACET)
    corners = surface.points[surface.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    facets["corners"] = corners
    facets["normal"] = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return (HEADER + notice).ljust(80, b"\0") + np.uint32(len(facets)).astype("<u4").tobytes() + facets.tobytes()
