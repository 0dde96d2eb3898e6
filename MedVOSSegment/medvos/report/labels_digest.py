"""Digest of a label map, by which a report knows the labels that it was written with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class LabelsDigest:
    """SHA-256 of the shape and the labels of a map (T, Z, Y, X), to which frames are added in their order.

    >>> digest = LabelsDigest(labels.shape)
    >>> digest.add(labels[:5])
    >>> digest.add(labels[5:])
    >>> digest.sha256 == labels_digest(labels)
    True
    """

    def __init__(self, shape: Sequence[int]) -> None:
        self._hash = hashlib.sha256(repr(tuple(int(size) for size in shape)).encode())

    def add(self, labels: NDArray[np.uint8]) -> None:
        """Add the next labels, of any number of whole frames."""
        self._hash.update(np.ascontiguousarray(labels, np.uint8).data)

    @property
    def sha256(self) -> str:
        """The digest of what was added, in hexadecimal."""
        return self._hash.hexdigest()


def labels_digest(labels: NDArray[np.uint8]) -> str:
    """Return the SHA-256 of a label map (T, Z, Y, X) in hexadecimal.

    >>> labels_digest(result.labels) == labels_digest(result.labels.copy())
    True
    """
    digest = LabelsDigest(labels.shape)
    for phase in labels:
        digest.add(phase)
    return digest.sha256
