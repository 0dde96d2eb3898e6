"""The side from which a slice is seen, and the quarter turn in which it is shown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Radiological images are seen from the left, the front or the feet, and a short axis from the apex between them.
USUAL_SIDE = np.array((-1.0, 1.0, -1.0)) / np.sqrt(3.0)
# A side that points away from it by more than this cosine is the far one; between, the scanner's own choice counts.
FAR_SIDE = -0.5


def plane(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (3, 3) orthonormal columns right, up and towards the viewer in RAS, of the affine (4, 4) of a stack.

    A slice is seen from the side that it was scanned from and only rotated, by quarters of a turn, so that the
    patient's left, or back, is on the right and the head, or front, at the top; nothing is ever mirrored.

    >>> plane(np.diag([-1.5, -1.5, 8, 1]))[:, 0].tolist()
    [-1.0, 0.0, 0.0]
    """
    right, down = affine[:3, 0] / np.linalg.norm(affine[:3, 0]), affine[:3, 1]
    up = -down + (down @ right) * right
    up /= np.linalg.norm(up)
    # Files other than DICOM may hold the rows in the opposite order.
    if np.cross(right, up) @ USUAL_SIDE < FAR_SIDE:
        up = -up
    turns = ((right, up), (up, -right), (-right, -up), (-up, right))
    return facing(*max(turns, key=lambda turn: turn[0] @ (-1.0, -0.5, 0.0) + turn[1] @ (0.0, 0.5, 1.0)))


def facing(right: NDArray[np.float64], up: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (3, 3) columns right, up and towards the viewer."""
    return np.column_stack((right, up, np.cross(right, up)))
