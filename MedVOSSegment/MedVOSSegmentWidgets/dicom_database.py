"""Slicer's DICOM database; a Slicer that was built without DICOM has none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medvos.cine.cine import Source


def register_plugin() -> None:
    """Offer the cines of the database to be loaded."""
    try:
        from MedVOSSegmentWidgets.dicom_plugin import register
    except ImportError:
        return
    register()


def add_to_database(files: Sequence[Path], source: Source | None) -> str:
    """Add exported DICOM files to the database that has the images of ``source``; return a sentence, or ''."""
    try:
        from MedVOSSegmentWidgets import dicom_plugin
    except ImportError:
        return ""
    return dicom_plugin.add_to_database(files, source)
