"""Tell copies of a DICOM file from different images that share an identifier."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

# Without one of these, two files that say the same may still be two phases.
TELLING = ("SOPInstanceUID", "InstanceNumber", "TriggerTime", "ContentTime", "AcquisitionTime")


class HasData(Protocol):
    """A file and its header without pixels."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def data(self) -> Dataset:
        """Its header."""


def copies_among(files: Sequence[HasData], keywords: Iterable[str]) -> set[Path]:
    """Return the files that are copies of one before them: every one of `keywords` is the same, and so are the pixels.

    Pixels are read only where two files say the same of themselves.
    """
    alike: dict[tuple[str, ...], list[HasData]] = defaultdict(list)
    keywords = tuple(keywords)
    for file in files:
        if any(file.data.get(keyword) for keyword in TELLING):
            alike[tuple(repr(file.data.get(keyword)) for keyword in keywords)].append(file)
    copies = set()
    for group in alike.values():
        seen: set[bytes] = set()
        encodings = {str(file.data.file_meta.get("TransferSyntaxUID")) for file in group}
        for file in group if len(group) > 1 else ():
            pixels = _pixels(file.path, len(encodings) > 1)
            if pixels in seen:
                copies.add(file.path)
            seen.add(pixels)
    return copies


def sharing(files: Iterable[HasData]) -> int:
    """Return how many files have the SOPInstanceUID of another."""
    uids = [str(uid) for file in files if (uid := file.data.get("SOPInstanceUID"))]
    counts = Counter(uids)
    return sum(counts[uid] > 1 for uid in uids)


def _pixels(path: Path, decoded: bool) -> bytes:
    """The SHA-256 of the stored pixels: as they are encoded, or `decoded` where two files are encoded differently."""
    from pydicom import dcmread
    from pydicom.pixels import pixel_array

    if decoded:
        return hashlib.sha256(pixel_array(path).tobytes()).digest()
    return hashlib.sha256(dcmread(path, force=True, specific_tags=["PixelData"]).get("PixelData") or b"").digest()
