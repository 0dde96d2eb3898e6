"""Read a written DICOM Segmentation without the library that wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def read_labels(path: Path, places: Sequence[NDArray[np.float64]], labels: Sequence[int]) -> NDArray[np.uint8]:
    """Read the labels (Z, Y, X), each frame into the slice at its position.

    ``places`` are the LPS positions (3,) in mm of the first voxel of each slice, ``labels`` those of the segments.
    """
    from pydicom import dcmread

    data = dcmread(path)
    frames = data.pixel_array.reshape(-1, data.Rows, data.Columns)
    read = np.zeros((len(places), data.Rows, data.Columns), np.uint8)
    shared = data.SharedFunctionalGroupsSequence[0]
    for frame, group in zip(frames, data.PerFrameFunctionalGroupsSequence, strict=True):
        segment = (group if "SegmentIdentificationSequence" in group else shared).SegmentIdentificationSequence[0]
        read[slice_index_of(group, places)][frame > 0] = labels[segment.ReferencedSegmentNumber - 1]
    return read


def slice_index_of(group: Dataset, places: Sequence[NDArray[np.float64]]) -> int:
    """Return the index of the slice at the position of a functional group's frame."""
    place = np.array(group.PlanePositionSequence[0].ImagePositionPatient, float)
    return int(np.argmin(np.linalg.norm(np.asarray(places) - place, axis=1)))
