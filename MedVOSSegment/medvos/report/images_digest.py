"""The digest of a cine's intensities, by which another run tells whether it is the same cine."""

from __future__ import annotations

import hashlib

import numpy as np

from medvos.cine.cine import Cine


def images_digest(cine: Cine) -> str | None:
    """Return SHA-256 of the intensities (T, Z, Y, X) as float32; None where they are not at hand.

    >>> images_digest(medvos.read("cine.nii.gz"))[:8]  # doctest: +SKIP
    'd34cf8a5'
    """
    if not cine.array.any():  # of a clip that is read frame by frame, or of a stored result
        return None
    digest = hashlib.sha256()
    for phase in cine.array:
        digest.update(np.ascontiguousarray(phase, np.dtype("<f4")).data)
    return digest.hexdigest()
