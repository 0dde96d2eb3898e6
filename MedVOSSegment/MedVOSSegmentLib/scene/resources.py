"""The extension's data files: the terminology of its structures, and colours.

In a checkout and in Slicer they lie beside the folder of the module.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

RESOURCES = Path(__file__).resolve().parents[3] / "MedVOSResources"
TERMINOLOGY = RESOURCES / "Terminologies" / "MedVOSSegment.term.json"
UNCERTAINTY_COLOURS = RESOURCES / "Colors" / "MedVOSUncertainty.ctbl"


@cache
def terminology_entry(name: str) -> str:
    """Return Slicer's text for the SNOMED CT terminology of the structure ``name`` (LV, Myo, RV, MVO or LA).

    Its parts are context, category, type, type modifier, anatomic context, region and region modifier; each code is
    scheme, value and meaning. Segments carry it, and DICOM SEG exports it.
    """
    terms = json.loads(TERMINOLOGY.read_text(encoding="utf-8"))
    categories = terms["SegmentationCodes"]["Category"]
    category, kind = next((c, kind) for c in categories for kind in c["Type"] if kind["3dSlicerLabel"] == name)
    context = terms["SegmentationCategoryTypeContextName"]
    return "~".join([context, _code(category), _code(kind), "^^", "", "^^", "^^"])


def _code(term: dict[str, str]) -> str:
    return "^".join((term["CodingSchemeDesignator"], term["CodeValue"], term["CodeMeaning"]))
