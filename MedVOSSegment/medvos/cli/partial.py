"""Write each slice to a file of its own as soon as it is segmented, for a program that shows it meanwhile."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from medvos.cli.options import ProgressStyle
from medvos.cli.progress import write_line
from medvos.staging import disk_errors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from medvos.propagation.propagate import OnSlice


def slices_into(folder: Path, style: ProgressStyle) -> OnSlice:
    """Return a callable that writes the labels (T, Y, X) uint8 of slice 3 to ``slice-03.npy``; as JSON, a line too.

    A file appears under its name only when it is whole. Raises InputError, at once, where ``folder`` cannot be made.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)

    def write(z: int, labels: NDArray[np.uint8]) -> None:
        import numpy as np

        path = folder / f"slice-{z:02d}.npy"
        unfinished = path.with_suffix(".unfinished")
        # Through a buffer: writing to a file, NumPy hides the operating system's error of a full disk.
        content = io.BytesIO()
        np.save(content, labels)
        with disk_errors(folder):
            unfinished.write_bytes(content.getbuffer())
            unfinished.replace(path)
        if style is ProgressStyle.JSON:
            write_line(event="slice", slice=z, file=path.name)

    return write
