"""Tell an unchanged proposal from a drawing by its file alone, without the cine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.nifti import load_volume
from medvos.cine.seed import digest_of, proposals_in
from medvos.errors import InputError


def has_unchanged_proposal(path: Path) -> bool:
    """Return whether a slice of a label file is as `medvos propose` wrote it; False where it cannot be read.

    >>> has_unchanged_proposal(Path("seeds/P-001.nii.gz"))  # doctest: +SKIP
    True
    """
    try:
        proposals = proposals_in(path)
        return bool(proposals) and any(digest_of(view) in proposals for view in _views(load_volume(path).voxels))
    except (InputError, OSError):
        return False


def _views(voxels: NDArray) -> Iterator[NDArray[np.uint8]]:
    """Yield each labelled slice of (..., Y, X) as another program may have stored it: its rows and columns swapped or
    in reverse order.
    """
    slices = voxels.reshape(-1, *voxels.shape[-2:])
    for drawn in slices[slices.any(axis=(1, 2))].astype(np.uint8):
        for turned in (drawn, drawn.T):
            yield from (turned[::rows, ::columns] for rows in (1, -1) for columns in (1, -1))
