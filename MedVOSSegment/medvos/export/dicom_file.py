"""Writing a DICOM object to a file."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def write_dicom(path: Path, dataset: Dataset) -> None:
    """Write ``dataset``; OSError as the system raises it where the disk does not take it."""
    # Straight to a file, pydicom wraps what the system says into a text with its own traceback.
    content = BytesIO()
    dataset.save_as(content)
    path.write_bytes(content.getvalue())
