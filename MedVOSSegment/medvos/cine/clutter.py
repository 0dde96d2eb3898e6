"""What operating systems and file servers add to folders and archives, by name: none of it is an image of anyone."""

from __future__ import annotations

from pathlib import PurePath

# Compared without regard to capitals. Hidden names, AppleDouble companions (._IM1) among them, begin with a dot.
CLUTTER = frozenset(
    {
        "__macosx",
        "@eadir",
        "#recycle",
        "$recycle.bin",
        "system volume information",
        "lost+found",
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "autorun.inf",
    }
)


def is_clutter(name: str) -> bool:
    """Return whether a file or folder of this name holds nothing of a patient.

    >>> is_clutter("__MACOSX"), is_clutter("._IM0001"), is_clutter("IM0001")
    (True, True, False)
    """
    return name.startswith(".") or name.casefold() in CLUTTER


def lies_in_clutter(path: PurePath) -> bool:
    """Return whether any part of a relative path is clutter."""
    return any(is_clutter(part) for part in path.parts)
