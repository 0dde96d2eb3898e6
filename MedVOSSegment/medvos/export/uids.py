"""Unique identifiers that are the same if the same object is exported again.

They are name-based UUIDs (RFC 9562, version 5) under the root 2.25 that DICOM keeps for UUIDs (PS3.5, B.2).
"""

from __future__ import annotations

import hashlib
import uuid

import numpy as np
from numpy.typing import NDArray

ROOT = uuid.UUID("6f1c3a52-7f0e-4c0a-9b7e-3d5a1c9e8b40")


def stable_uid(*parts: object) -> str:
    """Return the UID of these parts; another one if any of them differs.

    >>> stable_uid("seg", 1) == stable_uid("seg", 1) != stable_uid("seg", 2)
    True
    """
    return f"2.25.{uuid.uuid5(ROOT, chr(31).join(map(str, parts))).int}"


def digest_of(array: NDArray) -> str:
    """Return the SHA-256 of shape, type and values of ``array``."""
    content = hashlib.sha256(f"{array.shape} {array.dtype.str}".encode())
    content.update(np.ascontiguousarray(array).data)
    return content.hexdigest()
