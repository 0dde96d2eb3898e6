"""What a written DICOM Segmentation holds, read without the library that wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def read_labels(path: Path, places: Sequence[NDArray[np.float64]], labels: Sequence[int]) -> NDArray[np.uint8]:
    """(Z, Y, X) labels in the file, put where its frames say that they lie.

    ``places`` are the LPS positions (3,) in mm of the first voxel of each slice, ``labels`` those of the segments.
    """
    from pydicom import dcmread

    data = dcmread(path)
    frames = data.pixel_array.reshape(-1, data.Rows, data.Columns)
    read = np.zeros((len(places), data.Rows, data.Columns), np.uint8)
    shared = data.SharedFunctionalGroupsSequence[0]
    for frame, group in zip(frames, data.PerFrameFunctionalGroupsSequence, strict=True):
        segment = (group if "SegmentIdentificationSequence" in group else shared).SegmentIdentificationSequence[0]
        read[level_of(group, places)][frame > 0] = labels[segment.ReferencedSegmentNumber - 1]
    return read


def level_of(group: Dataset, places: Sequence[NDArray[np.float64]]) -> int:
    """The slice at which the frame of a functional group lies."""
    place = np.array(group.PlanePositionSequence[0].ImagePositionPatient, float)
    return int(np.argmin(np.linalg.norm(np.asarray(places) - place, axis=1)))
