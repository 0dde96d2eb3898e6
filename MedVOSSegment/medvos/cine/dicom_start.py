"""Tell DICOM by the first bytes of a file, whatever its name."""

from __future__ import annotations

LENGTH = 132
# Old archives hold data sets without the preamble; they begin with an element of group 8.
BARE = (b"\x08\x00\x05\x00", b"\x08\x00\x00\x00", b"\x08\x00\x08\x00", b"\x08\x00\x16\x00")
# Files written without the preamble begin with group 2, always with the type of the value in letters.
META, META_TYPES = b"\x02\x00", (b"UL", b"OB", b"UI")


def has_preamble(start: bytes) -> bool:
    """Return whether these first 132 bytes are those of a DICOM file of the standard's form."""
    return start[128:LENGTH] == b"DICM"


def is_dicom(start: bytes) -> bool:
    """Return whether these first 132 bytes are those of a DICOM file, with or without the preamble."""
    bare = start[:4] in BARE or (start[:2] == META and start[4:6] in META_TYPES)
    return has_preamble(start) or bare
