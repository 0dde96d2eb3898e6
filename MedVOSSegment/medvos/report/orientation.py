"""Letters at the edges of an image that name the patient's directions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Positive and negative directions of RAS: right, anterior, head.
LETTERS = (("R", "L"), ("A", "P"), ("H", "F"))
LEAST = 0.4  # cosine from which a direction has a letter of its own


def edge_letters(affine: NDArray[np.float64]) -> dict[str, str] | None:
    """Return the letters of the ``left``, ``right``, ``top`` and ``bottom`` edge, the strongest direction first.

    None where the affine (4, 4), from voxel (x, y, z, 1) to RAS mm, was made up: no short-axis stack lies exactly along
    the patient's axes.

    >>> edge_letters(np.diag([-1.5, -1.5, 8, 1])) is None
    True
    """
    axes = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    if (np.abs(axes).max(axis=0) > 1 - 1e-6).all():
        return None
    across, down = axes[:, 0], axes[:, 1]
    return {"left": _letters(-across), "right": _letters(across), "top": _letters(-down), "bottom": _letters(down)}


def _letters(direction: NDArray[np.float64]) -> str:
    order = np.argsort(-np.abs(direction))
    return "".join(LETTERS[i][int(direction[i] < 0)] for i in order if abs(direction[i]) >= LEAST)
