"""Where the extension keeps its data: in a checkout and in Slicer beside the folder of the module."""

from __future__ import annotations

from pathlib import Path

RESOURCES = Path(__file__).resolve().parents[3] / "MedVOSResources"
TERMINOLOGY = RESOURCES / "Terminologies" / "MedVOSSegment.term.json"
UNCERTAINTY_COLOURS = RESOURCES / "Colors" / "MedVOSUncertainty.ctbl"
