"""Read the label descriptions that ITK-SNAP writes beside a label image: a number, a colour and a name a line."""

from __future__ import annotations

import re
from pathlib import Path

# Number, red, green, blue, opacity, visibility in slices and in 3D, and the name.
_LINE = re.compile(r'^\s*(\d+)\s+\d+\s+\d+\s+\d+\s+[\d.]+\s+[01]\s+[01]\s+"([^"]*)"\s*$')
SUFFIXES = (".label", ".txt")
OF_IMAGES = (".nii.gz", ".nii", ".hdr", ".img", ".seq.nrrd", ".nrrd", ".nhdr")  # the longer of two first
LARGEST_FILE = 100_000


def names_beside(path: Path) -> dict[int, str]:
    """Return the names of labels in a description beside a label image, or {} where there is none.

    >>> names_beside(Path("seed.nii.gz"))  # of seed.label or seed.txt  # doctest: +SKIP
    {1: 'LV', 2: 'Myocardium'}
    """
    end = next((end for end in OF_IMAGES if path.name.lower().endswith(end)), path.suffix)
    stem = path.name[: -len(end)] if end else path.name
    for suffix in SUFFIXES:
        file = path.with_name(f"{stem}{suffix}")
        try:
            if not file.is_file() or file.stat().st_size > LARGEST_FILE:
                continue
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        found = {int(match[1]): match[2] for line in lines if (match := _LINE.match(line))}
        found.pop(0, None)
        if found:
            return found
    return {}
