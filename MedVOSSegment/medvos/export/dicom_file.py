"""Write a DICOM object to a file."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def write_dicom(path: Path, dataset: Dataset) -> None:
    """Write ``dataset``; raise OSError as the system does if the disk fails."""
    # Writing directly to a file, pydicom wraps the system's error in a text with its own traceback.
    content = BytesIO()
    dataset.save_as(content)
    path.write_bytes(content.getvalue())
